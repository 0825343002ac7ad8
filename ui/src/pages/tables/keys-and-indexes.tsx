// What must hold for rows of the table, and by what are they found?

import { ListOrdered } from "lucide-react";
import { Badge } from "~/ui/badge";
import { Card } from "~/ui/card";
import { bytes, integer } from "~/ui/format";
import { FirstTime } from "~/ui/states";
import type { Column } from "~/ui/table/columns";
import { DataTable } from "~/ui/table/data-table";
import { RelativeTime } from "~/ui/time";
import type { Definition, TableIndex, TableKey } from "./definition";

const mono = (text: string) => <code className="font-mono text-xs">{text}</code>;

/** Known only where the server counts. What keeps a key is needed all the same. */
const isIdle = (index: TableIndex): boolean => index.scans === 0 && index.lastUsedAt === undefined;

const KEYS: readonly Column<TableKey>[] = [
  { id: "kind", header: "Kind", cell: (row) => row.kind, value: (row) => row.kind, width: 110 },
  { id: "what", header: "Columns or condition", cell: (row) => mono(row.what), value: (row) => row.what, width: 240, grow: true },
  { id: "name", header: "Name", cell: (row) => mono(row.name), value: (row) => row.name, width: 220 },
  { id: "note", header: "Note", cell: (row) => row.note, value: (row) => row.note, width: 180 },
];

const INDEXES: readonly Column<TableIndex>[] = [
  { id: "name", header: "Index", cell: (row) => <span title={row.definition}>{mono(row.name)}</span>, value: (row) => row.name, width: 200, grow: true },
  { id: "columns", header: "Columns", cell: (row) => mono(row.columns + (row.predicate ? ` where ${row.predicate}` : "")), value: (row) => row.columns, width: 200, grow: true },
  { id: "method", header: "Method", cell: (row) => row.method, value: (row) => row.method, width: 90 },
  {
    id: "marks",
    header: "Marks",
    cell: (row) => (
      <span className="flex gap-1">
        {row.isUnique && <Badge>unique</Badge>}
        {row.isUnusable && <Badge tone="danger">not usable</Badge>}
        {isIdle(row) && <Badge tone="warn">never used</Badge>}
      </span>
    ),
    value: (row) => [row.isUnique && "unique", row.isUnusable && "not usable", isIdle(row) && "never used"].filter(Boolean).join(" "),
    width: 150,
  },
  { id: "scans", header: "Scans", cell: (row) => (row.scans === undefined ? "–" : integer(row.scans)), value: (row) => row.scans, numeric: true, width: 90, help: "Times the server used it since its counters began" },
  { id: "size", header: "Size", cell: (row) => (row.bytes === undefined ? "–" : bytes(row.bytes)), value: (row) => row.bytes, numeric: true, width: 90 },
  { id: "used", header: "Last used", cell: (row) => (row.lastUsedAt === undefined ? "–" : <RelativeTime at={row.lastUsedAt} />), value: (row) => row.lastUsedAt, width: 110 },
];

export function KeysAndIndexes({ definition }: { definition: Definition }) {
  return (
    <div className="flex flex-col gap-4">
      <Card title="Keys and conditions" flush>
        <DataTable label="Keys" id="table-keys" columns={KEYS} rows={definition.keys} rowKey={(row) => `${row.kind} ${row.name} ${row.what}`} empty={<Nothing what="keys or conditions" />} />
      </Card>
      <Card title="Indexes" flush>
        <DataTable label="Indexes" id="table-indexes" columns={INDEXES} rows={definition.indexes} rowKey={(row) => row.name} empty={<Nothing what="indexes" />} />
        {definition.indexes.some(isIdle) && <p className="border-t border-line px-4 py-2 text-xs text-ink-soft">Never used means: not since the counters of this server began; another server that follows it counts for itself. An index of a key keeps rows unique whether it is read or not.</p>}
      </Card>
    </div>
  );
}

function Nothing({ what }: { what: string }) {
  return (
    <FirstTime icon={<ListOrdered className="size-5" />} title={`It has no ${what}`}>
      They appear here when the database has them and the schema is read again.
    </FirstTime>
  );
}
