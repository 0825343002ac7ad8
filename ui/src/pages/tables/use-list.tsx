// Which tables are used most, and which were not used for long?

import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Route } from "lucide-react";
import { useMemo } from "react";
import { tablesQuery, type TableOrder, type TableUse } from "~/api/tables";
import { listed } from "~/parts/list";
import { rangeOf } from "~/parts/range";
import { usePageSearch, type Search } from "~/parts/search";
import { useWorkspace } from "~/parts/workspace";
import { paths } from "~/paths";
import { BareSelect } from "~/ui/choice";
import { bytes, count, date, integer } from "~/ui/format";
import { FirstTime, Note, NothingFound } from "~/ui/states";
import type { Column } from "~/ui/table/columns";
import { DataTable } from "~/ui/table/data-table";
import { RelativeTime, useNow } from "~/ui/time";
import { Named, estimate } from "./named";
import { kindWord } from "./tree-lines";

const DAYS = ["7", "30", "90"] as const;
/** The ids of the columns are the server's words. */
const ORDERS: readonly TableOrder[] = ["reads", "writes", "unused", "size", "rows", "name"];
const orderOf = (search: Search): TableOrder => ORDERS.find((one) => one === search["sort"]) ?? (search["unused"] ? "size" : "reads");

const never = <span className="text-ink-faint">never seen</span>;
const figure = (row: TableUse, value: number) => (row.last_seen_at ? integer(value) : <span className="text-ink-faint">0</span>);

const COLUMNS: readonly Column<TableUse>[] = [
  { id: "name", header: "Name", cell: ({ object }) => <Named entry={object} />, value: ({ object }) => [object.schema, object.name].filter(Boolean).join("."), width: 220, grow: true, sortable: "server" },
  { id: "kind", header: "Kind", cell: ({ object }) => kindWord(object.kind), value: ({ object }) => object.kind, width: 130 },
  { id: "reads", header: "Reads", cell: (row) => figure(row, row.reads), value: (row) => row.reads, numeric: true, width: 90, sortable: "server", help: "Statements that read it in the last 30 days" },
  { id: "writes", header: "Writes", cell: (row) => figure(row, row.writes), value: (row) => row.writes, numeric: true, width: 90, sortable: "server", help: "Statements that changed it in the last 30 days" },
  { id: "unused", header: "Last used", cell: (row) => (row.last_seen_at ? <RelativeTime at={row.last_seen_at} /> : never), value: (row) => row.last_seen_at, width: 120, sortable: "server", help: "When a statement was last seen that uses it; those longest ago come first" },
  { id: "rows", header: "Rows", cell: ({ object }) => estimate(object.row_estimate), value: ({ object }) => object.row_estimate, numeric: true, width: 100, sortable: "server" },
  { id: "size", header: "Size", cell: ({ object }) => (typeof object.size_bytes === "number" ? bytes(object.size_bytes) : "–"), value: ({ object }) => object.size_bytes, numeric: true, width: 90, sortable: "server" },
  { id: "comment", header: "Comment", cell: ({ object }) => <span dir="auto">{object.comment}</span>, value: ({ object }) => object.comment, width: 180, grow: true },
];

/** All, or only those that nobody was seen using. */
export function UseFilter() {
  const [search, setSearch] = usePageSearch();
  const unused = DAYS.find((days) => days === search["unused"]) ?? "all";
  return (
    <BareSelect
      label="Which use"
      value={unused}
      onChange={(days) => setSearch({ unused: days === "all" ? undefined : days, sort: undefined })}
      choices={[{ value: "all", label: "Used or not" }, ...DAYS.map((days) => ({ value: days, label: `Not seen in ${days} days` }))]}
    />
  );
}

export function UseList({ connection }: { connection: string }) {
  const { slug } = useWorkspace();
  const navigate = useNavigate();
  const [search, setSearch] = usePageSearch();
  const order = orderOf(search);
  const { words, unused } = search;
  const days = DAYS.find((one) => one === unused);
  const range = useMemo(() => {
    const { from, until } = rangeOf({}, "30d");
    return { from, until };
  }, []);
  const found = useInfiniteQuery(tablesQuery(slug, connection, { order, text: words || undefined, unused_days: days && Number(days) }, range));
  const first = found.data?.pages[0];
  if (first && first.listeners.length === 0) {
    return (
      <FirstTime icon={<Route className="size-5" />} title="No listener stands before this database">
        Use is counted from the traffic that passes a listener. Let applications connect through one, and which tables they use shows here.
      </FirstTime>
    );
  }
  const isFiltered = Boolean(words);
  return (
    <>
      {first && (
        <div className="flex flex-col gap-2 border-b border-line px-4 py-2">
          <p className="text-xs text-ink-soft" role="status">
            {count(first.total, "table or view", "tables and views")}
            {days && ` that no statement was seen using for ${days} days`}. Seen at {first.listeners.join(", ")}
            {first.since && `, since ${date(first.since)}`}.
          </p>
          {days && <Watched since={first.since} days={Number(days)} />}
        </div>
      )}
      <DataTable
        label="Tables by use"
        id="tables-use"
        columns={COLUMNS}
        {...listed<TableUse>(found)}
        rowKey={({ object }) => object.key}
        sort={{ id: order, desc: order !== "name" && order !== "unused" }}
        onSort={(sort) => setSearch({ sort: sort.id })}
        onOpen={({ object }) => void navigate({ to: paths.table(slug, connection, object.key) })}
        empty={
          isFiltered ? (
            <NothingFound what="tables" onClear={() => setSearch({ words: undefined, unused: undefined })} />
          ) : (
            <FirstTime icon={<Route className="size-5" />} title={days ? "Every table was used" : "There are no tables"}>
              {days ? `Each was seen in a statement in the last ${days} days.` : "The schema that was read has neither tables nor views."}
            </FirstTime>
          )
        }
      />
    </>
  );
}

/** Nobody may take a short look for a long silence. */
function Watched({ since, days }: { since: string | null | undefined; days: number }) {
  const now = useNow();
  const watched = since ? (now - Date.parse(since)) / 86_400_000 : 0;
  return watched >= days ? null : (
    <Note tone="warn">
      {since ? `Traffic has been watched for ${count(Math.floor(watched), "day")} only` : "No traffic has been seen yet"}: what was used before is not known. Jobs that run once a month or a year may still come.
    </Note>
  );
}
