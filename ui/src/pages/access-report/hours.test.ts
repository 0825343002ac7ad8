// Is every hour in its place?

import { expect, test } from "vitest";
import { DAYS_MAX, hoursOf } from "./hours";

const at = (day: number, hour: number): string => new Date(2026, 10, day, hour, 0, 0).toISOString();

test("each day is a row, and hours stand where the clock has them", () => {
  const drawn = hoursOf([
    { at: at(20, 3), statements: 2, refused: 0 },
    { at: at(22, 23), statements: 1, refused: 4 },
  ]);
  expect(drawn.rows).toHaveLength(2);
  expect(drawn.columns).toHaveLength(24);
  expect(drawn.cells).toEqual([
    { column: 3, row: 0, statements: 2, refused: 0 },
    { column: 23, row: 1, statements: 1, refused: 4 },
  ]);
});

test("many days are those of the week, from Monday on", () => {
  const many = Array.from({ length: DAYS_MAX + 1 }, (_, day) => ({ at: new Date(2026, 9, 1 + day, 9).toISOString(), statements: 1, refused: 0 }));
  const drawn = hoursOf(many);
  expect(drawn.rows).toHaveLength(7);
  expect(drawn.cells.reduce((sum, cell) => sum + cell.statements, 0)).toBe(DAYS_MAX + 1);
  // The first of October 2026 is a Thursday.
  expect(drawn.cells.find((cell) => cell.row === 3)?.statements).toBe(5);
});
