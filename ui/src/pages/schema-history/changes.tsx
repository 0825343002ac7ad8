// What is different between two snapshots: how bad, of what, and was it used?

import { useQuery } from "@tanstack/react-query";
import { Download, Equal } from "lucide-react";
import { useMemo } from "react";
import { schemaDiffQuery, type Connection, type SchemaDiff } from "~/api/connections";
import { FilterInput } from "~/parts/filter-input";
import { save } from "~/parts/save";
import { usePageSearch } from "~/parts/search";
import { SEVERITIES, SEVERITY_MEANINGS, SeverityBadge, type Severity } from "~/parts/severity";
import { useWorkspace } from "~/parts/workspace";
import { Button } from "~/ui/button";
import { BareSelect } from "~/ui/choice";
import { classes } from "~/ui/classes";
import { compact, integer } from "~/ui/format";
import { Menu, MenuItem } from "~/ui/menu";
import { Failed, FirstTime, NothingFound, Note, SkeletonRows } from "~/ui/states";
import type { Column } from "~/ui/table/columns";
import { DataTable } from "~/ui/table/data-table";
import { RelativeTime } from "~/ui/time";
import { ChangeSheet } from "./change-sheet";
import { fullName, toJson, toMarkdown } from "./exported";

type Change = SchemaDiff["changes"][number];
/** Its place is its name: an object can change in many ways. */
type Row = Change & { place: number };

const BASE: readonly Column<Row>[] = [
  { id: "severity", header: "Severity", cell: (row) => <SeverityBadge severity={row.severity} />, value: (row) => row.severity, width: 100 },
  { id: "sentence", header: "Change", cell: (row) => <Sentence change={row} />, value: (row) => row.sentence, width: 320, grow: true },
  { id: "object", header: "Object", cell: (row) => <code className="font-mono text-xs">{fullName(row)}</code>, value: (row) => fullName(row), width: 190, grow: true },
  { id: "kind", header: "Kind", cell: (row) => row.kind.replaceAll("_", " "), value: (row) => row.kind, width: 120 },
];
const USE: readonly Column<Row>[] = [
  { id: "reads", header: "Reads", cell: (row) => (row.usage ? compact(row.usage.reads) : "–"), value: (row) => row.usage?.reads, numeric: true, width: 80, help: "Statements that read the table or column in the last 30 days" },
  { id: "writes", header: "Writes", cell: (row) => (row.usage ? compact(row.usage.writes) : "–"), value: (row) => row.usage?.writes, numeric: true, width: 80, help: "Statements that changed the table or column in the last 30 days" },
  { id: "seen", header: "Last used", cell: (row) => (row.usage ? <RelativeTime at={row.usage.last_seen_at} /> : "–"), value: (row) => row.usage?.last_seen_at, width: 120 },
];

function Sentence({ change }: { change: Change }) {
  const rename = change.possible_rename_of;
  return (
    <span title={change.sentence}>
      {change.sentence}
      {rename && <span className="text-ink-faint">; it may be {rename.name} renamed ({rename.confidence_percent} % alike)</span>}
    </span>
  );
}

export function Changes({ connection, before, after }: { connection: Connection; before: string; after: string }) {
  const { slug } = useWorkspace();
  const { data, error, refetch } = useQuery(schemaDiffQuery(slug, connection.id, before, after));
  if (data === undefined) {
    return error ? <Failed error={error} onRetry={() => void refetch()} /> : <SkeletonRows rows={4} />;
  }
  if (data.changes.length === 0) {
    return (
      <FirstTime icon={<Equal className="size-5" />} title="No difference">
        Both snapshots hold the same objects.
      </FirstTime>
    );
  }
  return <Loaded connection={connection} diff={data} />;
}

