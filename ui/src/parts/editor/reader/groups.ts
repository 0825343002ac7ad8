// What stands between which parentheses of a statement?

import { isSign, isWord, type Token } from "./tokens";

/** What stands between two parentheses; the last one may not be typed yet. */
export interface Group {
  kind: "group";
  from: number;
  to: number;
  items: readonly Item[];
}

export type Item = Token | Group;

/** Deeper ones are read as if their parentheses were not there. */
const DEPTH_MAX = 60;

/** The whole of some tokens as one group; comments are left out. */
export function grouped(tokens: readonly Token[], from: number, to: number): Group {
  const open: { from: number; items: Item[] }[] = [{ from, items: [] }];
  const close = (end: number) => {
    const done = open.pop();
    if (done !== undefined) {
      open.at(-1)?.items.push({ kind: "group", from: done.from, to: end, items: done.items });
    }
  };
  for (const token of tokens) {
    if (isSign(token, "(") && open.length < DEPTH_MAX) {
      open.push({ from: token.to, items: [] });
    } else if (isSign(token, ")") && open.length > 1) {
      close(token.from);
    } else if (token.kind !== "comment") {
      open.at(-1)?.items.push(token);
    }
  }
  while (open.length > 1) {
    close(to);
  }
  return { kind: "group", from, to, items: open[0]?.items ?? [] };
}

export const isGroup = (item: Item | undefined): item is Group => item?.kind === "group";

export const says = (item: Item | undefined, ...words: readonly string[]): boolean => item !== undefined && !isGroup(item) && isWord(item, ...words);

export const signs = (item: Item | undefined, sign: string): boolean => item !== undefined && !isGroup(item) && isSign(item, sign);

/** Parts with commas between. */
export function listed(items: readonly Item[]): Item[][] {
  const parts: Item[][] = [[]];
  for (const item of items) {
    if (signs(item, ",")) {
      parts.push([]);
    } else {
      parts.at(-1)?.push(item);
    }
  }
  return parts;
}

/** Where a word first stands. */
export function indexOf(items: readonly Item[], from: number, ...words: readonly string[]): number {
  const found = items.findIndex((item, index) => index >= from && says(item, ...words));
  return found < 0 ? items.length : found;
}

/** Whether a query stands in it. */
export const isQuery = (group: Group): boolean => {
  const [first] = group.items;
  return isGroup(first) ? isQuery(first) : says(first, "select", "with", "values", "table", "insert", "update", "delete", "merge");
};
