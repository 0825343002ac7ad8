// Are the statements of a text told apart, and is the right one meant where the cursor stands?

import { describe, expect, it } from "vitest";
import { lineOf, statementAt, statementsOf } from "./statements";

const texts = (text: string, engine?: string): string[] => statementsOf(text, engine).map(({ from, to }) => text.slice(from, to));

function meant(marked: string): string | undefined {
  const at = marked.indexOf("|");
  const text = marked.replace("|", "");
  const found = statementAt(statementsOf(text), text, at);
  return found && text.slice(found.from, found.to);
}

describe("statements of a text", () => {
  it("end with a semicolon, but not with one in strings, names, comments or dollar quotes", () => {
    expect(texts("SELECT 1; SELECT 2 ;")).toEqual(["SELECT 1", "SELECT 2"]);
    expect(texts("SELECT ';', \"a;b\", $$;$$, $q$ $$ ; $q$ -- ;\n, 1 /* ; /* ; */ ; */; SELECT 2")).toHaveLength(2);
    expect(texts("SELECT 'a\\';b', \"c;d\" # ;\n; SELECT 2", "mysql")).toHaveLength(2);
    expect(texts("SELECT E'\\';', 'a\\'; SELECT 2")).toEqual(["SELECT E'\\';', 'a\\'", "SELECT 2"]);
    expect(texts("SELECT 5 --1; \n; SELECT 2", "mysql")).toEqual(["SELECT 5 --1", "SELECT 2"]);
  });

  it("are none of nothing but comments and semicolons", () => {
    expect(texts(" ;; -- nothing\n; /* here */")).toEqual([]);
    expect(texts("-- why\nSELECT 1 -- behind\n;")).toEqual(["-- why\nSELECT 1"]);
  });

  it("may lack an end", () => {
    expect(texts("SELECT 'open; SELECT 2")).toEqual(["SELECT 'open; SELECT 2"]);
    expect(texts("SELECT 1; SELECT /* open ; ")).toEqual(["SELECT 1", "SELECT"]);
  });

  it("are meant by the cursor in them, behind them on their line, or before them", () => {
    expect(meant("SELECT 1;\nSEL|ECT 2;\nSELECT 3")).toBe("SELECT 2");
    expect(meant("SELECT 1; |\nSELECT 2")).toBe("SELECT 1");
    expect(meant("SELECT 1;\n|\nSELECT 2")).toBe("SELECT 2");
    expect(meant("SELECT 1;\n\n|")).toBe("SELECT 1");
    expect(meant("|")).toBeUndefined();
    expect(lineOf("a\nb\nc", 4)).toBe(3);
  });
});
