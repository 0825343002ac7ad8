// Do the keys of the grid lead where people expect?

import { describe, expect, it } from "vitest";
import { everything, led, rectangle, sizeOf } from "./selection";

const extent = { rows: 100, columns: 5, page: 20 };
const from = { row: 10, column: 2 };

describe("the keys of the grid", () => {
  it.each([
    ["ArrowUp", false, 9, 2],
    ["ArrowDown", false, 11, 2],
    ["ArrowDown", true, 99, 2],
    ["ArrowLeft", true, 10, 0],
    ["PageDown", false, 30, 2],
    ["Home", false, 10, 0],
    ["End", false, 10, 4],
    ["Home", true, 0, 0],
    ["End", true, 99, 4],
  ])("%s (control: %s)", (key, control, row, column) => {
    expect(led(from, key, control, extent)).toEqual({ row, column });
  });

  it("stops at the edges and knows no other keys", () => {
    expect(led({ row: 0, column: 0 }, "ArrowUp", false, extent)).toEqual({ row: 0, column: 0 });
    expect(led({ row: 95, column: 4 }, "PageDown", false, extent)).toEqual({ row: 99, column: 4 });
    expect(led(from, "x", false, extent)).toBeUndefined();
    expect(led({ row: 0, column: 0 }, "End", true, { rows: 0, columns: 0, page: 20 })).toEqual({ row: 0, column: 0 });
  });

  it("chooses from where it began, in either direction", () => {
    const selection = { anchor: { row: 5, column: 3 }, focus: { row: 2, column: 4 } };
    expect(rectangle(selection)).toEqual({ top: 2, bottom: 5, left: 3, right: 4 });
    expect(sizeOf(selection)).toBe("4 × 2 cells");
    expect(sizeOf({ anchor: from, focus: from })).toBeUndefined();
    expect(rectangle(everything(extent))).toEqual({ top: 0, bottom: 99, left: 0, right: 4 });
  });
});
