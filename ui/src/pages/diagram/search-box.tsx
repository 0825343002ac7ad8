// How does one get to a table whose name one knows in part?

import { Search } from "lucide-react";
import { useEffect, useId, useMemo, useRef, useState, type KeyboardEvent } from "react";
import { classes } from "~/ui/classes";
import { BareInput } from "~/ui/field";
import { integer } from "~/ui/format";
import { useShortcuts } from "~/ui/shortcuts";
import { KindIcon } from "../tables/kind-icon";
import { qualified, type SchemaGraph, type Table } from "./graph";

const SHOWN_MAX = 12;

/** Those with all words in their names: what begins with it first, then what is shorter. */
export function matching(tables: Iterable<Table>, typed: string): Table[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) {
    return [];
  }
  const found = [...tables].filter((table) => {
    const name = qualified(table).toLowerCase();
    return words.every((word) => name.includes(word));
  });
  const rank = (table: Table) => (table.name.toLowerCase() === words[0] ? 0 : table.name.toLowerCase().startsWith(words[0] ?? "") ? 1 : 2);
  return found.toSorted((one, other) => rank(one) - rank(other) || one.name.length - other.name.length || one.name.localeCompare(other.name)).slice(0, SHOWN_MAX);
}

export function SearchBox({ graph, onJump }: { graph: SchemaGraph; onJump: (key: string) => void }) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const [typed, setTyped] = useState("");
  const [at, setAt] = useState(0);
  const [isOpen, setOpen] = useState(false);
  const found = useMemo(() => matching(graph.tables.values(), typed), [graph, typed]);
  const isShown = isOpen && typed.trim() !== "";
  useShortcuts([{ keys: "/", label: "Go to a table", run: () => input.current?.focus() }]);
  useEffect(() => {
    list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }, [at]);
  const jump = (table: Table | undefined) => {
    if (table !== undefined) {
      setTyped("");
      setOpen(false);
      onJump(table.key);
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const next = { ArrowDown: at + 1, ArrowUp: at - 1 }[event.key];
    if (next !== undefined && found.length > 0) {
      event.preventDefault();
      setAt((next + found.length) % found.length);
    } else if (event.key === "Enter") {
      event.preventDefault();
      jump(found[at]);
    } else if (event.key === "Escape" && isShown) {
      event.preventDefault();
      setOpen(false);
    }
  };
  return (
    <div className="relative w-64 max-sm:w-full" onBlur={(event) => !event.currentTarget.contains(event.relatedTarget) && setOpen(false)}>
      <Search className="pointer-events-none absolute top-2 left-2.5 size-4 text-ink-faint" aria-hidden="true" />
      <BareInput
        ref={input}
        role="combobox"
        label="Go to a table"
        placeholder={`Go to a table (${integer(graph.tables.size)})`}
        aria-expanded={isShown}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={isShown && found.length > 0 ? `${id}-${at}` : undefined}
        autoComplete="off"
        spellCheck={false}
        className="pl-8"
        value={typed}
        onFocus={() => setOpen(true)}
        onChange={(event) => {
          setTyped(event.target.value);
          setAt(0);
          setOpen(true);
        }}
        onKeyDown={onKeyDown}
      />
      <div ref={list} role="listbox" id={`${id}-list`} aria-label="Tables found" className={classes("scroll-thin absolute top-9 left-0 z-30 max-h-80 w-96 max-w-[calc(100vw-1.5rem)] overflow-auto rounded-lg border border-line bg-raised p-1 shadow-raised", !isShown && "hidden")}>
        {found.map((table, index) => (
          // The keys are heard by the field above, which has the focus.
          // eslint-disable-next-line jsx-a11y/click-events-have-key-events
          <div
            key={table.key}
            id={`${id}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === at}
            onPointerMove={() => index !== at && setAt(index)}
            onClick={() => jump(table)}
            className={classes("flex min-h-8 cursor-pointer items-center gap-2 rounded-md px-2 py-1 font-mono text-xs", index === at ? "bg-brand-soft text-brand-text" : "text-ink")}
          >
            <KindIcon kind={table.kind} />
            <span className="truncate">{qualified(table)}</span>
          </div>
        ))}
        {isShown && found.length === 0 && (
          <div role="option" tabIndex={-1} aria-selected="false" aria-disabled="true" className="px-2 py-4 text-center text-[13px] text-ink-soft">
            No table is called “{typed.trim()}”.
          </div>
        )}
      </div>
    </div>
  );
}