function Loaded({ connection, diff }: { connection: Connection; diff: SchemaDiff }) {
  const [search, setSearch] = usePageSearch();
  const { severity, kind, words, object } = search;
  const rows = useMemo(() => bySeverity(diff.changes), [diff]);
  const shown = useMemo(() => rows.filter((row) => passes(row, { severity, kind, words })), [rows, severity, kind, words]);
  const kinds = [...new Set(rows.map((row) => row.kind))].sort();
  const opened = object === undefined ? [] : rows.filter((row) => row.key === object);
  const name = `schema-${connection.name}`;
  return (
    <>
      <div className="flex flex-wrap items-center gap-2 border-b border-line px-4 py-2.5">
        <Severities rows={rows} current={severity} onChoose={(next) => setSearch({ severity: next })} />
        {kinds.length > 1 && <BareSelect label="Kind of object" value={kind ?? "all"} onChange={(next) => setSearch({ kind: next === "all" ? undefined : next })} choices={[{ value: "all", label: "Every kind" }, ...kinds.map((one) => ({ value: one, label: one.replaceAll("_", " ") }))]} />}
        <FilterInput name="words" label="Filter the changes" placeholder="Filter the changes" main className="w-56 max-sm:w-full" />
        <span className="ml-auto flex items-center gap-3 text-xs text-ink-soft tabular-nums max-sm:ml-0">
          {integer(diff.added)} added, {integer(diff.changed)} changed, {integer(diff.removed)} removed
          <Menu
            trigger={
              <Button size="small" icon={<Download className="size-3.5" aria-hidden="true" />}>
                Export
              </Button>
            }
          >
            <MenuItem onSelect={() => save(toMarkdown(diff, shown, connection.name), `${name}.md`, "text/markdown")}>As Markdown</MenuItem>
            <MenuItem onSelect={() => save(toJson(diff, shown, connection.name), `${name}.json`)}>As JSON</MenuItem>
          </Menu>
        </span>
      </div>
      <DataTable
        label="Changes of the schema"
        id="schema-changes"
        columns={diff.has_usage ? [...BASE, ...USE] : BASE}
        rows={shown}
        rowKey={(row) => String(row.place)}
        onOpen={(row) => setSearch({ object: row.key })}
        empty={<NothingFound what="changes" onClear={() => setSearch({ severity: undefined, kind: undefined, words: undefined })} />}
      />
      {diff.is_cut && <Note tone="warn">There are more changes than are shown: the first {integer(diff.changes.length)} are here.</Note>}
      {object !== undefined && opened.length > 0 && <ChangeSheet connection={connection} diff={diff} changes={opened} onClose={() => setSearch({ object: undefined })} />}
    </>
  );
}

/** The worst first; within that, the used before the unused. */
function bySeverity(changes: readonly Change[]): Row[] {
  const uses = (change: Change) => (change.usage ? change.usage.reads + change.usage.writes : -1);
  const rows = changes.map((change, place) => ({ ...change, place }));
  return rows.sort((one, other) => SEVERITIES.indexOf(one.severity) - SEVERITIES.indexOf(other.severity) || uses(other) - uses(one) || one.place - other.place);
}

function passes(row: Row, { severity, kind, words }: { severity?: string; kind?: string; words?: string }): boolean {
  const text = `${row.sentence} ${fullName(row)}`.toLowerCase();
  return (severity === undefined || row.severity === severity) && (kind === undefined || row.kind === kind) && (words ?? "").toLowerCase().split(/\s+/).every((word) => text.includes(word));
}

/** How many of each; pressed, only those are listed. */
function Severities({ rows, current, onChoose }: { rows: readonly Row[]; current: string | undefined; onChoose: (severity: Severity | undefined) => void }) {
  return (
    <div role="group" aria-label="Severity" className="flex flex-wrap gap-1">
      {SEVERITIES.map((severity) => {
        const found = rows.filter((row) => row.severity === severity).length;
        const isOn = current === severity;
        return (
          <button
            key={severity}
            type="button"
            aria-pressed={isOn}
            disabled={found === 0 && !isOn}
            title={SEVERITY_MEANINGS[severity]}
            onClick={() => onChoose(isOn ? undefined : severity)}
            className={classes("inline-flex h-8 items-center gap-1.5 rounded-md border px-2.5 text-xs disabled:opacity-55", isOn ? "border-brand bg-brand-soft text-brand-text" : "border-line bg-surface text-ink-soft hover:bg-hover")}
          >
            {severity} <span className="tabular-nums">{integer(found)}</span>
          </button>
        );
      })}
    </div>
  );
}
