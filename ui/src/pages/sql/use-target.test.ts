// Is it said rightly which statement would run?

import { describe, expect, it } from "vitest";
import { targetsOf } from "./use-target";

/** `|` is the cursor, or both ends of what is selected. */
function target(marked: string) {
  const [before = "", within = "", after] = marked.split("|");
  const isSelected = after !== undefined;
  const text = before + within + (after ?? "");
  const found = targetsOf(text, "postgres", { from: before.length, to: before.length + (isSelected ? within.length : 0) }).target;
  return found && [found.kind, found.sql, found.number, found.line];
}

describe("what would run", () => {
  it("is the only statement, wherever the cursor is, without what is behind it", () => {
    expect(target("  SELECT 1 ; -- done\n|")).toEqual(["whole", "SELECT 1", 1, 1]);
    expect(target("-- nothing\n|")).toBeUndefined();
  });

  it("is the one at the cursor where there are several", () => {
    expect(target("SELECT 1;\n\nSELECT |2;")).toEqual(["statement", "SELECT 2", 2, 3]);
  });

  it("is what is selected, but not a single word", () => {
    expect(target("SELECT 1;\n| SELECT 2 |+ 1")).toEqual(["selection", "SELECT 2", 0, 2]);
    expect(target("SELECT 1; SELECT |two|")).toEqual(["statement", "SELECT two", 2, 1]);
    expect(target("SELECT 1; | \n |SELECT 2")?.[1]).toBe("SELECT 1");
  });
});
