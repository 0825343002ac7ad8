// What is drawn, and how large? The same on the page and in an exported picture.

import { count, compact } from "~/ui/format";
import { moment } from "~/ui/format";
import type { GraphColumn, TableDetail } from "~/api/diagram";
import { bridgesOf, type Cluster } from "./clusters";
import { linksBetween, otherEnd, qualified, type Link, type SchemaGraph, type Table } from "./graph";

export const TABLE_WIDTH = 236;
export const HEAD_HEIGHT = 34;
export const ROW_HEIGHT = 20;
const PAD = 6;
/** Rows of one table: a longer one says how many are left out. */
const ROWS_MAX = 16;

export const NAME_WIDTH = 168;
export const NAME_HEIGHT = 18;
export const CLUSTER_HEAD = 40;
export const CLUSTER_PAD = 12;
/** Names in one group: who wants all of them opens it. */
const NAMES_MAX = 48;

export interface Size {
  width: number;
  height: number;
}

export interface TableNode extends Size {
  kind: "table";
  id: string;
  table: Table;
  rows: readonly GraphColumn[];
  /** Columns that are not drawn, where some are. */
  more: number;
  /** Relations to tables that are not drawn. */
  away: number;
  links: number;
  isCentre: boolean;
}

export interface ClusterNode extends Size {
  kind: "cluster";
  id: string;
  name: string;
  names: readonly { key: string; name: string }[];
  columns: number;
  tables: number;
  more: number;
  links: number;
}

export type DrawnNode = TableNode | ClusterNode;

export interface DrawnLine {
  id: string;
  from: string;
  to: string;
  /** How far below the upper edge of each it begins and ends. */
  fromOffset: number;
  toOffset: number;
  look: "declared" | "seen" | "bridge";
  isUnique: boolean;
  label: string;
  title: string;
}

export interface Drawing {
  nodes: readonly DrawnNode[];
  lines: readonly DrawnLine[];
}

/** How much of each table is drawn where nobody says: less, the more there are. */
export const usualDetail = (tables: number): TableDetail => (tables <= 12 ? "columns" : tables <= 60 ? "keys" : "names");

/** A picture of these tables. */
export function tablesDrawing(graph: SchemaGraph, keys: readonly string[], detail: TableDetail, centre?: string): Drawing {
  const shown = new Set(keys.filter((key) => graph.tables.has(key)));
  const links = linksBetween(graph, shown);
  const used = usedColumns(links);
  const nodes = [...shown].flatMap((key): TableNode[] => {
    const table = graph.tables.get(key);
    return table === undefined ? [] : [tableNode(table, graph, { detail, shown, used: used.get(key), isCentre: key === centre })];
  });
  const byKey = new Map(nodes.map((node) => [node.id, node]));
  return { nodes, lines: links.map((link) => lineOf(link, byKey)) };
}

function usedColumns(links: readonly Link[]): Map<string, Set<string>> {
  const used = new Map<string, Set<string>>();
  const note = (key: string, column: string) => used.set(key, (used.get(key) ?? new Set()).add(column));
  links.forEach(({ from, to, pairs }) => pairs.forEach(([column, other]) => [note(from, column), note(to, other)]));
  return used;
}

interface Around {
  detail: TableDetail;
  shown: ReadonlySet<string>;
  used: ReadonlySet<string> | undefined;
  isCentre: boolean;
}

function tableNode(table: Table, graph: SchemaGraph, { detail, shown, used, isCentre }: Around): TableNode {
  const links = graph.linksOf.get(table.key) ?? [];
  const isKey = (column: GraphColumn) => column.is_primary || column.is_foreign || used?.has(column.name);
  const wanted = detail === "names" ? [] : detail === "keys" ? table.columns.filter(isKey) : table.columns;
  const rows = fitting(wanted, isKey);
  const more = detail === "columns" ? table.columnCount - rows.length : 0;
  const height = HEAD_HEIGHT + (rows.length > 0 ? rows.length * ROW_HEIGHT + PAD : 0) + (more > 0 ? ROW_HEIGHT : 0);
  const away = new Set(links.map((link) => otherEnd(link, table.key)).filter((key) => !shown.has(key))).size;
  return { kind: "table", id: table.key, table, rows, more, away, links: links.length, isCentre, width: TABLE_WIDTH, height };
}

