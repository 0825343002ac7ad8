// Which of a few is it, where each needs a line to explain it?

import { Check } from "lucide-react";
import { useId, type ReactNode } from "react";
import { classes } from "~/ui/classes";

export interface CardChoice<T extends string> {
  value: T;
  label: ReactNode;
  note?: ReactNode;
  icon?: ReactNode;
}

interface ChoiceCardsProps<T extends string> {
  label: string;
  value: T;
  onChange: (value: T) => void;
  choices: readonly CardChoice<T>[];
  disabled?: boolean;
  error?: ReactNode;
  /** Tailwind's columns; as many as fit otherwise. */
  columns?: string;
}

/** Radio buttons in cards: arrows move between them, as between any radio buttons. */
export function ChoiceCards<T extends string>({ label, value, onChange, choices, disabled, error, columns = "grid-cols-[repeat(auto-fit,minmax(9rem,1fr))]" }: ChoiceCardsProps<T>) {
  const name = useId();
  return (
    <fieldset disabled={disabled} className="min-w-0">
      <legend className="mb-1.5 text-[13px] font-medium text-ink">{label}</legend>
      <div className={classes("grid gap-2", columns)}>
        {choices.map((choice) => (
          <label
            key={choice.value}
            className={classes(
              "relative flex cursor-pointer flex-col gap-1 rounded-md border border-line-strong bg-surface px-3 py-2 text-[13px] hover:bg-hover",
              "has-checked:border-brand has-checked:bg-brand-soft has-focus-visible:outline-2 has-focus-visible:outline-focus has-disabled:cursor-not-allowed has-disabled:opacity-55",
            )}
          >
            <input type="radio" name={name} value={choice.value} checked={choice.value === value} onChange={() => onChange(choice.value)} aria-labelledby={`${name}-${choice.value}`} aria-describedby={choice.note ? `${name}-${choice.value}-note` : undefined} className="sr-only" />
            <span className="flex items-center gap-2 font-medium">
              {choice.icon}
              <span id={`${name}-${choice.value}`}>{choice.label}</span>
              <Check className={classes("ml-auto size-3.5 text-brand", choice.value !== value && "invisible")} aria-hidden="true" />
            </span>
            {choice.note && <span id={`${name}-${choice.value}-note`} className="text-xs text-ink-soft">{choice.note}</span>}
          </label>
        ))}
      </div>
      {error && (
        <p role="alert" className="mt-1.5 text-xs font-medium text-danger">
          {error}
        </p>
      )}
    </fieldset>
  );
}
