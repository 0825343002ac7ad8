// Which tables lead to which: as the schema declares it, and as statements join them?

import type { GraphColumn, GraphRelation, SchemaJoins, SeenJoin } from "~/api/diagram";

export interface Table {
  key: string;
  schema: string;
  name: string;
  kind: string;
  columnCount: number;
  columns: readonly GraphColumn[];
}

/** What leads from one table to another, or to itself. */
export interface Link {
  id: string;
  from: string;
  to: string;
  /** The columns that are compared, of the one and of the other. */
  pairs: readonly (readonly [string, string])[];
  /** The foreign key; nothing where only statements say so. */
  key?: string;
  isDeclared: boolean;
  /** At most one row refers to a row there. */
  isUnique: boolean;
  /** Statements that joined them in the range. */
  calls: number;
  lastSeenAt?: string;
}

export interface SchemaGraph {
  tables: ReadonlyMap<string, Table>;
  links: readonly Link[];
  /** By table, the most joined first. */
  linksOf: ReadonlyMap<string, readonly Link[]>;
}

export const qualified = (table: { schema: string; name: string }): string => [table.schema, table.name].filter(Boolean).join(".");

/** Declared keys and seen joins as one graph. A key that leads out of the schema leads nowhere here. */
export function graphOf(relations: readonly GraphRelation[], seen: SchemaJoins | undefined): SchemaGraph {
  const tables = new Map<string, Table>();
  const byName = new Map<string, string>();
  for (const { key, schema, name, kind, column_count: columnCount, columns } of relations) {
    tables.set(key, { key, schema, name, kind, columnCount, columns });
    byName.set(`${schema}\u0000${name}`, key);
  }
  const declared: Link[] = relations.flatMap((relation) =>
    (relation.foreign_keys ?? []).flatMap((one, index) => {
      const to = byName.get(`${one.to_schema}\u0000${one.to_table}`);
      const pairs = one.columns.map((column, at) => [column, one.to_columns[at] ?? ""] as const);
      return to === undefined ? [] : [{ id: `${relation.key} ${to} ${index}`, from: relation.key, to, pairs, key: one.name || one.columns.join(", "), isDeclared: true, isUnique: one.is_unique ?? false, calls: 0 }];
    }),
  );
  const links = [...counted(declared, seen?.joins ?? []), ...undeclared(seen?.joins ?? [], tables)];
  return { tables, links, linksOf: linksByTable(links) };
}

const later = (one: string | undefined, other: string): string => (one === undefined || other > one ? other : one);

/** The joins that follow a key count for the key: as often as the column of it that was compared most. */
function counted(declared: readonly Link[], joins: readonly SeenJoin[]): Link[] {
  const of = (from: string, to: string, column: string, other: string) => `${from} ${to} ${column}\u0000${other}`;
  const byPair = new Map(joins.flatMap((join) => (join.is_declared ? [[of(join.from.key, join.to.key, join.from.column, join.to.column), join] as const] : [])));
  return declared.map((link) => {
    const followed = link.pairs.flatMap(([column, other]) => byPair.get(of(link.from, link.to, column, other)) ?? []);
    return followed.reduce<Link>((all, join) => ({ ...all, calls: Math.max(all.calls, join.calls), lastSeenAt: later(all.lastSeenAt, join.last_seen_at) }), link);
  });
}

/** Joins that no key declares, one for two tables. */
function undeclared(joins: readonly SeenJoin[], tables: ReadonlyMap<string, Table>): Link[] {
  const found = new Map<string, Link>();
  for (const { from, to, is_declared: isDeclared, calls, last_seen_at: at } of joins) {
    if (isDeclared || !tables.has(from.key) || !tables.has(to.key)) {
      continue;
    }
    const turned = found.get(`${to.key} ${from.key} seen`);
    const id = turned ? turned.id : `${from.key} ${to.key} seen`;
    const known = found.get(id) ?? { id, from: from.key, to: to.key, pairs: [], isDeclared: false, isUnique: false, calls: 0 };
    const pair = turned && turned.from !== from.key ? ([to.column, from.column] as const) : ([from.column, to.column] as const);
    found.set(id, { ...known, pairs: [...known.pairs, pair], calls: Math.max(known.calls, calls), lastSeenAt: later(known.lastSeenAt, at) });
  }
  return [...found.values()];
}

function linksByTable(links: readonly Link[]): Map<string, Link[]> {
  const all = new Map<string, Link[]>();
  for (const link of links) {
    for (const key of new Set([link.from, link.to])) {
      const known = all.get(key);
      if (known) {
        known.push(link);
      } else {
        all.set(key, [link]);
      }
    }
  }
  all.forEach((own) => own.sort((one, other) => other.calls - one.calls));
  return all;
}

export const otherEnd = (link: Link, key: string): string => (link.from === key ? link.to : link.from);

/** The table most is known about: most joined, else with most relations, else the first. */
export function beginning(graph: SchemaGraph): string | undefined {
  let best: string | undefined;
  let most = [-1, -1];
  for (const key of graph.tables.keys()) {
    const links = graph.linksOf.get(key) ?? [];
    const weight = [links.reduce((sum, link) => sum + link.calls, 0), links.length];
    if ((weight[0] ?? 0) > (most[0] ?? 0) || (weight[0] === most[0] && (weight[1] ?? 0) > (most[1] ?? 0))) {
      [best, most] = [key, weight];
    }
  }
  return best;
}

/** Only what passes, with what leads between it. */
export function narrowed(graph: SchemaGraph, passes: (table: Table) => boolean): SchemaGraph {
  const tables = new Map([...graph.tables].filter(([, table]) => passes(table)));
  if (tables.size === graph.tables.size) {
    return graph;
  }
  const links = graph.links.filter(({ from, to }) => tables.has(from) && tables.has(to));
  return { tables, links, linksOf: linksByTable(links) };
}

/** What leads between these tables. */
export function linksBetween(graph: SchemaGraph, keys: ReadonlySet<string>): Link[] {
  const found = new Map<string, Link>();
  keys.forEach((key) => graph.linksOf.get(key)?.forEach((link) => keys.has(link.from) && keys.has(link.to) && found.set(link.id, link)));
  return [...found.values()];
}

/** A table and what is at most so many links away; the nearest first, of them the most joined. `more` did not fit. */
export function neighbourhood(graph: SchemaGraph, centre: string, hops: number, max: number): { keys: string[]; more: number } {
  const found = new Set([centre]);
  let edge = [centre];
  let more = 0;
  for (let hop = 0; hop < hops; hop += 1) {
    const next: string[] = [];
    const left = new Set<string>();
    for (const key of edge) {
      const links = graph.linksOf.get(key) ?? [];
      for (const neighbour of links.map((link) => otherEnd(link, key))) {
        if (found.has(neighbour)) {
          continue;
        }
        if (found.size < max) {
          found.add(neighbour);
          next.push(neighbour);
        } else {
          left.add(neighbour);
        }
      }
    }
    more += left.size;
    edge = next;
  }
  return { keys: [...found], more };
}
