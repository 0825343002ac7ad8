// Which words are meant? Each a chip; what is typed is completed from what is known.

import { X } from "lucide-react";
import { useId, useState } from "react";
import { CONTROL } from "~/ui/field";
import { classes } from "~/ui/classes";
import type { Suggestion } from "./observed";

interface WordsInputProps {
  label: string;
  words: readonly string[];
  onChange: (words: readonly string[]) => void;
  /** What may be meant by what is typed. */
  suggest?: (typed: string) => readonly Suggestion[];
  placeholder?: string;
  error?: string;
  disabled?: boolean;
  autoFocus?: boolean;
}

/** Enter or a comma adds what is typed; Backspace in an empty field takes the last one away. */
export function WordsInput({ label, words, onChange, suggest, placeholder, error, disabled = false, autoFocus }: WordsInputProps) {
  const id = useId();
  const [typed, setTyped] = useState("");
  const add = (text: string) => {
    const found = text.split(",").map((word) => word.trim()).filter((word) => word !== "" && !words.includes(word));
    setTyped("");
    if (found.length > 0) {
      onChange([...words, ...new Set(found)]);
    }
  };
  const offered = (suggest?.(typed) ?? []).filter((one) => !words.includes(one.value));
  return (
    <div className="flex min-w-0 flex-1 flex-col gap-1">
      <div className={classes(CONTROL, "flex min-h-8 flex-wrap items-center gap-1 px-1.5 py-1 focus-within:outline-2 focus-within:outline-focus", disabled && "bg-subtle", error !== undefined && "border-danger")}>
        {words.map((word) => (
          <span key={word} className="inline-flex min-h-6 max-w-full items-center rounded bg-subtle pl-2 font-mono text-xs">
            <span className="min-w-0 break-all">{word}</span>
            <button type="button" disabled={disabled} aria-label={`Remove ${word} from ${label}`} onClick={() => onChange(words.filter((one) => one !== word))} className="flex size-6 shrink-0 items-center justify-center rounded text-ink-soft hover:text-ink">
              <X className="size-3" aria-hidden="true" />
            </button>
          </span>
        ))}
        <input
          aria-label={label}
          aria-invalid={error !== undefined || undefined}
          aria-describedby={error === undefined ? undefined : `${id}-error`}
          list={offered.length > 0 ? `${id}-known` : undefined}
          value={typed}
          disabled={disabled}
          autoFocus={autoFocus}
          placeholder={words.length === 0 ? placeholder : undefined}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => {
            const { value } = event.target;
            // Chosen from the list, or typed to the end of one word.
            const isChosen = !("inputType" in event.nativeEvent) || (event.nativeEvent as InputEvent).inputType === "insertReplacementText";
            if (value.endsWith(",") || (isChosen && !value.endsWith("."))) {
              add(value);
            } else {
              setTyped(value);
            }
          }}
          onBlur={() => add(typed)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && typed.trim() !== "") {
              event.preventDefault();
              add(typed);
            } else if (event.key === "Backspace" && typed === "" && words.length > 0) {
              onChange(words.slice(0, -1));
            }
          }}
          className="h-6 min-w-24 flex-1 bg-transparent px-1 font-mono text-xs text-ink outline-none placeholder:text-ink-faint"
        />
        {offered.length > 0 && (
          <datalist id={`${id}-known`}>
            {offered.map((one) => (
              <option key={one.value} value={one.value} label={one.about} />
            ))}
          </datalist>
        )}
      </div>
      {error !== undefined && (
        <p id={`${id}-error`} role="alert" className="text-xs font-medium text-danger">
          {error}
        </p>
      )}
    </div>
  );
}
