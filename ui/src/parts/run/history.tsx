// What did the person run before, and how did it end?

import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { History as HistoryIcon } from "lucide-react";
import { runsQuery, type Run, type RunState } from "~/api/runs";
import type { Connection } from "~/api/connections";
import { listed } from "~/parts/list";
import { usePageSearch } from "~/parts/search";
import { SqlLine } from "~/parts/sql-text";
import { Badge, type BadgeTone } from "~/ui/badge";
import { BareSelect } from "~/ui/choice";
import { duration, integer } from "~/ui/format";
import { FirstTime, NothingFound } from "~/ui/states";
import { RelativeTime } from "~/ui/time";
import type { Column } from "~/ui/table/columns";
import { DataTable } from "~/ui/table/data-table";

const TONES: Record<string, BadgeTone> = { done: "ok", failed: "danger", refused: "danger", cancelled: "warn", running: "info" };

const columnsOf = (connections: readonly Connection[]): Column<Run>[] => {
  const nameOf = (run: Run) => connections.find((one) => one.id === run.connection)?.name ?? "removed connection";
  return [
    { id: "sql", header: "Statement", cell: (run) => <SqlLine text={run.sql} />, value: (run) => run.sql, width: 260, grow: true },
    { id: "started", header: "Started", cell: (run) => <RelativeTime at={run.started_at} />, value: (run) => run.started_at, width: 110 },
    {
      id: "state",
      header: "Ended",
      cell: (run) => <Badge tone={TONES[run.state] ?? "neutral"}>{run.state === "failed" && run.error_class ? `failed: ${run.error_class}` : run.state}</Badge>,
      value: (run) => run.state,
      width: 130,
    },
    { id: "connection", header: "Connection", cell: nameOf, value: nameOf, width: 120 },
    { id: "rows", header: "Rows", cell: (run) => (run.truncated ? `${integer(run.rows)}+` : integer(run.rows)), value: (run) => run.rows, numeric: true, width: 80 },
    { id: "elapsed", header: "Time", cell: (run) => duration(run.elapsed_us), value: (run) => run.elapsed_us, numeric: true, width: 90 },
  ];
};

const ANY = "any";
const ENDS: readonly { value: RunState | typeof ANY; label: string }[] = [
  { value: ANY, label: "However they ended" },
  { value: "done", label: "Done" },
  { value: "failed", label: "Failed" },
  { value: "refused", label: "Refused by the rules" },
  { value: "cancelled", label: "Cancelled" },
  { value: "running", label: "Still running" },
];
const stateOf = (word: string | undefined): RunState | undefined => ENDS.flatMap(({ value }) => (value !== ANY && value === word ? [value] : []))[0];

interface HistoryProps {
  workspace: string;
  connections: readonly Connection[];
  filter: { connection?: string; saved_query?: string };
  onOpen: (run: Run) => void;
  height?: string;
  /** What was not run yet while there is none. */
  what?: string;
}

/** One's own runs; how they ended is chosen by `?ended=`. */
export function History({ workspace, connections, filter, onOpen, height, what = "a statement" }: HistoryProps) {
  const [search, setSearch] = usePageSearch();
  const state = stateOf(search["ended"]);
  const runs = useInfiniteQuery({ ...runsQuery(workspace, { ...filter, state }), placeholderData: keepPreviousData });
  const change = (ended: string) => setSearch({ ended: ended === ANY ? undefined : ended }, "replace");
  return (
    <div>
      <div className="flex flex-wrap items-center gap-3 px-3 py-2 text-xs text-ink-soft">
        <BareSelect label="How runs ended" value={state ?? ANY} onChange={change} choices={ENDS} />
        Your own.
      </div>
      <DataTable
        label="Runs"
      id="runs"
      columns={columnsOf(connections)}
      {...listed(runs)}
      rowKey={(run) => run.id}
      onOpen={onOpen}
      height={height}
      empty={
        state !== undefined ? (
          <NothingFound what="runs" onClear={() => change(ANY)} />
        ) : (
          <FirstTime icon={<HistoryIcon className="size-5" />} title="Nothing was run yet">
            You have not run {what} yet. Each run is kept here, with its rows, its time and how it ended. Open one to edit and run it again.
          </FirstTime>
        )
      }
      />
    </div>
  );
}
