// Are times and beginnings of texts written so that nobody takes them for others?

import { expect, test } from "vitest";
import { ago, exactTimeOfDay, firstWords, minuteOfDay, moment, timeOfDay } from "./format";

test("one clock of 24 hours everywhere", () => {
  const evening = new Date(2026, 10, 21, 15, 26, 12, 505).getTime();
  expect([timeOfDay(evening), exactTimeOfDay(evening), minuteOfDay(evening)].map((text) => text.slice(0, 2))).toEqual(["15", "15", "15"]);
  expect(moment(evening)).toContain("15:26:12");
  expect(minuteOfDay(new Date(2026, 10, 21, 0, 5).getTime()).slice(0, 2)).toBe("00");
});

test("the first words of a statement end with a word", () => {
  expect(firstWords("SELECT  1\n")).toBe("SELECT 1");
  expect(firstWords("SELECT name, price FROM products WHERE sku = ?", 20)).toBe("SELECT name, price…");
  expect(firstWords("x".repeat(30), 20)).toBe(`${"x".repeat(20)}…`);
});

test("how long ago is told to the nearest unit, and never as sixty of the smaller one", () => {
  const of = (seconds: number) => ago(seconds * 1_000, 0);
  expect([of(4), of(-4)]).toEqual(["now", "now"]);
  expect(of(90 * 86_400 - 60)).toContain("3");
  expect(of(-59.7 * 60)).toBe(of(-3_600));
  expect(of(-150)).toContain("2");
});
