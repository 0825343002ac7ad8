// Are the open values of a text counted?

import { expect, test } from "vitest";
import { numbered, placeholdersOf } from "./placeholders";

test("question marks count each, numbered ones once, and what is quoted not at all", () => {
  expect(placeholdersOf("SELECT * FROM a WHERE b = ? AND c IN (?, ?) AND d = $1 OR e = $1")).toBe(4);
  expect(placeholdersOf("SELECT $2 WHERE a = ?")).toBe(3);
  expect(placeholdersOf(`SELECT '?' AS "what?", \`q?\` /* ? */ FROM a -- ?`)).toBe(0);
});

test("each value has its number in the text, and what stands before it", () => {
  expect(numbered("SELECT * FROM v JOIN p ON v.path LIKE ? || p.sku WHERE v.at >= $1 AND p.id IN (?, ?) AND note = '?' LIMIT ?")).toEqual({
    text: "SELECT * FROM v JOIN p ON v.path LIKE $2 || p.sku WHERE v.at >= $1 AND p.id IN ($3, $4) AND note = '?' LIMIT $5",
    around: ["v.at >=", "v.path LIKE", "p.id IN", "", "LIMIT"],
  });
});

test("a value that is named twice is one, and a number of 0 is none", () => {
  expect(numbered("SELECT $1::int WHERE a = $1").around).toEqual(["SELECT"]);
  expect(numbered("SELECT 1")).toEqual({ text: "SELECT 1", around: [] });
});
