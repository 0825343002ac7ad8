// Which of a long list does a search keep?

import { expect, test } from "vitest";
import { keeps } from "./picking";

test("nothing typed keeps everything", () => {
  expect(keeps("", "orders production")).toBe(true);
  expect(keeps("  ", "orders production")).toBe(true);
});

test("words in any order, parts of words, no matter the case", () => {
  expect(keeps("PROD ord", "Orders production")).toBe(true);
  expect(keeps("ders", "Orders production")).toBe(true);
});

test("one word that is nowhere leaves it out", () => {
  expect(keeps("orders staging", "Orders production")).toBe(false);
});
