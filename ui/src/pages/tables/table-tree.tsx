// What is in a database, by schema: a tree of which only the part in view is drawn?

import { useNavigate } from "@tanstack/react-router";
import { useQueries } from "@tanstack/react-query";
import { useVirtualizer } from "@tanstack/react-virtual";
import { ChevronRight } from "lucide-react";
import { useRef, useState, type KeyboardEvent } from "react";
import { RELATIONS, schemaObjectsQuery, type SchemaEntry, type SchemaGroup } from "~/api/tables";
import { usePageSearch } from "~/parts/search";
import { paths } from "~/paths";
import { bytes, compact, count, integer } from "~/ui/format";
import { classes } from "~/ui/classes";
import { Spinner } from "~/ui/spinner";
import { KindIcon } from "./kind-icon";

type Line = { kind: "schema"; schema: string; count: number; isOpen: boolean } | { kind: "object"; entry: SchemaEntry } | { kind: "note"; text: string; schema: string };

interface TableTreeProps {
  workspace: string;
  connection: string;
  groups: readonly SchemaGroup[];
  /** Functions, sequences and types too. */
  isAll: boolean;
}

const LINE = 36;
/** So few schemas are all open at first. */
const FEW = 3;

export function TableTree({ workspace, connection, groups, isAll }: TableTreeProps) {
  const [search, setSearch] = usePageSearch();
  const navigate = useNavigate();
  const wanted = groups.filter((group) => isAll || RELATIONS.has(group.kind));
  const schemas = [...new Set(wanted.map((group) => group.schema))];
  const open = search["open"]?.split(",").map(decodeURIComponent) ?? (schemas.length <= FEW ? schemas : []);
  const asked = useQueries({ queries: schemas.map((schema) => ({ ...schemaObjectsQuery(workspace, connection, schema), enabled: open.includes(schema) })) });
  const lines: Line[] = schemas.flatMap((schema, index): Line[] => {
    const isOpen = open.includes(schema);
    const head: Line = { kind: "schema", schema, isOpen, count: wanted.filter((group) => group.schema === schema).reduce((sum, group) => sum + group.count, 0) };
    return isOpen ? [head, ...inside(schema, asked[index]?.data, asked[index]?.isError ?? false, isAll)] : [head];
  });
  const toggle = (schema: string) => {
    const next = open.includes(schema) ? open.filter((one) => one !== schema) : [...open, schema];
    setSearch({ open: next.map(encodeURIComponent).join(",") || "-" }, "replace");
  };
  const show = (line: Line) => {
    if (line.kind === "schema") {
      toggle(line.schema);
    } else if (line.kind === "object") {
      void navigate({ to: paths.table(workspace, connection, line.entry.key) });
    }
  };
  return <Lines lines={lines} onShow={show} onToggle={toggle} />;
}

function inside(schema: string, data: { items: readonly SchemaEntry[]; isCut: boolean } | undefined, isFailed: boolean, isAll: boolean): Line[] {
  if (data === undefined) {
    return [{ kind: "note", schema, text: isFailed ? "It could not be read. Close and open the schema to try again." : "Loading" }];
  }
  const entries = data.items.filter((entry) => isAll || RELATIONS.has(entry.kind)).map((entry): Line => ({ kind: "object", entry }));
  return data.isCut ? [...entries, { kind: "note", schema, text: `These are the first ${integer(data.items.length)} objects: search for the others.` }] : entries;
}

