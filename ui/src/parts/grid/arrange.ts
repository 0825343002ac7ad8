// Which columns of a result are shown in which order, and which of its rows? Nothing of it asks the database again.

import type { Cell, ResultColumn } from "~/api/runs";
import { isNumeric } from "./layout";

export interface GridSort {
  column: number;
  desc: boolean;
}

export type GridTest = "contains" | "is" | "not" | "least" | "most" | "null" | "filled";

export interface GridFilter {
  column: number;
  test: GridTest;
  text: string;
}

/** Columns are told by their place in the result as it came. */
export interface Arrangement {
  hidden: readonly number[];
  /** Before all others, in this order. */
  pinned: readonly number[];
  sort: GridSort | undefined;
  filters: readonly GridFilter[];
}

export const AS_IT_CAME: Arrangement = { hidden: [], pinned: [], sort: undefined, filters: [] };

export const TESTS: readonly { value: GridTest; label: string }[] = [
  { value: "contains", label: "contains" },
  { value: "is", label: "is" },
  { value: "not", label: "is not" },
  { value: "least", label: "is at least" },
  { value: "most", label: "is at most" },
  { value: "null", label: "is NULL" },
  { value: "filled", label: "is not NULL" },
];

/** Whether a test compares with a text that is typed. */
export const takesText = (test: GridTest): boolean => test !== "null" && test !== "filled";

/** The columns in the order in which they are shown. */
export function shownColumns(columns: number, { hidden, pinned }: Pick<Arrangement, "hidden" | "pinned">): number[] {
  const away = new Set(hidden);
  const first = pinned.filter((column) => column < columns && !away.has(column));
  const before = new Set(first);
  const rest = Array.from({ length: columns }, (_, column) => column).filter((column) => !away.has(column) && !before.has(column));
  return [...first, ...rest];
}

/** The rows that are shown, in their order; `undefined` for all of them as they came. */
export function shownRows(rows: readonly (readonly Cell[])[], count: number, columns: readonly ResultColumn[], { sort, filters }: Pick<Arrangement, "sort" | "filters">): number[] | undefined {
  const tests = filters.filter((filter) => filter.column < columns.length && (!takesText(filter.test) || filter.text !== "")).map((filter) => passes(filter, columns[filter.column]));
  if (sort === undefined && tests.length === 0) {
    return undefined;
  }
  const order: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const row = rows[index];
    if (row !== undefined && tests.every((test) => test(row))) {
      order.push(index);
    }
  }
  const column = sort && columns[sort.column];
  return sort && column ? sorted(order, rows, sort, column) : order;
}

function passes({ column, test, text }: GridFilter, about: ResultColumn | undefined): (row: readonly Cell[]) => boolean {
  const wanted = text.toLowerCase();
  const by = order(about);
  return (row) => {
    const value = row[column] ?? null;
    switch (test) {
      case "null":
        return value === null;
      case "filled":
        return value !== null;
      case "contains":
        return value !== null && String(value).toLowerCase().includes(wanted);
      case "is":
        return value !== null && String(value) === text;
      case "not":
        return value === null || String(value) !== text;
      case "least":
        return value !== null && by(value, text) >= 0;
      case "most":
        return value !== null && by(value, text) <= 0;
    }
  };
}

/** NULL comes last in both directions: what is known is seen first. Equal rows stay in the order in which they came. */
function sorted(indexes: number[], rows: readonly (readonly Cell[])[], { column, desc }: GridSort, about: ResultColumn): number[] {
  const by = order(about);
  const known: { index: number; value: Exclude<Cell, null> }[] = [];
  const missing: number[] = [];
  for (const index of indexes) {
    const value = rows[index]?.[column] ?? null;
    if (value === null) {
      missing.push(index);
    } else {
      known.push({ index, value });
    }
  }
  const sign = desc ? -1 : 1;
  known.sort((left, right) => sign * by(left.value, right.value) || left.index - right.index);
  return [...known.map((one) => one.index), ...missing];
}

type Known = Exclude<Cell, null>;

const collator = new Intl.Collator(undefined, { numeric: false, sensitivity: "variant" });
/** Times are written so that their letters are in the order of time. */
const BY_LETTERS: ReadonlySet<string> = new Set(["date", "time", "timestamp", "moment", "uuid", "bytes"]);

function order(column: ResultColumn | undefined): (left: Known, right: Known) => number {
  if (column !== undefined && isNumeric(column)) {
    return byNumber;
  }
  if (column !== undefined && BY_LETTERS.has(column.kind)) {
    return (left, right) => byLetters(String(left), String(right));
  }
  return (left, right) => collator.compare(String(left), String(right));
}

const byLetters = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);

/** Numbers by their value, also where they have more digits than a number of the browser keeps. */
export function byNumber(left: Known, right: Known): number {
  const a = Number(left);
  const b = Number(right);
  if (Number.isNaN(a) || Number.isNaN(b)) {
    return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  }
  if (a !== b) {
    return a < b ? -1 : 1;
  }
  return typeof left === "string" && typeof right === "string" && left !== right ? byDigits(left, right) : 0;
}

const DIGITS = /^(-?)0*(\d*)(?:\.(\d+))?$/;

function byDigits(left: string, right: string): number {
  const a = DIGITS.exec(left);
  const b = DIGITS.exec(right);
  if (a === null || b === null || a[1] !== b[1]) {
    return 0;
  }
  const length = Math.max(a[2]?.length ?? 0, b[2]?.length ?? 0);
  const padded = (match: RegExpExecArray) => `${(match[2] ?? "").padStart(length, "0")}${(match[3] ?? "").replace(/0+$/, "")}`;
  return (a[1] === "-" ? -1 : 1) * byLetters(padded(a), padded(b));
}

/** Sorting in steps, as a press on the same choice again takes it back. */
export const withSort = (before: Arrangement, column: number, desc: boolean): Arrangement => ({
  ...before,
  sort: before.sort?.column === column && before.sort.desc === desc ? undefined : { column, desc },
});

export const withHidden = (before: Arrangement, column: number, isHidden: boolean): Arrangement => ({
  ...before,
  hidden: isHidden ? [...before.hidden.filter((one) => one !== column), column] : before.hidden.filter((one) => one !== column),
});

export const withPinned = (before: Arrangement, column: number, isPinned: boolean): Arrangement => ({
  ...before,
  pinned: isPinned ? [...before.pinned.filter((one) => one !== column), column] : before.pinned.filter((one) => one !== column),
});

/** A filter for a column that has none yet, or in its place. */
export const withFilter = (before: Arrangement, filter: GridFilter): Arrangement => ({
  ...before,
  filters: before.filters.some((one) => one.column === filter.column) ? before.filters.map((one) => (one.column === filter.column ? filter : one)) : [...before.filters, filter],
});

export const withoutFilter = (before: Arrangement, column: number): Arrangement => ({ ...before, filters: before.filters.filter((one) => one.column !== column) });
