// Does the text that two people's changes are compared by say all that can differ?

import { describe, expect, it } from "vitest";
import { asText, type Fields } from "./query-draft";

const fields: Fields = { title: "Orders", description: "of a customer", sql: "SELECT 1\nFROM t", tags: "a,  b, A", visibility: "private", connection: "", parameters: [{ name: "id", type: "integer", default: "5" }, { name: "day", type: "date" }], chart: "bar:sum:exact:a:b:" };

describe("a saved query as one text", () => {
  it("has each field on its own line, and the statement as it is", () => {
    expect(asText(fields).split("\n")).toEqual(["title: Orders", "description: of a customer", "tags: a, b", "seen by: its owner", "parameter 1: id, integer, default 5", "parameter 2: day, date, required", "chart: bar:sum:exact:a:b:", "", "SELECT 1", "FROM t"]);
  });

  it("differs where any of it differs", () => {
    const others: Partial<Fields>[] = [{ title: "x" }, { description: "x" }, { sql: "x" }, { tags: "x" }, { visibility: "workspace" }, { parameters: [] }, { chart: "" }];
    expect(new Set([asText(fields), ...others.map((change) => asText({ ...fields, ...change }))]).size).toBe(others.length + 1);
  });
});
