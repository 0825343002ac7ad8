// Does what is copied say the same as the cells?

import { describe, expect, it } from "vitest";
import { toCsv, toInsert, toJson, toMarkdown, toText } from "./copy";

const column = (name: string, kind = "text") => ({ name, type_name: kind, kind });
const part = {
  columns: [column("id", "integer"), column("note"), column("total", "decimal"), column("id", "json")],
  rows: [
    [1, "", "-9.50", '{"a":1}'],
    [2, null, null, null],
    [3, "=1+1", "12345678901234567890.5", "not json"],
    [4, 'a "b",\nc\\d', "0", "[]"],
  ],
};

describe("copying cells", () => {
  it("tells a missing value from an empty text in CSV, and leaves no formulas", () => {
    expect(toCsv(part).split("\r\n")).toEqual(["id,note,total,id", '1,"",-9.50,"{""a"":1}"', "2,,,", "3,'=1+1,12345678901234567890.5,not json", '4,"a ""b"",\nc\\d",0,[]']);
  });

  it("marks formulas also behind a line feed, in the names of columns and in what Ctrl+C copies", () => {
    const odd = { columns: [column("=cmd()"), column("n", "decimal")], rows: [["\n=1+1", "-2"], ["a;=1+1", "3"]] };
    expect(toCsv(odd)).toBe(`'=cmd(),n\r\n"'\n=1+1",-2\r\n"a;=1+1",3`);
    expect(toText(odd)).toBe(`"'\n=1+1"\t-2\na;=1+1\t3`);
  });

  it("gives every column a name of its own in JSON and keeps every digit", () => {
    expect(JSON.parse(toJson(part))).toEqual([
      { id: 1, note: "", total: "-9.50", id_2: { a: 1 } },
      { id: 2, note: null, total: null, id_2: null },
      { id: 3, note: "=1+1", total: "12345678901234567890.5", id_2: "not json" },
      { id: 4, note: 'a "b",\nc\\d', total: "0", id_2: [] },
    ]);
  });

  it("writes INSERTs that the database of the result reads back", () => {
    const one = { columns: [column("no te"), column("total", "decimal"), column("is", "boolean"), column("raw", "bytes")], rows: [["it's \\ 1", "-1.5", true, "\\xff00"]] };
    expect(toInsert(one, "orders", "postgres")).toBe(`INSERT INTO "orders" ("no te", "total", "is", "raw") VALUES ('it''s \\ 1', -1.5, TRUE, '\\xff00');`);
    expect(toInsert(one, "orders", "mysql")).toBe("INSERT INTO `orders` (`no te`, `total`, `is`, `raw`) VALUES ('it''s \\\\ 1', -1.5, TRUE, X'ff00');");
    expect(toInsert({ columns: [column("x", "decimal")], rows: [["NaN"]] }, "t", "postgres")).toContain("VALUES ('NaN')");
  });

  it("copies one cell as it is and more with tabs", () => {
    expect(toText({ columns: [column("a")], rows: [["x\ty"]] })).toBe("x\ty");
    expect(toText({ columns: [column("a"), column("b")], rows: [["x\ty", 1], [null, false]] })).toBe('"x\ty"\t1\n\tfalse');
  });

  it("draws a table for Markdown that no value can break", () => {
    const odd = { columns: [column("a|b"), column("n", "integer")], rows: [["x\ny", 1], [null, null], ["<b>\\", -2]] };
    expect(toMarkdown(odd).split("\n")).toEqual(["| a\\|b | n |", "| --- | ---: |", "| x<br>y | 1 |", "| NULL | NULL |", "| &lt;b>\\\\ | -2 |"]);
  });
});
