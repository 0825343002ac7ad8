// Which schemas did the database have, and what became different between two of them?

import { useInfiniteQuery, useMutation } from "@tanstack/react-query";
import { Camera, Layers } from "lucide-react";
import { useEffect, useState } from "react";
import { snapshotsQuery, takeSnapshot, type Connection, type Snapshot } from "~/api/connections";
import { environmentName, onEnvironment } from "~/parts/environment";
import { listed, rowsOf } from "~/parts/list";
import { usePageSearch } from "~/parts/search";
import { useMay, useWorkspace } from "~/parts/workspace";
import { Badge } from "~/ui/badge";
import { Button } from "~/ui/button";
import { Card } from "~/ui/card";
import { BareSelect } from "~/ui/choice";
import { duration, integer, moment } from "~/ui/format";
import { ErrorNote, FirstTime, Note } from "~/ui/states";
import type { Column } from "~/ui/table/columns";
import { DataTable } from "~/ui/table/data-table";
import { RelativeTime } from "~/ui/time";
import { toast } from "~/ui/toast";
import { SchemaChanges } from "./schema-changes";

const CAUSES: Record<string, string> = { manual: "somebody asked", schedule: "by schedule", ddl: "after DDL on the wire", upload: "a file was sent" };

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

export function Snapshots({ connection }: { connection: Connection }) {
  const { slug } = useWorkspace();
  const query = useInfiniteQuery(snapshotsQuery(slug, connection.id));
  const rows = rowsOf(query.data);
  return (
    <div className="flex flex-col gap-4">
      <Take connection={connection} />
      {rows && rows.length > 1 && <Compare connection={connection} snapshots={rows} />}
      <Card title="Snapshots" note="one for each schema it had; the same one is not kept twice" flush>
        <DataTable
          label="Snapshots"
          id="snapshots"
          columns={COLUMNS}
          {...listed(query)}
          rowKey={(row) => row.id}
          empty={
            <FirstTime icon={<Layers className="size-5" />} title="The schema was not read yet">
              A snapshot holds tables, columns, keys, indexes and functions as they were at one time. It is taken by schedule, after statements that change the schema, and when somebody asks.
            </FirstTime>
          }
        />
      </Card>
    </div>
  );
}

function Take({ connection }: { connection: Connection }) {
  const { slug } = useWorkspace();
  const mayAsk = useMay("run_queries");
  const mayProduction = useMay("use_production");
  const environment = environmentName(connection.environment);
  const isBarred = environment === "production" && !mayProduction;
  const take = useMutation({
    mutationFn: () => takeSnapshot(slug, connection.id),
    onSuccess: (taken) => toast({ title: taken.is_new ? "The schema is another than before: a new snapshot." : "The schema is still the same.", tone: "ok" }),
  });
  if (!mayAsk) {
    return null;
  }
  return (
    <div className="flex flex-col gap-2">
      <div className="flex flex-wrap items-center gap-3">
        <Button variant="primary" icon={<Camera className="size-3.5" aria-hidden="true" />} busy={take.isPending} disabled={isBarred} onClick={() => take.mutate()}>
          {`Read the schema now${onEnvironment(environment)}`}
        </Button>
        <span className="text-xs text-ink-faint">{isBarred ? "On production it needs the capability use_production." : "Only catalogs are read, no rows of tables."}</span>
      </div>
      {take.isPending && <Reading />}
      {take.error && <ErrorNote error={take.error} />}
      {take.data?.snapshot.warnings.map((warning) => (
        <Note key={warning.missing} tone="warn">
          Not read: {warning.missing}. {warning.reason}
        </Note>
      ))}
    </div>
  );
}

/** How far it is nobody tells: it says that it goes on, and for how long. */
function Reading() {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setSeconds((before) => before + 1), 1_000);
    return () => clearInterval(timer);
  }, []);
  return (
    <Note tone="info">
      <span role="status">Reading tables, columns, keys, indexes and functions.</span> <span className="tabular-nums">{seconds} s</span>
    </Note>
  );
}

const nameOf = (snapshot: Snapshot): string => `${moment(snapshot.taken_at)}, ${integer(snapshot.object_count)} objects`;

/** Both sides are in the URL; without them the latest two are compared. */
function Compare({ connection, snapshots }: { connection: Connection; snapshots: readonly Snapshot[] }) {
  const [search, set] = usePageSearch();
  const choices = snapshots.map((one) => ({ value: one.id, label: nameOf(one) }));
  const before = search["before"] ?? snapshots[1]?.id ?? "";
  const after = search["after"] ?? snapshots[0]?.id ?? "";
  return (
    <Card
      title="What changed"
      actions={
        <span className="flex flex-wrap items-center gap-2 text-xs text-ink-faint">
          from <BareSelect label="Older snapshot" value={before} onChange={(id) => set({ before: id })} choices={choices} className="max-w-64" />
          to <BareSelect label="Later snapshot" value={after} onChange={(id) => set({ after: id })} choices={choices} className="max-w-64" />
        </span>
      }
      flush
    >
      {before === after ? <p className="px-4 py-6 text-[13px] text-ink-soft">Both are the same snapshot: choose another.</p> : <SchemaChanges connection={connection.id} before={before} after={after} />}
    </Card>
  );
}
