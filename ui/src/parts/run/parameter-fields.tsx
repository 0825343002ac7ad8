// Which values does the statement ask for, and what are they?

import type { Parameter } from "~/api/saved-queries";
import { Checkbox, SelectField } from "~/ui/choice";
import { TextField } from "~/ui/field";
import { EXAMPLES, valueProblem } from "./parameter-check";

export type Values = readonly (string | null)[];

interface ParameterFieldsProps {
  /** How many values the text asks for. */
  count: number;
  /** What a saved query says of them; nothing of a text that is not saved. */
  parameters?: readonly Parameter[];
  engine: string;
  values: Values;
  onChange: (values: Values) => void;
  /** It was tried to run it: what is missing is said, too. */
  isTried?: boolean;
}

/** The values at first: the defaults, else nothing typed yet. */
export const firstValues = (count: number, parameters: readonly Parameter[] = []): Values => Array.from({ length: count }, (_, index) => parameters[index]?.default ?? "");

export function ParameterFields({ count, parameters = [], engine, values, onChange, isTried = false }: ParameterFieldsProps) {
  if (count === 0) {
    return null;
  }
  const set = (index: number, value: string | null) => onChange(Array.from({ length: count }, (_, at) => (at === index ? value : (values[at] ?? (values[at] === null ? null : "")))));
  return (
    <fieldset className="grid grid-cols-[repeat(auto-fill,minmax(13rem,1fr))] gap-3">
      <legend className="sr-only">Values of the statement</legend>
      {Array.from({ length: count }, (_, index) => {
        const about = parameters[index];
        const value = values[index] ?? (values[index] === null ? null : "");
        const place = engine === "postgres" ? `$${index + 1}` : `value ${index + 1}`;
        const problem = about && (isTried || value !== "") ? valueProblem(about, value) : undefined;
        return (
          <div key={index} className="flex flex-col gap-1">
            <ValueField about={about} place={place} value={value} error={problem} onChange={(next) => set(index, next)} />
            <Checkbox label={<span className="text-xs text-ink-soft">NULL{about ? "" : ` for ${place}`}</span>} checked={value === null} onChange={(isNull) => set(index, isNull ? null : "")} />
          </div>
        );
      })}
    </fieldset>
  );
}

const NOT_CHOSEN = "-";
const NUMERIC: ReadonlySet<string> = new Set(["integer", "number"]);

function ValueField({ about, place, value, error, onChange }: { about: Parameter | undefined; place: string; value: string | null; error: string | undefined; onChange: (value: string) => void }) {
  const label = about ? `${about.name} (${about.type})` : place;
  const help = about?.description ?? undefined;
  if (about?.type === "boolean" && value !== null) {
    return (
      <SelectField
        label={label}
        help={help}
        error={error}
        value={value === "true" || value === "false" ? value : NOT_CHOSEN}
        onChange={(next) => onChange(next === NOT_CHOSEN ? "" : next)}
        choices={[
          { value: NOT_CHOSEN, label: "choose" },
          { value: "true", label: "true" },
          { value: "false", label: "false" },
        ]}
      />
    );
  }
  return (
    <TextField
      label={label}
      help={help}
      error={error}
      value={value ?? ""}
      disabled={value === null}
      placeholder={value === null ? "NULL" : about && about.type !== "text" ? EXAMPLES[about.type] : undefined}
      inputMode={about && NUMERIC.has(about.type) ? "decimal" : undefined}
      onChange={(event) => onChange(event.target.value)}
      autoComplete="off"
      spellCheck={false}
      dir="auto"
    />
  );
}
