// Who reads and writes the table, by which statements, and what is it joined with?

import { Link } from "@tanstack/react-router";
import { Route, Waypoints } from "lucide-react";
import type { TableUsage } from "~/api/tables";
import { SqlLine } from "~/parts/sql-text";
import { useWorkspace } from "~/parts/workspace";
import { paths, withSearch } from "~/paths";
import { Badge } from "~/ui/badge";
import { Button } from "~/ui/button";
import { Card } from "~/ui/card";
import { duration, integer, moment } from "~/ui/format";
import { Failed, FirstTime, Note, SkeletonRows } from "~/ui/states";
import type { Column } from "~/ui/table/columns";
import { DataTable } from "~/ui/table/data-table";
import { RelativeTime } from "~/ui/time";

type Caller = TableUsage["callers"][number];
type Statement = TableUsage["statements"][number];
type Join = TableUsage["joins"][number];

const CALLERS: readonly Column<Caller>[] = [
  { id: "application", header: "Application", cell: (row) => row.caller.application || <span className="text-ink-faint">unnamed</span>, value: (row) => row.caller.application, width: 150, grow: true },
  { id: "user", header: "User", cell: (row) => row.caller.user, value: (row) => row.caller.user, width: 130 },
  { id: "calls", header: "Calls", cell: (row) => integer(row.sums.calls), value: (row) => row.sums.calls, numeric: true, width: 90 },
  { id: "p95", header: "p95", cell: (row) => duration(row.sums.p95_us), value: (row) => row.sums.p95_us, numeric: true, width: 90 },
  { id: "errors", header: "Errors", cell: (row) => integer(row.sums.errors), value: (row) => row.sums.errors, numeric: true, width: 80 },
];

const joinsOf = (slug: string, connection: string): readonly Column<Join>[] => [
  {
    id: "join",
    header: "Join",
    cell: (row) => <JoinText row={row} to={row.with_key ? paths.table(slug, connection, row.with_key) : undefined} />,
    value: (row) => `${row.column} = ${row.with_table}.${row.with_column}`,
    width: 260,
    grow: true,
  },
  { id: "declared", header: "Foreign key", cell: (row) => (row.is_declared ? (row.foreign_key ?? "yes") : <Badge tone="warn">none declares it</Badge>), value: (row) => row.foreign_key ?? row.is_declared, width: 180 },
  { id: "calls", header: "Statements", cell: (row) => integer(row.calls), value: (row) => row.calls, numeric: true, width: 100 },
  { id: "seen", header: "Last seen", cell: (row) => <RelativeTime at={row.last_seen_at} />, value: (row) => row.last_seen_at, width: 110 },
];

const statements = (slug: string): Column<Statement>[] => [
  {
    id: "text",
    header: "Statement",
    cell: (row) => (
      <Link to={paths.query(slug, row.fingerprint)} className="hover:underline">
        {row.text ? <SqlLine text={row.text} /> : <code className="font-mono text-xs">{row.fingerprint}</code>}
      </Link>
    ),
    value: (row) => row.text ?? row.fingerprint,
    width: 300,
    grow: true,
  },
  { id: "what", header: "Does", cell: (row) => [row.reads && "reads", row.writes && "writes"].filter(Boolean).join(", "), value: (row) => (row.writes ? "writes" : "reads"), width: 100 },
  { id: "calls", header: "Calls", cell: (row) => integer(row.sums.calls), value: (row) => row.sums.calls, numeric: true, width: 90 },
  { id: "p95", header: "p95", cell: (row) => duration(row.sums.p95_us), value: (row) => row.sums.p95_us, numeric: true, width: 90 },
  { id: "time", header: "Time in all", cell: (row) => duration(row.sums.total_us), value: (row) => row.sums.total_us, numeric: true, width: 100 },
];

function JoinText({ row, to }: { row: Join; to: string | undefined }) {
  const other = `${row.with_schema && row.with_schema !== "public" ? `${row.with_schema}.` : ""}${row.with_table}`;
  return (
    <code className="font-mono text-xs">
      {row.column} ={" "}
      {to === undefined ? (
        other
      ) : (
        <Link to={to} className="hover:underline">
          {other}
        </Link>
      )}
      .{row.with_column}
    </code>
  );
}

interface UsagePanelProps {
  connection: string;
  objectKey: string;
  usage: TableUsage | undefined;
  error: unknown;
  onRetry: () => void;
}

export function UsagePanel({ connection, objectKey, usage, error, onRetry }: UsagePanelProps) {
  const { slug } = useWorkspace();
  if (usage === undefined) {
    return error ? <Failed error={error} onRetry={onRetry} /> : <SkeletonRows />;
  }
  if (usage.listeners.length === 0) {
    return (
      <FirstTime icon={<Route className="size-5" />} title="No listener stands before this database">
        Use is counted from the traffic that passes a listener. Let applications connect through one, and who reads and writes this table shows here.
      </FirstTime>
    );
  }
  const nothing = (what: string) => <p className="px-4 py-6 text-center text-[13px] text-ink-faint">No {what} seen in this range.</p>;
  return (
    <div className="flex flex-col gap-4">
      <p className="text-xs text-ink-faint">
        Seen at {usage.listeners.join(", ")} from {moment(usage.covered.from)} to {moment(usage.covered.until)}, counted by the {usage.covered.resolution}.
      </p>
      {usage.shares_name && <Note tone="warn">Another schema has a table of this name: statements that name no schema are counted at both.</Note>}
      <div className="grid gap-4 xl:grid-cols-2">
        <Card title="Who uses it" flush>
          <DataTable label="Who uses the table" id="table-callers" columns={CALLERS} rows={usage.callers} rowKey={(row) => `${row.caller.user} ${row.caller.database} ${row.caller.application}`} empty={nothing("use")} />
        </Card>
        <Card
          title="What it is joined with"
          actions={
            <Button asChild size="small" variant="quiet">
              <Link to={withSearch(paths.diagram(slug), { connection, table: objectKey })}>
                <Waypoints className="size-3.5" aria-hidden="true" /> In the diagram
              </Link>
            </Button>
          }
          flush
        >
          <DataTable label="Joins of the table" id="table-joins" columns={joinsOf(slug, connection)} rows={usage.joins} rowKey={(row) => `${row.column} ${row.with_schema ?? ""} ${row.with_table} ${row.with_column}`} empty={nothing("joins")} />
        </Card>
      </div>
      <Card title="Statements" note="most called first" flush>
        <DataTable label="Statements on the table" id="table-statements" columns={statements(slug)} rows={usage.statements} rowKey={(row) => row.fingerprint} empty={nothing("statements")} />
      </Card>
    </div>
  );
}
