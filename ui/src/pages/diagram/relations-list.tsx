// What does the picture show, in words? For who does not see it, and for who wants to sort.

import { useNavigate } from "@tanstack/react-router";
import { useMemo, type ReactNode } from "react";
import { usePageSearch } from "~/parts/search";
import { useWorkspace } from "~/parts/workspace";
import { paths } from "~/paths";
import { Badge } from "~/ui/badge";
import { integer } from "~/ui/format";
import { FirstTime, NothingFound } from "~/ui/states";
import type { Column } from "~/ui/table/columns";
import { DataTable } from "~/ui/table/data-table";
import { RelativeTime } from "~/ui/time";
import { Spline } from "lucide-react";
import type { Cluster } from "./clusters";
import { linksBetween, qualified, type Link, type SchemaGraph } from "./graph";

interface Row {
  link: Link;
  from: string;
  to: string;
}

const COLUMNS: readonly Column<Row>[] = [
  { id: "from", header: "From", cell: ({ from }) => <span className="font-mono text-xs">{from}</span>, value: ({ from }) => from, width: 200, grow: true, sortable: true },
  { id: "to", header: "To", cell: ({ to }) => <span className="font-mono text-xs">{to}</span>, value: ({ to }) => to, width: 200, grow: true, sortable: true },
  { id: "on", header: "Columns", cell: ({ link }) => <span className="font-mono text-xs">{on(link)}</span>, value: ({ link }) => on(link), width: 220, grow: true },
  { id: "declared", header: "Declared", cell: ({ link }) => declared(link), value: ({ link }) => link.key ?? "no", width: 190, sortable: true },
  { id: "calls", header: "Statements", cell: ({ link }) => integer(link.calls), value: ({ link }) => link.calls, numeric: true, width: 110, sortable: true },
  { id: "seen", header: "Last seen", cell: ({ link }) => (link.lastSeenAt ? <RelativeTime at={link.lastSeenAt} /> : "never"), value: ({ link }) => link.lastSeenAt, width: 120, sortable: true },
];

const on = (link: Link): string => link.pairs.map(([one, other]) => `${one} = ${other}`).join(", ");
const declared = (link: Link): ReactNode => (link.isDeclared ? <span className="font-mono text-xs">{link.key}</span> : <Badge tone="warn">none declares it</Badge>);

/** Everything that leads between the tables of the picture. */
export function RelationsList({ graph, connection, keys, onClear }: { graph: SchemaGraph; connection: string; keys: readonly string[]; onClear?: () => void }) {
  const { slug } = useWorkspace();
  const navigate = useNavigate();
  const [search, setSearch] = usePageSearch();
  const rows = useMemo(() => {
    const name = (key: string) => qualified(graph.tables.get(key) ?? { schema: "", name: key });
    return linksBetween(graph, new Set(keys)).map((link): Row => ({ link, from: name(link.from), to: name(link.to) }));
  }, [graph, keys]);
  const [id = "calls", order = "desc"] = (search["sort"] ?? "").split(".");
  return (
    <DataTable
      label="Relations"
      id="diagram-relations"
      columns={COLUMNS}
      rows={rows}
      rowKey={({ link }) => link.id}
      sort={{ id: id || "calls", desc: order !== "asc" }}
      onSort={(sort) => setSearch({ sort: `${sort.id}.${sort.desc ? "desc" : "asc"}` }, "replace")}
      onOpen={({ link }) => void navigate({ to: paths.table(slug, connection, link.from) })}
      empty={
        onClear ? (
          <NothingFound what="relations" onClear={onClear} />
        ) : (
          <FirstTime icon={<Spline className="size-5" />} title="Nothing leads from one of these tables to another">
            No foreign key is declared between them, and no statement that was seen joined them.
          </FirstTime>
        )
      }
    />
  );
}

interface GroupRow {
  cluster: Cluster;
  links: number;
}

const GROUP_COLUMNS: readonly Column<GroupRow>[] = [
  { id: "name", header: "Group", cell: ({ cluster }) => <span className="font-mono text-xs">{cluster.name}</span>, value: ({ cluster }) => cluster.name, width: 220, grow: true, sortable: true },
  { id: "tables", header: "Tables", cell: ({ cluster }) => integer(cluster.keys.length), value: ({ cluster }) => cluster.keys.length, numeric: true, width: 100, sortable: true },
  { id: "links", header: "Relations inside", cell: ({ links }) => integer(links), value: ({ links }) => links, numeric: true, width: 140, sortable: true },
];

/** The groups of the picture. */
export function GroupsList({ graph, clusters, onOpen }: { graph: SchemaGraph; clusters: readonly Cluster[]; onOpen: (id: string) => void }) {
  const rows = useMemo(() => clusters.map((cluster): GroupRow => ({ cluster, links: linksBetween(graph, new Set(cluster.keys)).length })), [graph, clusters]);
  return <DataTable label="Groups of tables" id="diagram-groups" columns={GROUP_COLUMNS} rows={rows} rowKey={({ cluster }) => cluster.id} onOpen={({ cluster }) => onOpen(cluster.id)} empty={<NothingFound what="tables" />} />;
}
