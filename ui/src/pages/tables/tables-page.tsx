// What is in the database behind a connection: by schema, or found by words?

import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { Database, Table2 } from "lucide-react";
import type { ReactNode } from "react";
import { connectionsQuery, snapshotsQuery, type Connection } from "~/api/connections";
import { isProblem } from "~/api/problem";
import { schemaSearchQuery, schemaTreeQuery, type SchemaEntry } from "~/api/tables";
import { FilterInput } from "~/parts/filter-input";
import { listed } from "~/parts/list";
import { Page } from "~/parts/page";
import { usePageSearch } from "~/parts/search";
import { useWorkspace } from "~/parts/workspace";
import { paths } from "~/paths";
import { useScope } from "~/shell/scope";
import { Button } from "~/ui/button";
import { Card } from "~/ui/card";
import { BareSelect, Segments } from "~/ui/choice";
import { bytes, integer } from "~/ui/format";
import { ErrorNote, Failed, FirstTime, NothingFound, SkeletonRows } from "~/ui/states";
import type { Column } from "~/ui/table/columns";
import { DataTable } from "~/ui/table/data-table";
import { RelativeTime } from "~/ui/time";
import { KindIcon } from "./kind-icon";
import { ReadSchema, useReadSchema } from "./read-schema";
import { TableTree } from "./table-tree";

export function TablesPage() {
  const { slug } = useWorkspace();
  const connections = useQuery(connectionsQuery(slug));
  const scope = useScope(slug);
  const connection = scope.connection ?? connections.data?.[0];
  if (connections.data !== undefined && connection !== undefined) {
    return <TablesOf key={connection.id} connection={connection} connections={connections.data} onChoose={scope.choose} />;
  }
  return (
    <Page title="Tables" about="Tables, columns and how the traffic uses them.">
      {connections.error && connections.data === undefined ? <Failed error={connections.error} onRetry={() => void connections.refetch()} /> : connections.data === undefined ? <SkeletonRows /> : <NoConnection slug={slug} />}
    </Page>
  );
}

function NoConnection({ slug }: { slug: string }) {
  return (
    <FirstTime
      icon={<Database className="size-5" />}
      title="No database is connected yet"
      actions={
        <Button asChild variant="primary">
          <Link to={paths.newConnection(slug)}>New connection</Link>
        </Button>
      }
    >
      Tables are read over a connection. With one, this page shows every table, its columns and keys, and which statements use it.
    </FirstTime>
  );
}

function TablesOf({ connection, connections, onChoose }: { connection: Connection; connections: readonly Connection[]; onChoose: (id: string) => void }) {
  const { slug } = useWorkspace();
  const [search, setSearch] = usePageSearch();
  const reading = useReadSchema(slug, connection.id);
  const hasSnapshot = Boolean(connection.last_snapshot);
  const words = search["words"]?.trim() ?? "";
  const isAll = search["kinds"] === "all";
  const bar = hasSnapshot && (
    <div className="flex flex-wrap items-center gap-2">
      <FilterInput name="words" label="Search tables and columns" placeholder="Search tables and columns" main className="w-72 max-sm:w-full" />
      {words === "" && (
        <Segments
          label="What is listed"
          value={isAll ? "all" : "tables"}
          onChange={(kinds) => setSearch({ kinds: kinds === "all" ? "all" : undefined })}
          choices={[
            { value: "tables", label: "Tables and views" },
            { value: "all", label: "Everything" },
          ]}
        />
      )}
      <SnapshotAge slug={slug} connection={connection.id} />
    </div>
  );
  const actions = (
    <>
      {connections.length > 1 && <BareSelect label="Connection" className="min-w-44" value={connection.id} onChange={onChoose} choices={connections.map((one) => ({ value: one.id, label: one.name, note: one.environment }))} />}
      {hasSnapshot && <ReadSchema reading={reading} />}
    </>
  );
  return (
    <Page title="Tables" about={`Of the connection ${connection.name}, as its schema was last read.`} actions={actions} bar={bar}>
      {reading.error && <ErrorNote error={reading.error} />}
      <Card flush>{!hasSnapshot ? <NotRead reading={reading} /> : words === "" ? <Tree slug={slug} connection={connection.id} isAll={isAll} reading={reading} /> : <Found slug={slug} connection={connection.id} words={words} />}</Card>
    </Page>
  );
}

