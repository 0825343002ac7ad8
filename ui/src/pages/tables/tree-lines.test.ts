// Do the lines of the tree follow what is open, and does the URL keep odd names?

import { describe, expect, it } from "vitest";
import { isListed, linesOf, readList, toggled, writeList, type Line } from "./tree-lines";

const group = (schema: string, kind: string, count: number) => ({ schema, kind, count });
const GROUPS = [group("public", "view", 1), group("public", "table", 2), group("public", "function", 3), group("audit", "table", 1)];
const told = (lines: readonly Line[]) => lines.map((line) => (line.kind === "leaf" ? `${line.of} ${line.index}` : line.kind === "group" ? `${line.of} (${line.count})` : line.schema));

describe("the lines of the tree", () => {
  it("show tables and views of few schemas, other kinds closed", () => {
    expect(told(linesOf(GROUPS, { open: undefined, turned: [] }))).toEqual(["public", "table (2)", "table 0", "table 1", "view (1)", "view 0", "function (3)", "audit", "table (1)", "table 0"]);
  });

  it("follow what is opened and closed", () => {
    expect(told(linesOf(GROUPS, { open: ["public"], turned: ["public/table", "public/function"] }))).toEqual(["public", "table (2)", "view (1)", "view 0", "function (3)", "function 0", "function 1", "function 2", "audit"]);
    expect(told(linesOf(GROUPS, { open: [], turned: [] }))).toEqual(["public", "audit"]);
  });

  it("begin closed where there are many schemas", () => {
    const many = ["a", "b", "c", "d"].map((schema) => group(schema, "table", 5_000));
    expect(told(linesOf(many, { open: undefined, turned: [] }))).toEqual(["a", "b", "c", "d"]);
    expect(linesOf(many, { open: ["c"], turned: [] })).toHaveLength(4 + 1 + 5_000);
  });

  it("list what is asked for", () => {
    expect(["table", "view", "function"].map((kind) => [undefined, "all", "function"].map((kinds) => isListed(kind, kinds)))).toEqual([
      [true, true, false],
      [true, true, false],
      [false, true, true],
    ]);
  });

  it("are kept in the URL, whatever names there are", () => {
    for (const names of [[], ["public"], ["a,b", "x/y", "größe %"], [""], ["~", "", "-"]]) {
      expect(readList(writeList(names))).toEqual(names);
    }
    expect(readList("100%")).toEqual(["100%"]);
    expect(readList(undefined)).toBeUndefined();
    expect(toggled(toggled(["a"], "b"), "a")).toEqual(["b"]);
  });
});
