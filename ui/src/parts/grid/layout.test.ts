// Are columns found where they are?

import { describe, expect, it } from "vitest";
import { columnAt, columnsInView, firstWidths, frozenColumns, startsOf } from "./layout";

const column = (name: string, kind = "text") => ({ name, type_name: "text", kind });

describe("the layout of columns", () => {
  it("finds the column at a place, the edges with the column that begins there", () => {
    const starts = startsOf([100, 50, 200]);
    expect(starts).toEqual([0, 100, 150, 350]);
    expect([0, 99, 100, 149, 150, 349, 9_999].map((place) => columnAt(starts, place))).toEqual([0, 0, 1, 1, 2, 2, 2]);
  });

  it("draws what is in view and two beside, whatever the number of columns", () => {
    const starts = startsOf(Array.from({ length: 2_000 }, () => 100));
    expect(columnsInView(starts, 0, 800)).toEqual([0, 10]);
    expect(columnsInView(starts, 100_000, 800)).toEqual([998, 1_010]);
    expect(columnsInView(starts, 199_200, 800)).toEqual([1_990, 1_999]);
    expect(columnsInView(startsOf([]), 0, 800)).toEqual([0, 0]);
  });

  it("keeps pinned columns in their place while half of the room is left", () => {
    const starts = startsOf([100, 100, 100, 100]);
    expect(frozenColumns(starts, 2, 800)).toBe(2);
    expect(frozenColumns(starts, 2, 390)).toBe(1);
    expect(frozenColumns(starts, 2, 150)).toBe(0);
    expect(frozenColumns(starts, 4, 8_000)).toBe(3);
    expect(frozenColumns(starts, -1, 800)).toBe(0);
  });

  it("makes a column as wide as what is in it, within bounds", () => {
    const [short, name, long] = firstWidths([column("a"), column("a rather long name of a column"), column("b")], [["x", "y", "z".repeat(10_000)]]);
    expect(short).toBe(74);
    expect(name).toBeGreaterThan(200);
    expect(long).toBe(320);
  });
});
