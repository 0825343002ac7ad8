// Where does each column of a result begin, how wide is it, and which ones are in view?

import type { Cell, ResultColumn } from "~/api/runs";

export const ROW_HEIGHT = 28;
export const HEADER_HEIGHT = 44;
/** Wide enough for the numbers of 100,000 rows. */
export const NUMBERS_WIDTH = 64;
export const NARROWEST = 48;
const WIDEST_AT_FIRST = 320;
const CHARACTER = 7.4;
const PADDING = 26;
/** So many rows say how wide a column is at first. */
const LOOKED_AT = 50;

const NUMBERS: ReadonlySet<string> = new Set(["integer", "unsigned", "float", "decimal"]);
export const isNumeric = (column: ResultColumn): boolean => NUMBERS.has(column.kind);

/** Widths that fit names, types and the first rows. */
export function firstWidths(columns: readonly ResultColumn[], rows: readonly (readonly Cell[])[]): number[] {
  return columns.map((column, index) => fitting(column, index, rows, WIDEST_AT_FIRST));
}

/** The width at which a column shows what is in it, up to `widest`. */
export function fitting(column: ResultColumn, index: number, rows: readonly (readonly Cell[])[], widest: number): number {
  let longest = Math.max(column.name.length, column.type_name.length);
  for (const row of rows.slice(0, LOOKED_AT)) {
    longest = Math.max(longest, String(row[index] ?? "NULL").length);
  }
  return Math.round(Math.min(widest, Math.max(NARROWEST + PADDING, longest * CHARACTER + PADDING)));
}

/** Where each column begins, and at last where all of them end. */
export function startsOf(widths: readonly number[]): number[] {
  const starts = [0];
  for (const width of widths) {
    starts.push((starts.at(-1) ?? 0) + width);
  }
  return starts;
}

/** The column at a place: the last that begins at or before it. */
export function columnAt(starts: readonly number[], place: number): number {
  let low = 0;
  let high = Math.max(0, starts.length - 2);
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((starts[middle] ?? 0) <= place) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low;
}

/** Columns beside those in view that are drawn, too, so that a quick scroll finds them there. */
const BESIDE = 2;

/** The first and the last column to draw for a window over the columns. */
export function columnsInView(starts: readonly number[], from: number, width: number): [number, number] {
  const last = Math.max(0, starts.length - 2);
  return [Math.max(0, columnAt(starts, from) - BESIDE), Math.min(last, columnAt(starts, from + width) + BESIDE)];
}

/** Columns that stay while the others scroll leave half of the room to those. */
const FROZEN_SHARE = 0.5;

/** How many of the pinned columns stay in their place: none that would leave no room for the others. */
export function frozenColumns(starts: readonly number[], pinned: number, room: number): number {
  let frozen = 0;
  while (frozen < pinned && frozen < starts.length - 2 && (starts[frozen + 1] ?? 0) <= room * FROZEN_SHARE) {
    frozen += 1;
  }
  return frozen;
}