function SnapshotAge({ slug, connection }: { slug: string; connection: string }) {
  const snapshot = useInfiniteQuery(snapshotsQuery(slug, connection)).data?.pages[0]?.items[0];
  return (
    snapshot && (
      <span className="ml-auto text-xs text-ink-faint max-sm:ml-0">
        {snapshot.engine} {snapshot.engine_version}, seen <RelativeTime at={snapshot.seen_at} />
        {snapshot.warnings.length > 0 && <span title={snapshot.warnings.map((one) => `${one.missing}: ${one.reason}`).join("\n")}>, without {snapshot.warnings.map((one) => one.missing).join(", ")}</span>}
      </span>
    )
  );
}

function NotRead({ reading }: { reading: ReturnType<typeof useReadSchema> }) {
  return (
    <FirstTime icon={<Table2 className="size-5" />} title="The schema was not read yet" actions={<ReadSchema reading={reading} variant="primary" />}>
      A snapshot holds tables, columns, keys and indexes, no rows. It is read in one transaction that only reads, takes seconds, and is read again after changes.
    </FirstTime>
  );
}

function Tree({ slug, connection, isAll, reading }: { slug: string; connection: string; isAll: boolean; reading: ReturnType<typeof useReadSchema> }) {
  const tree = useQuery(schemaTreeQuery(slug, connection));
  if (tree.data === undefined) {
    return isProblem(tree.error, "not_found") ? <NotRead reading={reading} /> : tree.error ? <Failed error={tree.error} onRetry={() => void tree.refetch()} /> : <SkeletonRows />;
  }
  if (tree.data.length === 0) {
    return (
      <FirstTime icon={<Table2 className="size-5" />} title="The database has no tables that can be seen">
        What the connection&apos;s user may not see is left out. Make a table, or give the user the right to see them, and read the schema again.
      </FirstTime>
    );
  }
  return <TableTree workspace={slug} connection={connection} groups={tree.data} isAll={isAll} />;
}

const COLUMNS: readonly Column<{ object: SchemaEntry; matched: string }>[] = [
  { id: "name", header: "Name", cell: ({ object }) => <Named entry={object} />, value: ({ object }) => object.name, width: 220, grow: true },
  { id: "matched", header: "Found in", cell: ({ matched }) => (matched === "name" ? "its name" : "a column"), value: ({ matched }) => matched, width: 110 },
  { id: "kind", header: "Kind", cell: ({ object }) => object.kind.replaceAll("_", " "), value: ({ object }) => object.kind, width: 130 },
  { id: "comment", header: "Comment", cell: ({ object }) => <span dir="auto">{object.comment}</span>, value: ({ object }) => object.comment, width: 200, grow: true },
  { id: "columns", header: "Columns", cell: ({ object }) => integer(object.column_count), value: ({ object }) => object.column_count, numeric: true, width: 90 },
  { id: "rows", header: "Rows", cell: ({ object }) => estimate(object.row_estimate), value: ({ object }) => object.row_estimate, numeric: true, width: 100 },
  { id: "size", header: "Size", cell: ({ object }) => (typeof object.size_bytes === "number" ? bytes(object.size_bytes) : "–"), value: ({ object }) => object.size_bytes, numeric: true, width: 90 },
];

const estimate = (rows: number | null | undefined): ReactNode => (typeof rows === "number" ? `~${integer(rows)}` : "–");

function Named({ entry }: { entry: SchemaEntry }) {
  return (
    <span className="flex items-center gap-2 font-mono text-xs">
      <KindIcon kind={entry.kind} />
      <span className="truncate">
        {entry.schema && <span className="text-ink-faint">{entry.schema}.</span>}
        {entry.name}
      </span>
    </span>
  );
}

function Found({ slug, connection, words }: { slug: string; connection: string; words: string }) {
  const navigate = useNavigate();
  const [, setSearch] = usePageSearch();
  const found = useInfiniteQuery(schemaSearchQuery(slug, connection, words));
  return (
    <DataTable
      label="Tables found"
      id="tables-found"
      columns={COLUMNS}
      {...listed(found)}
      rowKey={({ object }) => object.key}
      onOpen={({ object }) => void navigate({ to: paths.table(slug, connection, object.key) })}
      empty={<NothingFound what="tables or columns" onClear={() => setSearch({ words: undefined })} />}
    />
  );
}
