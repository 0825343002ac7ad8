// In which cells of a result does a word stand?

import type { Cell } from "~/api/runs";
import type { Place } from "./selection";

/** More are not counted: nobody goes through them one by one. */
export const FOUND_MAX = 10_000;
/** So many cells are looked at before the page has its turn again. */
const SLICE_CELLS = 20_000;

/** What is shown: rows and columns by their places on the screen. */
export interface Shown {
  rows: number;
  columns: number;
  at: (row: number, column: number) => Cell;
}

/** The text that is looked through: what stands for a missing value or an empty text is no text. */
export const holds = (value: Cell | undefined, needle: string): boolean => value !== null && value !== undefined && needle !== "" && String(value).toLowerCase().includes(needle);

/** The places one after the other, in parts; each part may be empty. */
export function* finding(shown: Shown, needle: string, most = FOUND_MAX): Generator<readonly Place[]> {
  const wanted = needle.toLowerCase();
  let found: Place[] = [];
  let total = 0;
  let looked = 0;
  for (let row = 0; row < shown.rows && total < most; row += 1) {
    for (let column = 0; column < shown.columns && total < most; column += 1) {
      if (holds(shown.at(row, column), wanted)) {
        found.push({ row, column });
        total += 1;
      }
    }
    looked += shown.columns;
    if (looked >= SLICE_CELLS) {
      yield found;
      found = [];
      looked = 0;
    }
  }
  yield found;
}

/** The first place at or behind another one; from the beginning again where there is none. */
export function nextPlace(places: readonly Place[], from: Place, back: boolean): number {
  const isBehind = (place: Place) => place.row > from.row || (place.row === from.row && place.column > from.column);
  const isBefore = (place: Place) => place.row < from.row || (place.row === from.row && place.column < from.column);
  if (back) {
    const before = places.findLastIndex(isBefore);
    return before === -1 ? places.length - 1 : before;
  }
  const behind = places.findIndex(isBehind);
  return behind === -1 ? 0 : behind;
}
