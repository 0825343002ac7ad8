// Which values does a saved query ask for: names, types, defaults?

import { Plus, X } from "lucide-react";
import { PARAMETER_TYPES, type Parameter, type ParameterType } from "~/api/saved-queries";
import { Button, IconButton } from "~/ui/button";
import { BareSelect } from "~/ui/choice";
import { BareInput } from "~/ui/field";

interface ParameterEditorProps {
  parameters: readonly Parameter[];
  /** How many the text asks for. */
  wanted: number;
  engine: string;
  disabled: boolean;
  onChange: (parameters: readonly Parameter[]) => void;
}

const SECRET = /passw|secret|token|api_?key|credential/i;

export function ParameterEditor({ parameters, wanted, engine, disabled, onChange }: ParameterEditorProps) {
  const set = (index: number, change: Partial<Parameter>) => onChange(parameters.map((one, at) => (at === index ? { ...one, ...change } : one)));
  const add = () => onChange([...parameters, { name: `p${parameters.length + 1}`, type: "text" }]);
  return (
    <div className="flex flex-col gap-2">
      {parameters.map((parameter, index) => {
        const place = engine === "postgres" ? `$${index + 1}` : `value ${index + 1}`;
        return (
          <div key={index} className="flex flex-wrap items-center gap-2">
            <code className="w-14 shrink-0 font-mono text-xs text-ink-faint">{place}</code>
            <BareInput label={`Name of ${place}`} className="!w-36" value={parameter.name} disabled={disabled} onChange={(event) => set(index, { name: event.target.value })} />
            <BareSelect<ParameterType> label={`Type of ${place}`} value={parameter.type} disabled={disabled} onChange={(type) => set(index, { type })} choices={PARAMETER_TYPES.map((type) => ({ value: type, label: type }))} />
            <BareInput label={`Default of ${place}`} placeholder="none: required" className="!w-36" value={parameter.default ?? ""} disabled={disabled} onChange={(event) => set(index, { default: event.target.value === "" ? undefined : event.target.value })} />
            <BareInput label={`What ${place} is about`} placeholder="what it is about" className="!w-56 flex-1" value={parameter.description ?? ""} disabled={disabled} onChange={(event) => set(index, { description: event.target.value || undefined })} />
            {!disabled && (
              <IconButton label={`Remove ${place}`} size="small" onClick={() => onChange(parameters.filter((_, at) => at !== index))}>
                <X className="size-3.5" aria-hidden="true" />
              </IconButton>
            )}
          </div>
        );
      })}
      {parameters.some(({ name }) => SECRET.test(name)) && <p className="text-xs text-warn">Passwords, keys and tokens are no parameters: values stand in links and in the history of browsers.</p>}
      {wanted !== parameters.length && <p className="text-xs text-warn">The statement asks for {wanted} {wanted === 1 ? "value" : "values"}; {parameters.length} {parameters.length === 1 ? "is" : "are"} described.</p>}
      {!disabled && (
        <div>
          <Button size="small" onClick={add} icon={<Plus className="size-3.5" aria-hidden="true" />}>
            Add parameter
          </Button>
        </div>
      )}
    </div>
  );
}
