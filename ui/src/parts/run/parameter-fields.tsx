// Which values does the statement ask for, and what are they?

import { Checkbox } from "~/ui/choice";
import { TextField } from "~/ui/field";
import type { Parameter } from "~/api/saved-queries";

export type Values = readonly (string | null)[];

interface ParameterFieldsProps {
  /** How many values the text asks for. */
  count: number;
  /** What a saved query says of them; nothing of a text that is not saved. */
  parameters?: readonly Parameter[];
  engine: string;
  values: Values;
  onChange: (values: Values) => void;
}

/** The values at first: the defaults, else nothing typed yet. */
export const firstValues = (count: number, parameters: readonly Parameter[] = []): Values => Array.from({ length: count }, (_, index) => parameters[index]?.default ?? "");

export function ParameterFields({ count, parameters = [], engine, values, onChange }: ParameterFieldsProps) {
  if (count === 0) {
    return null;
  }
  const set = (index: number, value: string | null) => onChange(Array.from({ length: count }, (_, at) => (at === index ? value : (values[at] ?? ""))));
  return (
    <fieldset className="grid grid-cols-[repeat(auto-fill,minmax(13rem,1fr))] gap-3">
      <legend className="sr-only">Values of the statement</legend>
      {Array.from({ length: count }, (_, index) => {
        const about = parameters[index];
        const value = values[index] ?? (values[index] === null ? null : "");
        const place = engine === "postgres" ? `$${index + 1}` : `value ${index + 1}`;
        return (
          <div key={index} className="flex flex-col gap-1">
            <TextField
              label={about ? `${about.name} (${about.type})` : place}
              help={about?.description ?? undefined}
              value={value ?? ""}
              disabled={value === null}
              placeholder={value === null ? "NULL" : undefined}
              onChange={(event) => set(index, event.target.value)}
              autoComplete="off"
              spellCheck={false}
              dir="auto"
            />
            <Checkbox label={<span className="text-xs text-ink-soft">NULL{about ? "" : ` for ${place}`}</span>} checked={value === null} onChange={(isNull) => set(index, isNull ? null : "")} />
          </div>
        );
      })}
    </fieldset>
  );
}
