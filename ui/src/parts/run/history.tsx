// What did the person run before, and how did it end?

import { useInfiniteQuery } from "@tanstack/react-query";
import { History as HistoryIcon } from "lucide-react";
import { runsQuery, type Run } from "~/api/runs";
import type { Connection } from "~/api/connections";
import { listed } from "~/parts/list";
import { SqlLine } from "~/parts/sql-text";
import { Badge, type BadgeTone } from "~/ui/badge";
import { duration, integer } from "~/ui/format";
import { FirstTime } from "~/ui/states";
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
    { id: "rows", header: "Rows", cell: (run) => integer(run.rows), value: (run) => run.rows, numeric: true, width: 80 },
    { id: "elapsed", header: "Time", cell: (run) => duration(run.elapsed_us), value: (run) => run.elapsed_us, numeric: true, width: 90 },
  ];
};

export function History({ workspace, connections, filter, onOpen, height }: { workspace: string; connections: readonly Connection[]; filter: { connection?: string; saved_query?: string }; onOpen: (run: Run) => void; height?: string }) {
  const runs = useInfiniteQuery(runsQuery(workspace, filter));
  return (
    <DataTable
      label="Runs"
      id="runs"
      columns={columnsOf(connections)}
      {...listed(runs)}
      rowKey={(run) => run.id}
      onOpen={onOpen}
      height={height}
      empty={
        <FirstTime icon={<HistoryIcon className="size-5" />} title="Nothing was run yet">
          Each statement that you run is kept here for 30 days, with its rows, its time and how it ended. Open one to edit and run it again.
        </FirstTime>
      }
    />
  );
}
