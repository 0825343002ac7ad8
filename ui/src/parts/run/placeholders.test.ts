// Are the values found that a text asks for, and nothing else taken for one?

import { describe, expect, it } from "vitest";
import { placeholders } from "./placeholders";

describe("placeholders", () => {
  it.each([
    ["SELECT 1", 0],
    ["SELECT $1, $3", 3],
    ["SELECT '$1', \"$2\" -- $3\n", 0],
    ["SELECT /* $2 */ $1", 1],
    ["SELECT $$ $4 $$, $tag$ $5 $tag$, $1", 1],
    ["SELECT E'it\\'s $2', data ? 'key' FROM t WHERE id = $1", 1],
  ])("of PostgreSQL: %s", (text, number) => {
    expect(placeholders(text, "postgres")).toBe(number);
  });

  it.each([
    ["SELECT ?, ?", 2],
    ["SELECT '?', `?`, \"?\" # ?\n, ?", 1],
    ["SELECT 'it''s ?', 'a\\'?' FROM t WHERE id = ?", 1],
  ])("of MySQL: %s", (text, number) => {
    expect(placeholders(text, "mysql")).toBe(number);
  });
});