/** As many as fit, in their order; those of keys stay. */
function fitting(columns: readonly GraphColumn[], isKey: (column: GraphColumn) => boolean | undefined): GraphColumn[] {
  if (columns.length <= ROWS_MAX) {
    return [...columns];
  }
  const keys = columns.filter(isKey).slice(0, ROWS_MAX);
  const others = columns.filter((column) => !isKey(column)).slice(0, ROWS_MAX - keys.length);
  const kept = new Set([...keys, ...others]);
  return columns.filter((column) => kept.has(column));
}

function offsetOf(node: TableNode | undefined, column: string | undefined): number {
  const row = node?.rows.findIndex((one) => one.name === column) ?? -1;
  return row < 0 ? HEAD_HEIGHT / 2 : HEAD_HEIGHT + row * ROW_HEIGHT + ROW_HEIGHT / 2;
}

function lineOf(link: Link, nodes: ReadonlyMap<string, TableNode>): DrawnLine {
  const [from, to] = [nodes.get(link.from), nodes.get(link.to)];
  const [column, other] = link.pairs[0] ?? [];
  return {
    id: link.id,
    from: link.from,
    to: link.to,
    fromOffset: offsetOf(from, column),
    toOffset: offsetOf(to, other),
    look: link.isDeclared ? "declared" : "seen",
    isUnique: link.isUnique,
    label: link.calls > 0 || !link.isDeclared ? compact(link.calls) : "",
    title: from && to ? sentence(link, from.table, to.table) : "",
  };
}

/** What a line says, in words. */
export function sentence(link: Link, from: Table, to: Table): string {
  const on = link.pairs.map(([column, other]) => `${qualified(from)}.${column} = ${qualified(to)}.${other}`).join(" and ");
  const declared = link.isDeclared ? `foreign key ${link.key ?? ""}` : "no foreign key declares it";
  const seen = link.lastSeenAt === undefined ? "not seen in statements" : `joined by ${count(link.calls, "statement")}, last ${moment(link.lastSeenAt)}`;
  return `${on}: ${declared}, ${seen}`;
}

/** A picture of all groups, each with the names of its tables. */
export function clustersDrawing(graph: SchemaGraph, clusters: readonly Cluster[]): Drawing {
  const bridges = bridgesOf(graph, clusters);
  const degrees = new Map<string, number>();
  bridges.forEach(({ from, to, links }) => [from, to].forEach((id) => degrees.set(id, (degrees.get(id) ?? 0) + links)));
  const several = new Set([...graph.tables.values()].map(({ schema }) => schema)).size > 1;
  const nodes = clusters.map((cluster): ClusterNode => {
    const inside = new Set(cluster.keys.map((key) => graph.tables.get(key)?.schema)).size;
    const label = (table: Table) => (several && inside > 1 ? qualified(table) : table.name);
    const names = cluster.keys.slice(0, NAMES_MAX).flatMap((key) => {
      const table = graph.tables.get(key);
      return table === undefined ? [] : [{ key, name: label(table) }];
    });
    const columns = names.length <= 6 ? 1 : names.length <= 20 ? 2 : 3;
    const more = cluster.keys.length - names.length;
    const rows = Math.ceil(names.length / columns) + (more > 0 ? 1 : 0);
    return { kind: "cluster", id: cluster.id, name: cluster.name, names, columns, tables: cluster.keys.length, more, links: degrees.get(cluster.id) ?? 0, width: columns * NAME_WIDTH + CLUSTER_PAD * 2, height: CLUSTER_HEAD + rows * NAME_HEIGHT + CLUSTER_PAD };
  });
  const nameOf = new Map(clusters.map(({ id, name }) => [id, name]));
  const lines = bridges.map(({ from, to, links }): DrawnLine => ({
    id: `${from}\u0000${to}`,
    from,
    to,
    fromOffset: CLUSTER_HEAD / 2,
    toOffset: CLUSTER_HEAD / 2,
    look: "bridge",
    isUnique: false,
    label: String(links),
    title: `${count(links, "relation")} between ${nameOf.get(from) ?? from} and ${nameOf.get(to) ?? to}`,
  }));
  return { nodes, lines };
}
