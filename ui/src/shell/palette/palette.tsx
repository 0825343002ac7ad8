// How does one find anything by typing a few letters of it?

import { useNavigate } from "@tanstack/react-router";
import { Search } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import { useDeferredValue, useEffect, useId, useMemo, useRef, useState, type KeyboardEvent } from "react";
import { classes } from "~/ui/classes";
import { useFocusReturn } from "~/ui/focus-return";
import { Keys } from "~/ui/keys";
import { Spinner } from "~/ui/spinner";
import { useRemembered } from "~/ui/remembered";
import { PREFIXES, type Entry, type Found, type Kind } from "./find-index";
import { useFindIndex } from "./sources";

const RECENT_MAX = 8;
const NONE: Entry[] = [];

const HEADINGS: Record<Kind, string> = {
  page: "Pages",
  action: "Actions",
  table: "Tables",
  column: "Columns",
  fingerprint: "Queries",
  "saved query": "Saved queries",
  "rule set": "Rule sets",
  connection: "Connections",
  listener: "Listeners",
  person: "People",
  guide: "How do I …",
};

/** Other versions of the console may have kept other things. */
const isRecent = (value: unknown): boolean =>
  Array.isArray(value) && value.every((one: unknown) => typeof one === "object" && one !== null && "label" in one && typeof one.label === "string" && "path" in one && typeof one.path === "string" && "kind" in one && typeof one.kind === "string" && one.kind in HEADINGS);

interface Section {
  heading: string;
  entries: readonly Entry[];
  more: number;
}

/** What stands in the list: recent things and pages while nothing is typed, else what matches. */
function sections(typed: string, recent: readonly Entry[], found: readonly Found[]): Section[] {
  if (typed.trim() !== "") {
    return found.map((one) => ({ heading: HEADINGS[one.kind], entries: one.entries, more: one.total - one.entries.length }));
  }
  const pages = found.filter((one) => one.kind === "page" || one.kind === "action");
  return [...(recent.length > 0 ? [{ heading: "Recent", entries: recent, more: 0 }] : []), ...pages.map((one) => ({ heading: HEADINGS[one.kind], entries: one.entries, more: one.total - one.entries.length }))];
}

