// Which tables does a query join, by which columns?

import type { FingerprintUsage, JoinUse, TableName } from "~/api/fingerprints";

/** `schema.table`, or the table where the statement names no schema. */
export const nameOf = ({ schema, name }: TableName): string => (schema ? `${schema}.${name}` : name);

export interface Join {
  from: string;
  to: string;
  /** "customer_id = id", one for each pair of columns. */
  on: string[];
}

/** Joins of the same two tables are one line, whichever side the statement names first. */
export function joinsOf(joins: readonly JoinUse[]): Join[] {
  const found = new Map<string, Join>();
  for (const join of joins) {
    const [left, right] = [nameOf(join.left), nameOf(join.right)];
    const isTurned = found.has(`${right}\u0000${left}`);
    const [from, to, words] = isTurned ? [right, left, `${join.right_column} = ${join.left_column}`] : [left, right, `${join.left_column} = ${join.right_column}`];
    const known = found.get(`${from}\u0000${to}`) ?? { from, to, on: [] };
    if (!known.on.includes(words)) {
      known.on.push(words);
    }
    found.set(`${from}\u0000${to}`, known);
  }
  return [...found.values()];
}

/** What stands between two tables that are joined, but not by a column of each. */
export const BY_EXPRESSION = "by an expression";

const WORD = String.raw`(?:[\w$]|"[^"]*"|\`[^\`]*\`)+`;
const SOURCE = new RegExp(String.raw`(?:\bFROM|\bJOIN|,)\s+(${WORD}(?:\.${WORD})*)(?:\s+(?:AS\s+)?(${WORD}))?`, "gi");
const JOINED = new RegExp(String.raw`\bJOIN\s+(${WORD}(?:\.${WORD})*)(?:\s+(?:AS\s+)?(?!ON\b)(${WORD}))?\s+ON\b([\s\S]*?)(?=\b(?:JOIN|WHERE|GROUP|ORDER|HAVING|LIMIT|UNION|RETURNING|WINDOW|LEFT|RIGHT|INNER|CROSS|FULL)\b|$)`, "gi");
const NO_ALIAS = /^(?:on|where|join|left|right|inner|cross|full|natural|using|group|order|limit|set|having|union|returning|as|window|for|lateral)$/i;
const QUALIFIED = new RegExp(String.raw`(${WORD})\.${WORD}`, "g");

const bare = (name: string): string => name.replaceAll(/["`]/g, "").toLowerCase();

/** Tables whose JOIN … ON names both, but by no pair of columns: `ON v.path LIKE p.sku || ?`. As far as the text tells. */
export function expressionJoins(text: string, tables: readonly UsedTable[], known: readonly Join[]): Join[] {
  const idOf = (name: string) => tables.find(({ id, table }) => [id, table.name].some((one) => one.toLowerCase() === bare(name)))?.id;
  const called = new Map<string, string>();
  for (const [, name = "", alias] of text.matchAll(SOURCE)) {
    const id = idOf(name);
    if (id !== undefined) {
      called.set(bare(name.split(".").at(-1) ?? name), id);
      called.set(alias === undefined || NO_ALIAS.test(alias) ? bare(name) : bare(alias), id);
    }
  }
  const found = new Map<string, Join>();
  const has = (one: string, other: string) => known.some(({ from, to }) => (from === one && to === other) || (from === other && to === one)) || found.has(`${other} ${one}`);
  for (const [, name = "", , condition = ""] of text.matchAll(JOINED)) {
    const to = idOf(name);
    const named = [...condition.matchAll(QUALIFIED)].flatMap(([, alias = ""]) => called.get(bare(alias)) ?? []);
    for (const from of new Set(named)) {
      if (to !== undefined && named.includes(to) && from !== to && !has(from, to)) {
        found.set(`${from} ${to}`, { from, to, on: [BY_EXPRESSION] });
      }
    }
  }
  return [...found.values()];
}

export interface UsedTable {
  id: string;
  table: TableName;
  reads: boolean;
  writes: boolean;
  columns: string[];
}

/** Each table once, with the columns that are named. */
export function tablesOf(usage: FingerprintUsage): UsedTable[] {
  const found = new Map<string, UsedTable>();
  const of = (table: TableName): UsedTable => {
    const id = nameOf(table);
    const known = found.get(id) ?? { id, table, reads: false, writes: false, columns: [] };
    found.set(id, known);
    return known;
  };
  for (const { table, reads, writes } of usage.tables) {
    const used = of(table);
    used.reads ||= reads;
    used.writes ||= writes;
  }
  for (const { table, column } of usage.columns) {
    const used = of(table);
    if (!used.columns.includes(column)) {
      used.columns.push(column);
    }
  }
  usage.joins.forEach((join) => [join.left, join.right].forEach(of));
  return [...found.values()];
}
