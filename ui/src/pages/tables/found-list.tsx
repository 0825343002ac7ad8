// Which objects were found by words in their names, columns and comments?

import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { schemaSearchQuery, type SchemaEntry } from "~/api/tables";
import { listed } from "~/parts/list";
import { usePageSearch } from "~/parts/search";
import { useWorkspace } from "~/parts/workspace";
import { paths } from "~/paths";
import { bytes, integer } from "~/ui/format";
import { NothingFound } from "~/ui/states";
import type { Column } from "~/ui/table/columns";
import { DataTable } from "~/ui/table/data-table";
import { Named, estimate } from "./named";
import { kindWord } from "./tree-lines";

interface Hit {
  object: SchemaEntry;
  matched: string;
}

const PLACES: Record<string, string> = { name: "its name", column: "a column", comment: "its comment" };

const COLUMNS: readonly Column<Hit>[] = [
  { id: "name", header: "Name", cell: ({ object }) => <Named entry={object} />, value: ({ object }) => object.name, width: 220, grow: true },
  { id: "matched", header: "Found in", cell: ({ matched }) => PLACES[matched] ?? matched, value: ({ matched }) => matched, width: 110 },
  { id: "kind", header: "Kind", cell: ({ object }) => kindWord(object.kind), value: ({ object }) => object.kind, width: 130 },
  { id: "comment", header: "Comment", cell: ({ object }) => <span dir="auto">{object.comment}</span>, value: ({ object }) => object.comment, width: 200, grow: true },
  { id: "columns", header: "Columns", cell: ({ object }) => integer(object.column_count), value: ({ object }) => object.column_count, numeric: true, width: 90 },
  { id: "rows", header: "Rows", cell: ({ object }) => estimate(object.row_estimate), value: ({ object }) => object.row_estimate, numeric: true, width: 100 },
  { id: "size", header: "Size", cell: ({ object }) => (typeof object.size_bytes === "number" ? bytes(object.size_bytes) : "–"), value: ({ object }) => object.size_bytes, numeric: true, width: 90 },
];

export function FoundList({ connection, words }: { connection: string; words: string }) {
  const { slug } = useWorkspace();
  const navigate = useNavigate();
  const [, setSearch] = usePageSearch();
  const found = useInfiniteQuery(schemaSearchQuery(slug, connection, words));
  return (
    <DataTable
      label="Tables found"
      id="tables-found"
      columns={COLUMNS}
      {...listed<Hit>(found)}
      rowKey={({ object }) => object.key}
      onOpen={({ object }) => void navigate({ to: paths.table(slug, connection, object.key) })}
      empty={<NothingFound what="tables, columns or comments" onClear={() => setSearch({ words: undefined })} />}
    />
  );
}
