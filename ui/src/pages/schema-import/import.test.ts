// Is the beginning of a file read as the server would, and are its mistakes shown where they are?

import { describe, expect, it } from "vitest";
import { EXAMPLES } from "./examples";
import { kindOf } from "./file-kind";
import { placeOf } from "./place";
import { csvRows, delimiterOf, previewOf } from "./preview";

describe("a file before it is sent", () => {
  it("is JSON or CSV by its name, else by how it begins", () => {
    expect([kindOf("a.JSON", "x"), kindOf("a.tsv", "{"), kindOf("a", " [1]"), kindOf("a", "table,column")]).toEqual(["application/json", "text/csv", "application/json", "text/csv"]);
  });

  it("has rows with quotes, line ends and empty lines", () => {
    expect(csvRows('a,"b ""c"", d"\r\n\r\n"two\nlines",x', ",")).toEqual([
      ["a", 'b "c", d'],
      ["two\nlines", "x"],
    ]);
    expect(csvRows("a\nb\nc", ",", 2)).toEqual([["a"], ["b"]]);
    expect([delimiterOf("a;b;c,d\n"), delimiterOf("a\tb"), delimiterOf("a")]).toEqual([";", "\t", ","]);
  });

  it("is counted", () => {
    expect(previewOf("\uFEFFschema,table,column,type\na,t,id,int\na,t,name,text\nb,t,id,int\n", "text/csv")).toMatchObject({ header: ["schema", "table", "column", "type"], tables: 2, columns: 3 });
    expect(previewOf('{"tables":[{"name":"t","columns":[{"name":"id"}]}]}', "application/json")).toMatchObject({ rows: [["public", "t", "table", "1", ""]], tables: 1, columns: 1 });
    expect(previewOf('{"objects":[{"kind":"view","schema":"s","name":"v","definition":{"detail":{"relation":{"columns":[{},{}]}}}}]}', "application/json").rows).toEqual([["s", "v", "view", "2", ""]]);
    expect(previewOf("{", "application/json").problem).toMatch(/^This is not JSON/);
    expect(previewOf("", "text/csv").problem).toBe("The file is empty.");
  });

  it("has examples that can be read", () => {
    for (const { kind, text } of EXAMPLES) {
      expect(previewOf(text, kind)).toMatchObject({ tables: 3 });
    }
  });
});

describe("a mistake in a file", () => {
  const bytes = new TextEncoder().encode("table,größe\r\norders,ü,x\nlast");
  it("is shown with its line and its character", () => {
    const place = (marked: string) => {
      const text = new TextDecoder().decode(bytes);
      const from = new TextEncoder().encode(text.slice(0, text.indexOf(marked))).length;
      return placeOf(bytes, [from, from + new TextEncoder().encode(marked).length]);
    };
    expect(place("größe")).toEqual({ line: 1, column: 7, before: "table,", marked: "größe", after: "" });
    expect(place("ü")).toEqual({ line: 2, column: 8, before: "orders,", marked: "ü", after: ",x" });
    expect(place("last")).toMatchObject({ line: 3, column: 1, marked: "last" });
  });

  it("may be at an end, or behind it", () => {
    expect(placeOf(bytes, [bytes.length, bytes.length])).toMatchObject({ line: 3, before: "last", marked: "" });
    expect(placeOf(new Uint8Array(), [0, 9])).toEqual({ line: 1, column: 1, before: "", marked: "", after: "" });
    const long = placeOf(new TextEncoder().encode(`${"a".repeat(500)}X${"b".repeat(500)}`), [500, 501]);
    expect([long.column, long.marked, long.before.length, long.after.length]).toEqual([501, "X", 61, 61]);
  });
});
