// Which conditions does a rule have? Offered from the reference, values from what was seen.

import { X } from "lucide-react";
import { useState } from "react";
import { IconButton } from "~/ui/button";
import { BareSelect, Segments } from "~/ui/choice";
import { BareInput } from "~/ui/field";
import { classes } from "~/ui/classes";
import { conditionValue, emptyCondition, type ConditionForm, type TimeValue } from "./model";
import type { Suggestion } from "./observed";
import { CONDITIONS, conditionOf, DAYS } from "./reference";
import { WordsInput } from "./words-input";

const NONE = "none";

interface ConditionsProps {
  /** `when` or `unless`. */
  where: "when" | "unless";
  title: string;
  about: string;
  conditions: readonly ConditionForm[];
  onChange: (conditions: readonly ConditionForm[]) => void;
  suggest: (key: string, typed: string) => readonly Suggestion[];
  /** By `where.key`. */
  wrong: Readonly<Record<string, string>>;
}

export function Conditions({ where, title, about, conditions, onChange, suggest, wrong }: ConditionsProps) {
  const [added, setAdded] = useState<string>();
  const free = CONDITIONS.filter((one) => !conditions.some((there) => there.key === one.key));
  const set = (at: number, next: ConditionForm) => onChange(conditions.map((one, index) => (index === at ? next : one)));
  return (
    <fieldset className="flex min-w-0 flex-col gap-2">
      <legend className="mb-1 text-[13px] font-medium text-ink">
        {title} <span className="font-normal text-ink-soft">{about}</span>
      </legend>
      {conditions.map((one, at) => (
        <div key={one.key} role="group" aria-label={`${where} ${one.key}`} className="grid grid-cols-[7.5rem_minmax(0,1fr)_auto] items-start gap-2 max-sm:grid-cols-[minmax(0,1fr)_auto]">
          <div className="pt-1.5 max-sm:col-span-2 max-sm:pt-0">
            <code className="font-mono text-xs font-medium text-ink">{one.key}</code>
            <p className="text-2xs text-ink-soft sm:hidden">{conditionOf(one.key)?.about}</p>
          </div>
          <Value where={where} one={one} onChange={(next) => set(at, next)} suggest={suggest} error={wrong[`${where}.${one.key}`]} isNew={added === one.key} />
          <IconButton label={`Remove ${where} ${one.key}`} size="small" onClick={() => onChange(conditions.filter((_, index) => index !== at))}>
            <X className="size-3.5" aria-hidden="true" />
          </IconButton>
        </div>
      ))}
      <BareSelect
        label={where === "when" ? "Add a condition" : "Add an exception"}
        value={NONE}
        onChange={(key) => {
          if (key !== NONE) {
            setAdded(key);
            onChange([...conditions, emptyCondition(key)]);
          }
        }}
        choices={[{ value: NONE, label: where === "when" ? "Add a condition …" : "Add an exception …" }, ...free.map((one) => ({ value: one.key, label: one.key, note: one.about }))]}
        className="w-52"
      />
    </fieldset>
  );
}

function Value({ where, one, onChange, suggest, error, isNew }: { where: string; one: ConditionForm; onChange: (next: ConditionForm) => void; suggest: ConditionsProps["suggest"]; error: string | undefined; isNew: boolean }) {
  const condition = conditionOf(one.key);
  const label = `Values of ${where} ${one.key}`;
  if (one.other || condition === undefined) {
    return <code className="pt-1.5 font-mono text-xs break-all text-ink-soft">{JSON.stringify(conditionValue(one))} · change it in the text</code>;
  }
  switch (condition.shape) {
    case "truth":
      return (
        <Segments
          label={label}
          value={one.truth ? "true" : "false"}
          onChange={(value) => onChange({ ...one, truth: value === "true" })}
          choices={[
            { value: "true", label: "true" },
            { value: "false", label: "false" },
          ]}
        />
      );
    case "number":
      return (
        <div>
          <BareInput label={label} inputMode="numeric" value={one.number} onChange={(event) => onChange({ ...one, number: event.target.value })} placeholder={condition.example} aria-invalid={error !== undefined || undefined} autoFocus={isNew} className="max-w-40" />
          {error !== undefined && <p className="mt-1 text-xs font-medium text-danger">{error}</p>}
        </div>
      );
    case "time":
      return <Time label={label} time={one.time} onChange={(time) => onChange({ ...one, time })} error={error} />;
    default:
      return <WordsInput label={label} words={one.words} onChange={(words) => onChange({ ...one, words })} suggest={(typed) => suggest(one.key, typed)} placeholder={condition.example} error={error} autoFocus={isNew} />;
  }
}

function Time({ label, time, onChange, error }: { label: string; time: TimeValue; onChange: (time: TimeValue) => void; error: string | undefined }) {
  return (
    <div className="flex min-w-0 flex-col gap-2">
      <div role="group" aria-label={`${label}: days`} className="flex flex-wrap gap-1">
        {DAYS.map((day) => {
          const isOn = time.days.includes(day);
          return (
            <button
              key={day}
              type="button"
              aria-pressed={isOn}
              onClick={() => onChange({ ...time, days: DAYS.filter((one) => (one === day ? !isOn : time.days.includes(one))) })}
              className={classes("h-7 rounded-md border px-2 text-xs font-medium", isOn ? "border-brand bg-brand-soft text-brand-text" : "border-line-strong text-ink-soft hover:bg-hover")}
            >
              {day}
            </button>
          );
        })}
      </div>
      <div className="flex flex-wrap items-center gap-2 text-xs text-ink-soft">
        from <BareInput label={`${label}: from`} value={time.from} onChange={(event) => onChange({ ...time, from: event.target.value })} placeholder="08:00" className="w-20" />
        to <BareInput label={`${label}: to`} value={time.to} onChange={(event) => onChange({ ...time, to: event.target.value })} placeholder="18:00" className="w-20" />
        UTC <BareInput label={`${label}: distance from UTC`} value={time.offset} onChange={(event) => onChange({ ...time, offset: event.target.value })} placeholder="+01:00" className="w-24" />
      </div>
      {error !== undefined && <p className="text-xs font-medium text-danger">{error}</p>}
    </div>
  );
}
