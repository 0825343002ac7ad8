// Which tables, WITH queries and columns are known where one is typing? Read from words, for what is half typed has no grammar.

import { grouped, indexOf, isGroup, isQuery, listed, says, signs, type Group, type Item } from "./groups";
import { named, outputsOf, type Output } from "./outputs";
import { tokensOf, type Token } from "./tokens";

export interface Source {
  /** What its columns are asked by: its alias, or its name. */
  alias: string;
  schema?: string | undefined;
  /** Of a table. */
  name?: string | undefined;
  columns: readonly string[];
  kind: "table" | "with" | "subquery" | "function";
  from: number;
}

export interface WithQuery {
  name: string;
  columns: readonly string[];
}

/** What may follow: a table, a condition that joins, a new name, or an expression. */
export type Expects = "relation" | "join" | "name" | "expression";

export interface Place {
  /** Those of the innermost query. */
  sources: readonly Source[];
  /** Those of the queries around it. */
  outer: readonly Source[];
  withs: readonly WithQuery[];
  /** The names its own SELECT gives, which ORDER BY and GROUP BY know. */
  outputs: readonly string[];
  expects: Expects;
  /** The last word of those that begin a part: `select`, `where`, `order`. */
  clause: string;
}

/** The columns of a table; undefined where no such table is known. */
export type Lookup = (schema: string | undefined, name: string) => readonly string[] | undefined;

/** So many parts of a statement are looked at: more is generated, not typed. */
const STEPS_MAX = 20_000;
const SETS = ["union", "intersect", "except", "minus"] as const;
const BEGINS = ["select", "from", "join", "straight_join", "on", "using", "where", "group", "order", "having", "set", "values", "returning", "into", "update", "limit", "offset", "window", "fetch"] as const;
const NO_LIST = ["where", "group", "order", "having", "limit", "offset", "window", "set", "returning", "fetch", "for", "values", "select"] as const;
const CHANGES = ["insert", "update", "delete", "merge"] as const;

interface Known {
  withs: readonly WithQuery[];
  outer: readonly Source[];
}

/** What is known at a place of a statement; `at` counts from the text's beginning. */
export function placeIn(text: string, at: number, engine: string, lookup: Lookup): Place {
  const all = tokensOf(text, engine);
  // The word one is typing is no name yet.
  const tokens = all.filter((token) => !(token.from < at && at <= token.to && (token.kind === "word" || token.kind === "name") && isLoose(all, token)));
  const reader = new Reader(at, lookup);
  reader.query(grouped(tokens, 0, text.length), { withs: [], outer: [] });
  return reader.place;
}

/** Whether a word hangs on nothing: behind a dot or AS it belongs to what is before. */
function isLoose(tokens: readonly Token[], token: Token): boolean {
  const before = tokens[tokens.indexOf(token) - 1];
  return !signs(before, ".");
}

class Reader {
  place: Place = { sources: [], outer: [], withs: [], outputs: [], expects: "expression", clause: "" };
  private steps = 0;

  constructor(
    private readonly at: number,
    private readonly lookup: Lookup,
  ) {}

  /** Reads a query with what is before and in it; says what its columns are called. */
  query(group: Group, known: Known): Output[] {
    this.steps += group.items.length;
    if (this.steps > STEPS_MAX) {
      return [];
    }
    const { items } = group;
    const { withs, rest } = this.withs(group, known);
    const inner = { ...known, withs };
    let outputs: Output[] | undefined;
    let start = rest;
    while (start <= items.length) {
      const end = indexOf(items, start, ...SETS);
      const bounds = { from: endOf(items[start - 1]) ?? group.from, to: items[end]?.from ?? group.to };
      const found = this.block(items.slice(start, end), bounds, inner);
      outputs ??= found;
      start = end + 1;
      while (says(items[start], "all", "distinct")) {
        start += 1;
      }
    }
    return outputs ?? [];
  }

  /** The queries of WITH, each known to those behind it. */
  private withs(group: Group, known: Known): { withs: WithQuery[]; rest: number } {
    const { items } = group;
    const withs = [...known.withs];
    if (!says(items[0], "with")) {
      return { withs, rest: 0 };
    }
    const isRecursive = says(items[1], "recursive");
    let at = isRecursive ? 2 : 1;
    for (let name = named(items[at]); name !== undefined; name = named(items[at])) {
      at += 1;
      const list = isGroup(items[at]) ? items[at] : undefined;
      at = indexOf(items, at, "as", "select", ...CHANGES);
      const body = items.findIndex((item, index) => index > at && isGroup(item));
      const query = items[body];
      if (!says(items[at], "as") || !isGroup(query)) {
        break;
      }
      const columns = this.withColumns({ name, group: query, list: isGroup(list) ? list : undefined, isRecursive }, { ...known, withs });
      withs.push({ name, columns });
      at = body + 1;
      // SEARCH and CYCLE stand between a query and the next one's comma.
      while (at < items.length && !signs(items[at], ",") && !says(items[at], "select", "values", "table", ...CHANGES)) {
        at += 1;
      }
      if (!signs(items[at], ",")) {
        break;
      }
      at += 1;
    }
    if (contains(group, this.at) && !items.slice(0, at).some((item) => isGroup(item) && contains(item, this.at))) {
      this.place = { ...this.place, withs };
    }
    return { withs, rest: at };
  }

