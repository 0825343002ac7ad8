// What does the address ask to be shown: a table and its neighbours, a group, all groups, or a kept viewpoint?

import type { Picture, TableDetail } from "~/api/diagram";
import type { Search } from "~/parts/search";
import { clustersOf, GROUPINGS, usualGrouping, type Cluster, type Grouping } from "./clusters";
import { beginning, narrowed, neighbourhood, otherEnd, type SchemaGraph, type Table } from "./graph";

/** Tables drawn around one: of more, those that are joined most. */
export const NEIGHBOURS_MAX = 60;
/** Tables of a group that are drawn. */
export const GROUP_MAX = 300;

export type Sight =
  | { kind: "tables"; keys: readonly string[]; centre?: string; more: number; of: string }
  | { kind: "groups"; clusters: readonly Cluster[]; of: string };

const KINDS: Record<string, (table: Table) => boolean> = {
  tables: ({ kind }) => !kind.endsWith("view"),
  views: ({ kind }) => kind.endsWith("view"),
};

export const isFiltered = (search: Search): boolean => Boolean(search["schema"] || search["kind"] || search["words"]);

/** The graph without what the filters leave out; the table one asked for stays. */
export function filtered(graph: SchemaGraph, search: Search, centre: string | undefined): SchemaGraph {
  const words = (search["words"] ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  const ofKind = KINDS[search["kind"] ?? ""] ?? (() => true);
  const schema = search["schema"] ?? "";
  if (!isFiltered(search)) {
    return graph;
  }
  return narrowed(graph, (table) => table.key === centre || ((schema === "" || table.schema === schema) && ofKind(table) && words.every((word) => table.name.toLowerCase().includes(word))));
}

export const groupingOf = (search: Search, graph: SchemaGraph): Grouping => GROUPINGS.find((one) => one === search["by"]) ?? usualGrouping(graph);

export function sightOf(graph: SchemaGraph, search: Search, viewpoint: { id: string; version: number; picture: Picture } | undefined, hidden: ReadonlySet<string>): Sight {
  const seen = (keys: readonly string[]) => keys.filter((key) => !hidden.has(key));
  if (viewpoint !== undefined) {
    const keys = viewpoint.picture.tables.map(({ key }) => key).filter((key) => graph.tables.has(key));
    return { kind: "tables", keys: seen(keys), more: 0, of: `viewpoint ${viewpoint.id} ${viewpoint.version}` };
  }
  const grouping = groupingOf(search, graph);
  if (search["group"] !== undefined) {
    const group = clustersOf(graph, grouping).find(({ id }) => id === search["group"]);
    const keys = group?.keys ?? [];
    return { kind: "tables", keys: seen(keys.slice(0, GROUP_MAX)), more: Math.max(0, keys.length - GROUP_MAX), of: `group ${grouping} ${search["group"]}` };
  }
  if (search["view"] === "all") {
    const shown = hidden.size > 0 ? narrowed(graph, ({ key }) => !hidden.has(key)) : graph;
    return { kind: "groups", clusters: clustersOf(shown, grouping), of: `all ${grouping}` };
  }
  const asked = search["table"];
  const centre = asked !== undefined && graph.tables.has(asked) ? asked : beginning(graph);
  if (centre === undefined) {
    return { kind: "tables", keys: [], more: 0, of: "nothing" };
  }
  // A hidden table leads nowhere: what is behind it is not near.
  const open = hidden.size > 0 ? narrowed(graph, ({ key }) => key === centre || !hidden.has(key)) : graph;
  const hops = hopsOf(search);
  const found = neighbourhood(open, centre, hops, NEIGHBOURS_MAX);
  return { kind: "tables", keys: found.keys, more: found.more, centre, of: `around ${centre} ${hops}` };
}

/** What is kept of a sight: of a viewpoint also what a filter leaves out now, for whoever looks at a part does not take the rest away. */
export function keptKeys(whole: SchemaGraph, shown: readonly string[], viewpoint: Picture | undefined, added: readonly string[], hidden: ReadonlySet<string>): readonly string[] {
  if (viewpoint === undefined) {
    return shown;
  }
  return [...new Set([...viewpoint.tables.map(({ key }) => key), ...added])].filter((key) => whole.tables.has(key) && !hidden.has(key));
}

export const hopsOf = (search: Search): number => (search["hops"] === "2" ? 2 : 1);

/** Everything that is joined with a table and not drawn yet. */
export function missingAround(graph: SchemaGraph, key: string, shown: readonly string[], hidden: ReadonlySet<string>): string[] {
  const there = new Set(shown);
  return [...new Set((graph.linksOf.get(key) ?? []).map((link) => otherEnd(link, key)))].filter((one) => !there.has(one) && !hidden.has(one)).slice(0, NEIGHBOURS_MAX);
}

const DETAILS: readonly TableDetail[] = ["columns", "keys", "names"];
export const detailOf = (search: Search): TableDetail | undefined => DETAILS.find((one) => one === search["detail"]);