export function Palette({ slug, onClose }: { slug: string; onClose: () => void }) {
  const [typed, setTyped] = useState("");
  const [chosen, setChosen] = useState(0);
  const [recent, setRecent] = useRemembered<Entry[]>(`recent.${slug}`, NONE, isRecent);
  const { index, loading, version } = useFindIndex(slug);
  const asked = useDeferredValue(typed);
  // eslint-disable-next-line react-hooks/exhaustive-deps -- the version tells when the index has changed
  const shown = useMemo(() => sections(asked, recent, index.find(asked)), [asked, index, version, recent]);
  const flat = shown.flatMap((section) => section.entries);
  const current = Math.min(chosen, Math.max(flat.length - 1, 0));
  const navigate = useNavigate();
  const id = useId();
  const onCloseAutoFocus = useFocusReturn();
  const go = (entry: Entry | undefined, elsewhere: boolean) => {
    if (entry === undefined) {
      return;
    }
    onClose();
    if (entry.path === undefined) {
      entry.run?.();
      return;
    }
    const kept = { kind: entry.kind, label: entry.label, detail: entry.detail, path: entry.path };
    setRecent([kept, ...recent.filter((one) => one.path !== entry.path)].slice(0, RECENT_MAX));
    if (elsewhere) {
      window.open(entry.path, "_blank", "noopener");
    } else {
      void navigate({ href: entry.path });
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const moves: Record<string, number> = { ArrowDown: current + 1, ArrowUp: current - 1, PageDown: current + 7, PageUp: current - 7, ...(typed === "" ? { Home: 0, End: flat.length - 1 } : {}) };
    const next = moves[event.key];
    if (next !== undefined) {
      event.preventDefault();
      setChosen(flat.length === 0 ? 0 : !event.key.startsWith("Arrow") ? Math.max(0, Math.min(flat.length - 1, next)) : (next + flat.length) % flat.length);
    } else if (event.key === "Enter") {
      event.preventDefault();
      // Who types fast presses Enter before the list has followed: what was typed counts, not what is still drawn.
      const found = asked === typed ? flat : sections(typed, recent, index.find(typed)).flatMap((section) => section.entries);
      go(found[Math.min(chosen, found.length - 1)], event.metaKey || event.ctrlKey);
    }
  };
  return (
    <Radix.Root open onOpenChange={(open) => !open && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className="animate-fade fixed inset-0 z-50 bg-black/40" />
        <Radix.Content aria-describedby={undefined} onCloseAutoFocus={onCloseAutoFocus} className="animate-appear fixed top-[10vh] left-1/2 z-50 flex max-h-[70vh] w-[min(40rem,calc(100vw-1.5rem))] -translate-x-1/2 flex-col overflow-hidden rounded-xl border border-line bg-raised shadow-raised">
          <Radix.Title className="sr-only">Find anything</Radix.Title>
          <div className="flex items-center gap-3 border-b border-line px-4">
            <Search className="size-4 shrink-0 text-ink-faint" aria-hidden="true" />
            <input
              role="combobox"
              aria-label="Find anything"
              aria-expanded="true"
              aria-controls={`${id}-list`}
              aria-activedescendant={flat.length > 0 ? `${id}-${current}` : undefined}
              aria-autocomplete="list"
              autoFocus
              spellCheck={false}
              autoComplete="off"
              placeholder="Pages, tables, columns, queries, people, actions"
              value={typed}
              onChange={(event) => {
                setTyped(event.target.value);
                setChosen(0);
              }}
              onKeyDown={onKeyDown}
              className="h-12 w-full bg-transparent text-sm text-ink outline-none placeholder:text-ink-faint"
            />
            {loading && <Spinner className="size-4 text-ink-faint" />}
          </div>
          <List id={id} shown={shown} current={current} onChoose={setChosen} onGo={(entry) => go(entry, false)} typed={asked} loading={loading} />
          <footer className="flex flex-wrap items-center gap-x-4 gap-y-1 border-t border-line px-4 py-2 text-2xs text-ink-faint">
            {Object.entries(PREFIXES).map(([prefix, { label }]) => (
              <span key={prefix} className="inline-flex items-center gap-1.5">
                <Keys keys={prefix} /> {label}
              </span>
            ))}
            <span className="ml-auto inline-flex items-center gap-1.5 max-sm:hidden">
              <Keys keys="mod+Enter" /> in a new tab
            </span>
          </footer>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

interface ListProps {
  id: string;
  shown: readonly Section[];
  current: number;
  typed: string;
  loading: boolean;
  onChoose: (index: number) => void;
  onGo: (entry: Entry) => void;
}

function List({ id, shown, current, typed, loading, onChoose, onGo }: ListProps) {
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }, [current, shown]);
  const starts = shown.map((_, at) => shown.slice(0, at).reduce((sum, section) => sum + section.entries.length, 0));
  return (
    <div ref={list} role="listbox" id={`${id}-list`} aria-label="What was found" className="scroll-thin min-h-0 flex-1 overflow-auto p-2">
      {shown.length === 0 && (
        <div role="option" tabIndex={-1} aria-selected="false" aria-disabled="true" className="px-3 py-8 text-center text-[13px] text-ink-soft">
          {loading ? "Names are still on their way." : `Nothing here is called “${typed.trim()}”.`}
        </div>
      )}
      {shown.map((section, at) => (
        <div key={section.heading} role="group" aria-labelledby={`${id}-${section.heading}`}>
          <p id={`${id}-${section.heading}`} className="flex px-2 pt-2 pb-1 text-2xs font-medium text-ink-faint">
            {section.heading}
            {section.more > 0 && <span className="ml-auto">{section.more} more</span>}
          </p>
          {section.entries.map((entry, place) => {
            const number = (starts[at] ?? 0) + place;
            return (
              // The keys are heard by the field above, which has the focus.
              // eslint-disable-next-line jsx-a11y/click-events-have-key-events
              <div
                key={`${entry.kind} ${entry.path ?? entry.label}`}
                id={`${id}-${number}`}
                role="option"
                tabIndex={-1}
                aria-selected={number === current}
                onPointerMove={() => number !== current && onChoose(number)}
                onClick={() => onGo(entry)}
                className={classes("flex h-9 cursor-pointer items-center gap-3 rounded-md px-2 text-[13px]", number === current ? "bg-brand-soft text-brand-text" : "text-ink")}
              >
                <span className={classes("min-w-0 truncate", (entry.kind === "table" || entry.kind === "column" || entry.kind === "fingerprint") && "font-mono text-xs")}>{entry.label}</span>
                {entry.detail && <span className={classes("min-w-0 flex-1 truncate text-xs", number === current ? "text-brand-text" : "text-ink-faint")}>{entry.detail}</span>}
                {entry.keys && (
                  <span className="ml-auto">
                    <Keys keys={entry.keys} />
                  </span>
                )}
              </div>
            );
          })}
        </div>
      ))}
    </div>
  );
}
