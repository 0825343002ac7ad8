// What is in a database, by schema and kind: a tree of which only the part in view is drawn and asked for?

import { useNavigate } from "@tanstack/react-router";
import { useQueries } from "@tanstack/react-query";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useMemo, useRef, useState, type KeyboardEvent } from "react";
import { LEAVES, RELATIONS, leavesQuery, type Leaf, type SchemaGroup } from "~/api/tables";
import { queryClient } from "~/api/queries";
import { rangeOf } from "~/parts/range";
import { usePageSearch } from "~/parts/search";
import { useMay } from "~/parts/workspace";
import { paths } from "~/paths";
import { classes } from "~/ui/classes";
import { findLeaf } from "./find-leaf";
import { LineText } from "./tree-line";
import { groupName, isListed, linesOf, openSchemas, readList, toggled, writeList, type Line } from "./tree-lines";

interface TableTreeProps {
  workspace: string;
  connection: string;
  snapshot: string;
  groups: readonly SchemaGroup[];
  /** Tables and views; `all`, or one kind. */
  kinds: string | undefined;
}

const LINE = 36;
/** What names begin with; `/` and `?` stay the page's. */
const LETTER = /^[\p{L}\p{N}_]$/u;
/** Letters typed within this time belong together. */
const TYPING_MS = 900;

/** Use beside the tree is that of the last month. */
const useLastMonth = () => {
  const may = useMay("view_traffic");
  return useMemo(() => {
    const { from, until } = rangeOf({}, "30d");
    return may ? { from, until } : undefined;
  }, [may]);
};

export function TableTree({ workspace, connection, snapshot, groups, kinds }: TableTreeProps) {
  const [search, setSearch] = usePageSearch();
  const navigate = useNavigate();
  const used = useLastMonth();
  const wanted = useMemo(() => groups.filter((group) => isListed(group.kind, kinds)), [groups, kinds]);
  const { open, turned } = search;
  const opened = useMemo(() => ({ open: readList(open), turned: readList(turned) ?? [] }), [open, turned]);
  const lines = useMemo(() => linesOf(wanted, opened), [wanted, opened]);
  const part = (line: { schema: string; of: string }, number: number) => leavesQuery(workspace, connection, { snapshot, schema: line.schema, kind: line.of, part: number }, RELATIONS.has(line.of) ? used : undefined);
  const toggle = (line: Line) => {
    if (line.kind === "schema") {
      setSearch({ open: writeList(toggled(openSchemas(wanted, opened), line.schema)) }, "replace");
    } else if (line.kind === "group") {
      const next = toggled(opened.turned, groupName(line.schema, line.of));
      setSearch({ turned: next.length === 0 ? undefined : writeList(next) }, "replace");
    }
  };
  const show = (line: Line, leaf: Leaf | undefined) => {
    if (line.kind !== "leaf") {
      toggle(line);
    } else if (leaf !== undefined) {
      void navigate({ to: paths.table(workspace, connection, leaf.object.key) });
    }
  };
  return <Lines key={kinds ?? ""} lines={lines} part={part} onShow={show} onToggle={toggle} />;
}

interface LinesProps {
  lines: readonly Line[];
  part: (line: { schema: string; of: string }, number: number) => ReturnType<typeof leavesQuery>;
  onShow: (line: Line, leaf: Leaf | undefined) => void;
  onToggle: (line: Line) => void;
}

