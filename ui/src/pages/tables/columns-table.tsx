// Which columns does the table have, and which of them are used?

import { KeyRound } from "lucide-react";
import { useMemo } from "react";
import type { TableUsage } from "~/api/tables";
import { usePageSearch } from "~/parts/search";
import { Card } from "~/ui/card";
import { integer } from "~/ui/format";
import { FirstTime } from "~/ui/states";
import type { Column } from "~/ui/table/columns";
import { DataTable } from "~/ui/table/data-table";
import { RelativeTime } from "~/ui/time";
import { ColumnUse } from "./column-use";
import type { Definition, TableColumn } from "./definition";

interface Row extends TableColumn {
  reads: number | undefined;
  writes: number | undefined;
  lastSeenAt: string | undefined;
}

const mono = (text: string | undefined) => text && <code className="font-mono text-xs">{text}</code>;

/** How often; a way to the statements where there are some. */
function Used({ row, value, onShow }: { row: Row; value: number | undefined; onShow: (column: string) => void }) {
  if (value === undefined) {
    return "–";
  }
  return value === 0 ? (
    <span className="text-ink-faint">0</span>
  ) : (
    <button type="button" title="Show the statements" aria-label={`${integer(value)}: show the statements that use ${row.name}`} onClick={() => onShow(row.name)} className="underline decoration-dotted underline-offset-2 hover:text-brand-text">
      {integer(value)}
    </button>
  );
}

const columns = (onShow: (column: string) => void): readonly Column<Row>[] => [
  {
    id: "name",
    header: "Column",
    cell: (row) => (
      <span className="flex items-center gap-1.5 font-mono text-xs font-medium">
        {row.name}
        {row.isPrimary && <KeyRound className="size-3 text-warn" role="img" aria-label="primary key" />}
      </span>
    ),
    value: (row) => row.name,
    width: 130,
    grow: true,
  },
  { id: "type", header: "Type", cell: (row) => mono(row.type), value: (row) => row.type, width: 150 },
  { id: "nullable", header: "NULL", cell: (row) => (row.isNullable ? "may be" : <span className="text-ink-faint">never</span>), value: (row) => row.isNullable, width: 100 },
  { id: "default", header: "Default", cell: (row) => mono(row.otherwise), value: (row) => row.otherwise, width: 130 },
  { id: "references", header: "Refers to", cell: (row) => mono(row.references), value: (row) => row.references, width: 120 },
  { id: "reads", header: "Reads", cell: (row) => <Used row={row} value={row.reads} onShow={onShow} />, value: (row) => row.reads, numeric: true, width: 75, help: "Statements seen in the range that read the column" },
  { id: "writes", header: "Writes", cell: (row) => <Used row={row} value={row.writes} onShow={onShow} />, value: (row) => row.writes, numeric: true, width: 75, help: "Statements seen in the range that changed the column" },
  { id: "seen", header: "Last used", cell: (row) => (row.lastSeenAt ? <RelativeTime at={row.lastSeenAt} /> : "–"), value: (row) => row.lastSeenAt, width: 110 },
  { id: "comment", header: "Comment", cell: (row) => <span dir="auto">{row.comment}</span>, value: (row) => row.comment, width: 140, grow: true },
];

export function ColumnsTable({ connection, objectKey, definition, usage }: { connection: string; objectKey: string; definition: Definition; usage: TableUsage | undefined }) {
  const [search, setSearch] = usePageSearch();
  const shown = useMemo(() => columns((column) => setSearch({ column })), [setSearch]);
  // Nothing is known of a table that no listener's traffic passes: that is not the same as 0.
  const isSeen = usage !== undefined && usage.listeners.length > 0;
  const rows = definition.columns.map((column): Row => {
    const use = usage?.columns.find((one) => one.name.toLowerCase() === column.name.toLowerCase());
    return { ...column, reads: isSeen ? (use?.reads ?? 0) : undefined, writes: isSeen ? (use?.writes ?? 0) : undefined, lastSeenAt: use?.last_seen_at };
  });
  const whole = usage?.columns.find((one) => one.name === "*");
  return (
    <Card flush>
      {search["column"] && <ColumnUse connection={connection} objectKey={objectKey} column={search["column"]} onClose={() => setSearch({ column: undefined })} />}
      <DataTable
        label="Columns of the table"
        id="table-columns"
        columns={shown}
        rows={rows}
        rowKey={(row) => row.name}
        empty={
          <FirstTime icon={<KeyRound className="size-5" />} title="It has no columns">
            A table without columns can hold rows, but nothing in them.
          </FirstTime>
        }
      />
      {whole && <p className="border-t border-line px-4 py-2 text-xs text-ink-soft">{integer(whole.reads)} statements read all columns by <code className="font-mono">*</code>; they are not counted at each column.</p>}
    </Card>
  );
}
