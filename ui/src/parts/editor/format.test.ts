// Is a text laid out that can be, left alone that cannot be, and the same text afterwards?

import { describe, expect, it } from "vitest";
import { formatted, placeAfter } from "./format";

const layOut = async (text: string, engine = "postgres"): Promise<string> => {
  const done = await formatted(text, engine);
  return "text" in done ? done.text : `left: ${done.problem}`;
};

describe("laying out", () => {
  it("breaks lines, and keeps comments, cases and every word", async () => {
    expect(await layOut("select a, B from t -- why\nwhere x='a  b' and y=$1")).toBe("select\n  a,\n  B\nfrom\n  t -- why\nwhere\n  x = 'a  b'\n  and y = $1");
    expect(await layOut("SELECT 1; /* two */ SELECT 2")).toMatch(/^SELECT\n {2}1;\n+\/\* two \*\/\nSELECT\n {2}2$/);
    expect(await layOut("SELECT `a` FROM t WHERE x = ?", "mysql")).toContain("x = ?");
  });

  it("leaves what it cannot read, and says so", async () => {
    expect(await layOut("SELECT (1")).toMatch(/^left: It cannot be laid out/);
    expect(await layOut("SELECT 'open")).toMatch(/^left: /);
    expect(await layOut("x".repeat(200_001))).toMatch(/^left: The text has more/);
  });

  it("does not make another statement of it", async () => {
    for (const text of ["SELECT 1 - -1", "SELECT a->>'b', c::int[], d @> '{}'::jsonb FROM t", "SELECT $q$ a  b $q$", "SELECT E'a\\'  b'", "SELECT x IS DISTINCT FROM y", "WITH RECURSIVE a AS (SELECT 1) SELECT * FROM a"]) {
      const done = await layOut(text);
      expect(done.startsWith("left: ") || done.replaceAll(/\s/g, "") === text.replaceAll(/\s/g, ""), `${text} became ${done}`).toBe(true);
    }
  });

  it("finds the cursor's place again", () => {
    expect(placeAfter("select a,b from t", "select\n  a,\n  b\nfrom\n  t", 10)).toBe("select\n  a,\n  b".length);
    expect(placeAfter("abc", "a b c", 0)).toBe(0);
  });
});
