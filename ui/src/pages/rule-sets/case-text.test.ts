// Does a statement that was seen become a test case that can be read?

import { describe, expect, it } from "vitest";
import { caseText, isWhole, statementOf, withCase } from "./case-text";

const SEEN = { text: 'SELECT "odd?" FROM t\nWHERE id = ? AND n IN (?, ?)', user: "ann", database: "shop", application: "" };

describe("a case of what was seen", () => {
  it("has literals in their places, and one line", () => {
    expect(statementOf(SEEN.text)).toBe(`SELECT "odd?" FROM t WHERE id = '1' AND n IN ('1', '1')`);
  });

  it("says who asks", () => {
    expect(caseText(["shop"], "postgres", SEEN, "refuse shop/a")).toBe("```case\npolicies: shop\nuser: ann\ndatabase: shop\n\nSELECT \"odd?\" FROM t WHERE id = '1' AND n IN ('1', '1') => refuse shop/a\n```\n");
    expect(caseText(["shop"], "mysql", SEEN, "allow")).toContain("policies: shop\nprotocol: mysql\nuser: ann\n");
  });

  it("comes behind those that are there", () => {
    expect(withCase("", "x\n")).toBe("x\n");
    expect(withCase("Words.\n\n\n", "x\n")).toBe("Words.\n\nx\n");
  });

  it("is made of whole texts only", () => {
    expect([isWhole("SELECT 1"), isWhole("SELECT 1…"), isWhole("")]).toEqual([true, false, false]);
  });
});