function Lines({ lines, onShow, onToggle }: { lines: readonly Line[]; onShow: (line: Line) => void; onToggle: (schema: string) => void }) {
  const scroller = useRef<HTMLDivElement>(null);
  const [current, setCurrent] = useState(0);
  const virtual = useVirtualizer({ count: lines.length, getScrollElement: () => scroller.current, estimateSize: () => LINE, overscan: 15 });
  const go = (to: number) => {
    const next = Math.min(lines.length - 1, Math.max(0, to));
    setCurrent(next);
    virtual.scrollToIndex(next);
    requestAnimationFrame(() => scroller.current?.querySelector<HTMLElement>(`[data-line="${next}"]`)?.focus());
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const line = lines[current];
    if (line === undefined) {
      return;
    }
    const schema = line.kind === "object" ? line.entry.schema : line.schema;
    const head = lines.findIndex((one) => one.kind === "schema" && one.schema === schema);
    const keys: Record<string, () => void> = {
      ArrowDown: () => go(current + 1),
      ArrowUp: () => go(current - 1),
      Home: () => go(0),
      End: () => go(lines.length - 1),
      Enter: () => onShow(line),
      " ": () => onShow(line),
      ArrowRight: () => (line.kind === "schema" && !line.isOpen ? onToggle(line.schema) : go(current + 1)),
      ArrowLeft: () => (line.kind === "schema" ? line.isOpen && onToggle(line.schema) : go(head)),
    };
    const act = keys[event.key];
    if (act && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      act();
    }
  };
  return (
    <div ref={scroller} role="tree" tabIndex={-1} aria-label="Schemas and tables" onKeyDown={onKeyDown} className="scroll-thin overflow-auto" style={{ maxHeight: "min(72vh, 60rem)" }}>
      <div role="none" className="relative" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => {
          const line = lines[item.index];
          return (
            line && (
              // The keys of a line are heard by the tree, which moves between lines.
              // eslint-disable-next-line jsx-a11y/click-events-have-key-events
              <div
                key={item.key}
                role="treeitem"
                aria-level={line.kind === "schema" ? 1 : 2}
                aria-expanded={line.kind === "schema" ? line.isOpen : undefined}
                aria-selected={false}
                data-line={item.index}
                tabIndex={item.index === Math.min(current, lines.length - 1) ? 0 : -1}
                onFocus={() => setCurrent(item.index)}
                onClick={() => onShow(line)}
                className={classes("absolute inset-x-0 flex items-center gap-2 border-b border-line px-4 text-[13px] focus-visible:-outline-offset-2", line.kind !== "note" && "cursor-pointer hover:bg-hover", line.kind === "schema" && "bg-subtle font-medium")}
                style={{ height: item.size, transform: `translateY(${item.start}px)` }}
              >
                <LineText line={line} />
              </div>
            )
          );
        })}
      </div>
    </div>
  );
}

function LineText({ line }: { line: Line }) {
  if (line.kind === "schema") {
    return (
      <>
        <ChevronRight className={classes("size-3.5 text-ink-faint transition-transform", line.isOpen && "rotate-90")} aria-hidden="true" />
        <span className="truncate font-mono text-xs">{line.schema || "in no schema"}</span>
        <span className="text-xs font-normal text-ink-faint">{count(line.count, "object")}</span>
      </>
    );
  }
  if (line.kind === "note") {
    return (
      <span className="flex items-center gap-2 pl-6 text-xs text-ink-faint">
        {line.text === "Loading" && <Spinner />}
        {line.text}
      </span>
    );
  }
  const { entry } = line;
  return (
    <>
      <span className="ml-5 flex min-w-0 flex-1 items-center gap-2">
        <KindIcon kind={entry.kind} />
        <span className="truncate font-mono text-xs font-medium">{entry.name}</span>
        {entry.kind !== "table" && <span className="shrink-0 text-2xs text-ink-faint">{entry.kind.replaceAll("_", " ")}</span>}
        <span dir="auto" className="truncate text-xs text-ink-faint max-md:hidden">
          {entry.comment}
        </span>
      </span>
      <span className="numeric w-24 shrink-0 text-xs text-ink-soft max-sm:hidden">{entry.column_count > 0 && count(entry.column_count, "column")}</span>
      <span className="numeric w-24 shrink-0 text-xs text-ink-soft">{entry.row_estimate !== undefined && entry.row_estimate !== null && `~${compact(entry.row_estimate)} rows`}</span>
      <span className="numeric w-20 shrink-0 text-xs text-ink-soft max-sm:hidden">{entry.size_bytes !== undefined && entry.size_bytes !== null && bytes(entry.size_bytes)}</span>
    </>
  );
}
