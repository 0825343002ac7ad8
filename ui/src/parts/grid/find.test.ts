// Is a word found wherever it stands, and nowhere else?

import { expect, it } from "vitest";
import type { Cell } from "~/api/runs";
import { finding, nextPlace, type Shown } from "./find";

const shownOf = (rows: readonly (readonly Cell[])[]): Shown => ({ rows: rows.length, columns: rows[0]?.length ?? 0, at: (row, column) => rows[row]?.[column] ?? null });
const all = (shown: Shown, needle: string, most?: number) => [...finding(shown, needle, most)].flat();

it("finds texts, numbers and words without their case, not what is missing", () => {
  const shown = shownOf([
    ["Null and void", 12, null],
    ["", true, "NULL"],
  ]);
  expect(all(shown, "null")).toEqual([
    { row: 0, column: 0 },
    { row: 1, column: 2 },
  ]);
  expect(all(shown, "12")).toEqual([{ row: 0, column: 1 }]);
  expect(all(shown, "TRUE")).toEqual([{ row: 1, column: 1 }]);
  expect(all(shown, "")).toEqual([]);
});

it("stops at its bound and lets others have their turn", () => {
  const shown: Shown = { rows: 1_000_000, columns: 40, at: () => "x" };
  expect(all(shown, "x", 100)).toHaveLength(100);
  expect([...finding({ ...shown, rows: 5_000 }, "y")].length).toBeGreaterThan(5);
});

it("goes on from where one is, and around", () => {
  const places = [
    { row: 0, column: 2 },
    { row: 3, column: 1 },
    { row: 3, column: 4 },
  ];
  expect(nextPlace(places, { row: 3, column: 1 }, false)).toBe(2);
  expect(nextPlace(places, { row: 3, column: 4 }, false)).toBe(0);
  expect(nextPlace(places, { row: 3, column: 1 }, true)).toBe(0);
  expect(nextPlace(places, { row: 0, column: 0 }, true)).toBe(2);
});
