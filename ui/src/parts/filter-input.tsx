// How is a filter of the page typed? It reaches the URL when the typing rests.

import { Search } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { classes } from "~/ui/classes";
import { BareInput } from "~/ui/field";
import { useShortcuts } from "~/ui/shortcuts";
import { usePageSearch } from "./search";

const REST_MS = 350;

interface FilterInputProps {
  /** The word in the URL. */
  name: string;
  label: string;
  placeholder?: string;
  /** Reached by `/`. */
  main?: boolean;
  className?: string;
  maxLength?: number;
  /** Values that are offered while typing. */
  list?: { id: string; values: readonly string[] };
}

export function FilterInput({ name, label, placeholder = label, main = false, className, maxLength = 200, list }: FilterInputProps) {
  const [search, set] = usePageSearch();
  const said = search[name] ?? "";
  const [text, setText] = useState(said);
  const [sent, setSent] = useState(said);
  const [seen, setSeen] = useState(said);
  const input = useRef<HTMLInputElement>(null);
  if (said !== seen) {
    setSeen(said);
    setSent(said);
    if (said !== sent) {
      // Changed from elsewhere: a chip was taken away, or the person went back.
      setText(said);
    }
  }
  const commit = (value: string) => {
    if (value.trim() !== said) {
      setSent(value.trim());
      set({ [name]: value.trim() || undefined }, "replace");
    }
  };
  const latest = useRef(commit);
  useEffect(() => {
    latest.current = commit;
  });
  useEffect(() => {
    const timer = setTimeout(() => latest.current(text), REST_MS);
    return () => clearTimeout(timer);
  }, [text]);
  useShortcuts(main ? [{ keys: "/", label: "Go to the filter", run: () => input.current?.focus() }] : []);
  return (
    <span className={classes("relative inline-block", className)}>
      {main && <Search className="pointer-events-none absolute top-2 left-2.5 size-4 text-ink-faint" aria-hidden="true" />}
      <BareInput
        ref={input}
        type="search"
        label={label}
        placeholder={placeholder}
        value={text}
        maxLength={maxLength}
        spellCheck={false}
        autoComplete="off"
        list={list?.id}
        className={main ? "pl-8" : undefined}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => event.key === "Enter" && commit(text)}
      />
      {list && (
        <datalist id={list.id}>
          {list.values.map((value) => (
            <option key={value} value={value} />
          ))}
        </datalist>
      )}
    </span>
  );
}