function Lines({ lines, part, onShow, onToggle }: LinesProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const [current, setCurrent] = useState(0);
  const virtual = useVirtualizer({ count: lines.length, getScrollElement: () => scroller.current, estimateSize: () => LINE, overscan: 15 });
  const items = virtual.getVirtualItems();
  const leafOf = useLeaves(
    items.map((item) => lines[item.index]).filter((line) => line !== undefined),
    part,
  );
  const go = (to: number) => {
    const next = Math.min(lines.length - 1, Math.max(0, to));
    setCurrent(next);
    virtual.scrollToIndex(next);
    requestAnimationFrame(() => requestAnimationFrame(() => scroller.current?.querySelector<HTMLElement>(`[data-line="${next}"]`)?.focus()));
  };
  const onType = useTyping(lines, part, current, go);
  const onKeyDown = (event: KeyboardEvent) => {
    const line = lines[current];
    if (line === undefined || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    const act = keysOf(lines, current, { go, toggle: onToggle, show: () => onShow(line, leafOf(line)?.leaf) })[event.key];
    if (act) {
      event.preventDefault();
      event.stopPropagation();
      act();
    } else if (LETTER.test(event.key)) {
      // The letters are the tree's while it has the focus, not those of the page's keys.
      event.preventDefault();
      event.stopPropagation();
      onType(event.key);
    }
  };
  return (
    <div ref={scroller} role="tree" tabIndex={-1} aria-label="Schemas and tables" onKeyDown={onKeyDown} className="scroll-thin overflow-auto" style={{ maxHeight: "min(72vh, 60rem)" }}>
      <div role="none" className="relative" style={{ height: virtual.getTotalSize() }}>
        {items.map((item) => {
          const line = lines[item.index];
          return (
            line && (
              // The keys of a line are heard by the tree, which moves between lines.
              // eslint-disable-next-line jsx-a11y/click-events-have-key-events
              <div
                key={item.key}
                role="treeitem"
                aria-level={line.kind === "schema" ? 1 : line.kind === "group" ? 2 : 3}
                aria-expanded={line.kind === "leaf" ? undefined : line.isOpen}
                aria-setsize={line.kind === "leaf" ? -1 : undefined}
                aria-posinset={line.kind === "leaf" ? line.index + 1 : undefined}
                aria-selected={false}
                data-line={item.index}
                tabIndex={item.index === Math.min(current, lines.length - 1) ? 0 : -1}
                onFocus={() => setCurrent(item.index)}
                onClick={() => onShow(line, leafOf(line)?.leaf)}
                className={classes("absolute inset-x-0 flex cursor-pointer items-center gap-2 border-b border-line px-4 text-[13px] hover:bg-hover focus-visible:-outline-offset-2", line.kind === "schema" && "bg-subtle font-medium")}
                style={{ height: item.size, transform: `translateY(${item.start}px)` }}
              >
                <LineText line={line} loaded={leafOf(line)} />
              </div>
            )
          );
        })}
      </div>
    </div>
  );
}

/** What the parts in view hold; each is asked for when one of its lines is seen. */
function useLeaves(seen: readonly Line[], part: LinesProps["part"]): (line: Line) => { leaf: Leaf | undefined; isFailed: boolean } | undefined {
  const wanted = new Map<string, { schema: string; of: string; number: number }>();
  const nameOf = (line: { schema: string; of: string; index: number }) => `${groupName(line.schema, line.of)}/${Math.floor(line.index / LEAVES)}`;
  for (const line of seen) {
    if (line.kind === "leaf") {
      wanted.set(nameOf(line), { schema: line.schema, of: line.of, number: Math.floor(line.index / LEAVES) });
    }
  }
  const names = [...wanted.keys()];
  const found = useQueries({ queries: [...wanted.values()].map((one) => part(one, one.number)) });
  return (line) => {
    if (line.kind !== "leaf") {
      return undefined;
    }
    const query = found[names.indexOf(nameOf(line))];
    return { leaf: query?.data?.[line.index % LEAVES], isFailed: query?.isError ?? false };
  };
}

interface Moves {
  go: (to: number) => void;
  toggle: (line: Line) => void;
  show: () => void;
}

function keysOf(lines: readonly Line[], current: number, { go, toggle, show }: Moves): Record<string, () => void> {
  const line = lines[current];
  const above = (): number => {
    const isAbove = (one: Line) => (line?.kind === "leaf" ? one.kind === "group" && one.of === line.of && one.schema === line.schema : one.kind === "schema" && one.schema === line?.schema);
    return lines.findIndex(isAbove);
  };
  const isOpen = line !== undefined && line.kind !== "leaf" && line.isOpen;
  return {
    ArrowDown: () => go(current + 1),
    ArrowUp: () => go(current - 1),
    PageDown: () => go(current + 15),
    PageUp: () => go(current - 15),
    Home: () => go(0),
    End: () => go(lines.length - 1),
    Enter: show,
    " ": show,
    ArrowRight: () => (line !== undefined && line.kind !== "leaf" && !isOpen ? toggle(line) : go(current + 1)),
    ArrowLeft: () => (line !== undefined && isOpen ? toggle(line) : go(above())),
  };
}

/** Letters lead to the name that begins with them: of the schemas, or of the kind one stands in. */
function useTyping(lines: readonly Line[], part: LinesProps["part"], current: number, go: (to: number) => void): (letter: string) => void {
  const typed = useRef({ text: "", at: 0 });
  return (letter) => {
    const now = Date.now();
    const text = (now - typed.current.at < TYPING_MS ? typed.current.text : "") + letter;
    typed.current = { text, at: now };
    const line = lines[current];
    const schema = lines.findIndex((one) => one.kind === "schema" && one.schema.toLowerCase().startsWith(text.toLowerCase()));
    const group = line === undefined || line.kind === "schema" ? undefined : { schema: line.schema, of: line.of };
    const head = group === undefined ? -1 : lines.findIndex((one) => one.kind === "group" && one.schema === group.schema && one.of === group.of);
    const first = lines[head];
    if (group === undefined || first?.kind !== "group" || !first.isOpen) {
      go(schema < 0 ? current : schema);
      return;
    }
    const names = async (number: number) => (await queryClient.ensureQueryData(part(group, number))).map((leaf) => leaf.object.name);
    findLeaf(text, first.count, LEAVES, names)
      .then((at) => {
        // Who typed on meanwhile looks for something else.
        if (typed.current.text === text) {
          go(at === undefined ? (schema < 0 ? current : schema) : head + 1 + at);
        }
      })
      .catch(() => undefined);
  };
}
