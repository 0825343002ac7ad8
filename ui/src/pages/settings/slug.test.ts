// Does a name become a name in paths?

import { expect, test } from "vitest";
import { slugOf } from "./slug";

test("a name becomes small letters, digits and hyphens", () => {
  expect(slugOf("  Café Crème & Söhne 2 ")).toBe("cafe-creme-sohne-2");
  expect(slugOf("Магазин")).toBe("");
});

test("a long name is cut without a hyphen at its end", () => {
  expect(slugOf(`${"a".repeat(62)} bcd`)).toBe("a".repeat(62));
});
