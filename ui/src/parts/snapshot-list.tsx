// Which schemas did the database have, each for a while?

import { useInfiniteQuery } from "@tanstack/react-query";
import { Layers } from "lucide-react";
import type { ReactNode } from "react";
import { snapshotsQuery, type Snapshot } from "~/api/connections";
import { Badge } from "~/ui/badge";
import { duration, integer } from "~/ui/format";
import { FirstTime } from "~/ui/states";
import type { Column } from "~/ui/table/columns";
import { DataTable } from "~/ui/table/data-table";
import { RelativeTime } from "~/ui/time";
import { listed } from "./list";
import { useWorkspace } from "./workspace";

export const CAUSES: Record<string, string> = { manual: "somebody asked", schedule: "by schedule", ddl: "after DDL on the wire", upload: "a file was sent" };

const COLUMNS: Column<Snapshot>[] = [
  { id: "taken", header: "Found", width: 170, grow: true, value: (row) => row.taken_at, cell: (row) => <RelativeTime at={row.taken_at} /> },
  { id: "seen", header: "Still so", width: 130, help: "When the schema was last found to be still this one.", value: (row) => row.seen_at, cell: (row) => <RelativeTime at={row.seen_at} /> },
  { id: "cause", header: "Why", width: 170, value: (row) => row.cause, cell: (row) => CAUSES[row.cause] ?? row.cause },
  { id: "objects", header: "Objects", width: 90, numeric: true, value: (row) => row.object_count, cell: (row) => integer(row.object_count) },
  { id: "engine", header: "Engine", width: 150, value: (row) => `${row.engine} ${row.engine_version}`, cell: (row) => `${row.engine} ${row.engine_version}` },
  { id: "duration", header: "Took", width: 100, numeric: true, value: (row) => row.duration_us, cell: (row) => duration(row.duration_us) },
  {
    id: "warnings",
    header: "Not read",
    width: 130,
    value: (row) => row.warnings.map((one) => one.missing).join(", "),
    cell: (row) => (row.warnings.length === 0 ? <span className="text-ink-faint">–</span> : <span title={row.warnings.map((one) => `${one.missing}: ${one.reason}`).join("\n")}><Badge tone="warn">{row.warnings.map((one) => one.missing).join(", ")}</Badge></span>),
  },
];

interface SnapshotListProps {
  connection: string;
  onOpen?: (snapshot: Snapshot) => void;
  selected?: string;
  /** Ways to the first one. */
  actions?: ReactNode;
}

export function SnapshotList({ connection, onOpen, selected, actions }: SnapshotListProps) {
  const { slug } = useWorkspace();
  const query = useInfiniteQuery(snapshotsQuery(slug, connection));
  return (
    <DataTable
      label="Snapshots"
      id="snapshots"
      columns={COLUMNS}
      {...listed(query)}
      rowKey={(row) => row.id}
      onOpen={onOpen}
      selected={selected}
      empty={
        <FirstTime icon={<Layers className="size-5" />} title="The schema was not read yet" actions={actions}>
          A snapshot holds tables, columns, keys, indexes and functions as they were at one time. It is taken by schedule, after statements that change the schema, and when somebody asks.
        </FirstTime>
      }
    />
  );
}
