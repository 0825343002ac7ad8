// Into which groups does a large schema fall, so that all of it can be looked at?

import { otherEnd, type SchemaGraph } from "./graph";

export type Grouping = "schema" | "prefix" | "links";
export const GROUPINGS: readonly Grouping[] = ["schema", "prefix", "links"];

export interface Cluster {
  /** The word in the URL. */
  id: string;
  name: string;
  /** Its tables, the most linked first. */
  keys: readonly string[];
}

export interface Bridge {
  from: string;
  to: string;
  links: number;
}

/** Groups that are drawn; what is beyond is one of its own. */
const CLUSTERS_MAX = 120;
/** What fewer tables share is no group. */
const TABLES_MIN = 3;
/** Labels have wandered as far as they go by then. */
const ROUNDS = 12;
const OTHERS = "others";

/** By schema where there are several that say something, else by what hangs together, else by name. */
export function usualGrouping(graph: SchemaGraph): Grouping {
  const counts = new Map<string, number>();
  graph.tables.forEach(({ schema }) => counts.set(schema, (counts.get(schema) ?? 0) + 1));
  if (counts.size > 1 && Math.max(...counts.values()) < graph.tables.size * 0.7) {
    return "schema";
  }
  return graph.links.length >= graph.tables.size / 4 ? "links" : "prefix";
}

export function clustersOf(graph: SchemaGraph, grouping: Grouping): Cluster[] {
  const labels = grouping === "links" ? byLinks(graph) : undefined;
  const groups = new Map<string, string[]>();
  for (const [key, table] of graph.tables) {
    const label = grouping === "schema" ? table.schema : grouping === "prefix" ? prefixOf(table.name) : (labels?.get(key) ?? key);
    const group = groups.get(label);
    if (group) {
      group.push(key);
    } else {
      groups.set(label, [key]);
    }
  }
  const degree = (key: string) => graph.linksOf.get(key)?.length ?? 0;
  const whole = [...groups].toSorted(([one, some], [other, many]) => many.length - some.length || one.localeCompare(other));
  const isKept = (size: number, index: number) => index < CLUSTERS_MAX && (grouping === "schema" || size >= TABLES_MIN);
  const kept = whole.filter(([, keys], index) => isKept(keys.length, index));
  const others = whole.filter(([, keys], index) => !isKept(keys.length, index)).flatMap(([, keys]) => keys);
  const clusters = kept.map(([label, keys]): Cluster => {
    const sorted = keys.toSorted((one, other) => degree(other) - degree(one));
    const middle = graph.tables.get(sorted[0] ?? "");
    return grouping === "links" ? { id: label, name: `around ${middle?.name ?? label}`, keys: sorted } : { id: label, name: grouping === "prefix" ? `${label}…` : label || "no schema", keys: sorted };
  });
  return others.length === 0 ? clusters : [...clusters, { id: OTHERS, name: "others", keys: others.toSorted((one, other) => degree(other) - degree(one)) }];
}

/** `order` of `order_items` and of `OrderItems`. */
export function prefixOf(name: string): string {
  const parts = name.replace(/^_+/, "").split(/[_.$-]|(?<=[a-z0-9])(?=[A-Z])/);
  return (parts[0] ?? name).toLowerCase() || name.toLowerCase();
}

/** Each table takes the label most of its neighbours have, until none changes: those that hang together share one. */
function byLinks(graph: SchemaGraph): Map<string, string> {
  const keys = [...graph.tables.keys()].toSorted((one, other) => (graph.linksOf.get(other)?.length ?? 0) - (graph.linksOf.get(one)?.length ?? 0));
  const labels = new Map(keys.map((key) => [key, key]));
  for (let round = 0; round < ROUNDS; round += 1) {
    let changed = false;
    for (const key of keys) {
      const votes = new Map<string, number>();
      for (const link of graph.linksOf.get(key) ?? []) {
        const label = labels.get(otherEnd(link, key)) ?? key;
        votes.set(label, (votes.get(label) ?? 0) + 1 + Math.log10(1 + link.calls));
      }
      const own = labels.get(key) ?? key;
      let best = own;
      let most = votes.get(own) ?? 0;
      votes.forEach((vote, label) => {
        if (vote > most || (vote === most && best !== own && label < best)) {
          [best, most] = [label, vote];
        }
      });
      if (best !== own) {
        labels.set(key, best);
        changed = true;
      }
    }
    if (!changed) {
      break;
    }
  }
  return labels;
}

/** How many links lead from one group to another. */
export function bridgesOf(graph: SchemaGraph, clusters: readonly Cluster[]): Bridge[] {
  const home = new Map(clusters.flatMap(({ id, keys }) => keys.map((key) => [key, id] as const)));
  const found = new Map<string, Bridge>();
  for (const link of graph.links) {
    const [from, to] = [home.get(link.from), home.get(link.to)];
    if (from === undefined || to === undefined || from === to) {
      continue;
    }
    const [one, other] = from < to ? [from, to] : [to, from];
    const id = `${one}\u0000${other}`;
    const known = found.get(id) ?? { from: one, to: other, links: 0 };
    found.set(id, { ...known, links: known.links + 1 });
  }
  return [...found.values()];
}