  private withColumns({ name, group, list, isRecursive }: { name: string; group: Group; list: Group | undefined; isRecursive: boolean }, known: Known): string[] {
    const given = list === undefined ? [] : listed(list.items).map((part) => named(part[0]));
    let self: string[] = given.filter((one) => one !== undefined);
    if (isRecursive) {
      const before = this.place;
      self = over(given, this.query(group, { ...known, withs: [...known.withs, { name, columns: self }] }));
      this.place = before;
    }
    const outputs = this.query(group, isRecursive ? { ...known, withs: [...known.withs, { name, columns: self }] } : known);
    return over(given, outputs);
  }

  /** One SELECT, or a statement that changes rows. */
  private block(items: readonly Item[], bounds: { from: number; to: number }, known: Known): Output[] {
    const [first] = items;
    const isHere = bounds.from <= this.at && this.at <= bounds.to;
    const before = this.place;
    const sources: Source[] = [];
    const taken = this.sources(items, known, sources);
    const list = says(first, ...CHANGES) ? items.slice(indexOf(items, 0, "returning") + 1) : this.selected(items);
    const outputs = this.specialOutputs(items, known) ?? outputsOf(list, sources);
    if (isHere) {
      // What was found within a subquery of FROM is nearer than this.
      const isNearer = this.place !== before && items.some((item) => isGroup(item) && taken.has(item) && contains(item, this.at));
      this.place = isNearer ? this.place : { sources, outer: known.outer, withs: known.withs, outputs: outputs.filter((one) => one !== undefined), ...nearest(items, this.at) };
    }
    for (const item of items) {
      if (isGroup(item) && !taken.has(item)) {
        this.within(item, { withs: known.withs, outer: [...sources, ...known.outer] });
      }
    }
    return outputs;
  }

  /** Queries in parentheses of an expression. */
  private within(group: Group, known: Known): void {
    if (isQuery(group)) {
      this.query(group, known);
      return;
    }
    for (const item of group.items) {
      if (isGroup(item)) {
        this.within(item, known);
      }
    }
  }

  private selected(items: readonly Item[]): readonly Item[] {
    let at = indexOf(items, 0, "select") + 1;
    while (says(items[at], "all", "distinct")) {
      at += says(items[at + 1], "on") ? 3 : 1;
    }
    const end = items.findIndex((item, index) => index >= at && says(item, "from", "into", "where", "group", "order", "having", "limit", "window") && !says(items[index - 1], "distinct"));
    return items.slice(at, end < 0 ? items.length : end);
  }

  private specialOutputs(items: readonly Item[], known: Known): Output[] | undefined {
    const [first, second] = items;
    if (isGroup(first)) {
      return this.query(first, known);
    }
    if (says(first, "values") && isGroup(second)) {
      return listed(second.items).map((_, index) => `column${index + 1}`);
    }
    return says(first, "table") && second !== undefined && !isGroup(second) ? [...this.columnsOf(undefined, second.text, known).columns] : undefined;
  }

  /** What FROM, JOIN and the like name; answers the groups that were read with it. */
  private sources(items: readonly Item[], known: Known, found: Source[]): Set<Item> {
    const taken = new Set<Item>();
    if (isGroup(items[0])) {
      taken.add(items[0]);
    }
    let isListing = false;
    for (let at = 0; at < items.length; at += 1) {
      const item = items[at];
      if (says(item, "from") && !says(items[at - 1], "distinct")) {
        isListing = true;
      } else if (says(item, "using") && says(items[0], "delete", "merge") && !isGroup(items[at + 1])) {
        isListing = true;
      } else if (says(item, ...NO_LIST)) {
        isListing = false;
        continue;
      } else if (!(says(item, "join", "straight_join", "into") || (says(item, "update") && at === 0) || (isListing && signs(item, ",")))) {
        continue;
      }
      this.source(items, at + 1, { known, found, taken, isTarget: says(item, "into") });
    }
    return taken;
  }

  private source(items: readonly Item[], start: number, { known, found, taken, isTarget }: { known: Known; found: Source[]; taken: Set<Item>; isTarget: boolean }): void {
    let at = start;
    const isLateral = says(items[at], "lateral");
    while (says(items[at], "only", "lateral")) {
      at += 1;
    }
    const first = items[at];
    if (isGroup(first)) {
      taken.add(first);
      if (!isQuery(first)) {
        // A join in parentheses.
        const inner = this.sourcesOfGroup(first, known, found);
        inner.forEach((one) => taken.add(one));
        return;
      }
      const outputs = this.query(first, { withs: known.withs, outer: isLateral ? [...found, ...known.outer] : known.outer });
      this.aliased(items, at + 1, { outputs, kind: "subquery", found, taken });
      return;
    }
    const parts: string[] = [];
    for (let name = named(first); name !== undefined && parts.length < 4; name = signs(items[at], ".") ? named(items[(at += 1)]) : undefined) {
      parts.push(name);
      at += 1;
    }
    const name = parts.at(-1);
    if (name === undefined) {
      return;
    }
    const schema = parts.at(-2);
    const call = items[at];
    if (isGroup(call) && !isTarget) {
      taken.add(call);
      this.within(call, { withs: known.withs, outer: [...found, ...known.outer] });
      this.aliased(items, at + 1, { outputs: [], kind: "function", found, taken, name });
      return;
    }
    const { columns, kind } = this.columnsOf(schema, name, known);
    this.aliased(items, at, { outputs: columns, kind, found, taken, schema, name, isTarget });
  }

  private sourcesOfGroup(group: Group, known: Known, found: Source[]): Set<Item> {
    const taken = this.sources([{ kind: "word", from: group.from, to: group.from, text: "from", isEnded: true }, ...group.items], known, found);
    for (const item of group.items) {
      if (isGroup(item) && !taken.has(item)) {
        this.within(item, { withs: known.withs, outer: [...found, ...known.outer] });
      }
    }
    return taken;
  }

  /** Takes the alias behind a source, and the columns' own where they are listed. */
  private aliased(items: readonly Item[], start: number, source: { outputs: readonly Output[]; kind: Source["kind"]; found: Source[]; taken: Set<Item>; schema?: string | undefined; name?: string; isTarget?: boolean }): void {
    let at = start;
    if (says(items[at], "with")) {
      at += 2;
    }
    if (says(items[at], "as")) {
      at += 1;
    }
    const alias = named(items[at]);
    const list = items[alias === undefined ? at : at + 1];
    const hasList = isGroup(list) && !source.isTarget && (alias !== undefined || at > start);
    const given = hasList ? listed(list.items).map((part) => named(part[0])) : [];
    if (hasList) {
      source.taken.add(list);
    }
    const called = alias ?? source.name;
    if (called !== undefined) {
      const columns = over(given, source.kind === "function" && given.length === 0 ? [called] : source.outputs);
      source.found.push({ alias: called, schema: source.schema, name: source.kind === "table" ? source.name : undefined, columns, kind: source.kind, from: items[start - 1]?.from ?? 0 });
    }
  }

  private columnsOf(schema: string | undefined, name: string, known: Known): { columns: readonly string[]; kind: "table" | "with" } {
    const query = schema === undefined ? known.withs.findLast((one) => one.name.toLowerCase() === name.toLowerCase()) : undefined;
    return query ? { columns: query.columns, kind: "with" } : { columns: this.lookup(schema, name) ?? [], kind: "table" };
  }
}

const contains = (group: Group, at: number): boolean => group.from <= at && at <= group.to;

const endOf = (item: Item | undefined): number | undefined => (isGroup(item) ? item.to + 1 : item?.to);

/** Columns with the names a list gives to the first of them. */
const over = (given: readonly Output[], outputs: readonly Output[]): string[] => [...given, ...outputs.slice(given.length)].filter((one) => one !== undefined);

/** The same within the parentheses one is in, where no query stands in them. */
function nearest(items: readonly Item[], at: number): { expects: Expects; clause: string } {
  const here = expected(items, at);
  const around = items.find((item): item is Group => isGroup(item) && contains(item, at) && !isQuery(item));
  if (around === undefined) {
    return here;
  }
  const inner = nearest(around.items, at);
  const isJoin = here.expects === "relation" && around.items.length === 0;
  return { expects: isJoin ? "relation" : inner.expects, clause: inner.clause === "" ? here.clause : inner.clause };
}

/** What may follow at a place of one SELECT. */
function expected(items: readonly Item[], at: number): { expects: Expects; clause: string } {
  const before = items.filter((item) => item.to < at || (item.to === at && (isGroup(item) || item.kind === "sign")));
  const last = before.at(-1);
  const begin = before.findLast((item) => says(item, ...BEGINS));
  const clause = begin === undefined || isGroup(begin) ? "" : begin.text.toLowerCase();
  const isList = signs(last, ",") && clause === "from";
  if (isList || says(last, "from", "join", "straight_join", "into", "only", "lateral") || (says(last, "update") && before.length === 1)) {
    return { expects: says(before.at(-2), "distinct") && says(last, "from") ? "expression" : "relation", clause };
  }
  if (says(last, "as")) {
    return { expects: "name", clause };
  }
  return { expects: clause === "on" && says(last, "on", "and") ? "join" : "expression", clause };
}
