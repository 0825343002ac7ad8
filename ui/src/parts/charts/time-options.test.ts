// Are the axes of a chart easy to read?

import { expect, it } from "vitest";
import { decades, plain, timeWords } from "./time-options";

it("writes no zeros that say nothing", () => {
  expect(["50.0/s", "1.00/s", "0.50/s", "12.40 ms", "100 ms", "1.2K/s", "200 kB/s"].map(plain)).toEqual(["50/s", "1/s", "0.5/s", "12.4 ms", "100 ms", "1.2K/s", "200 kB/s"]);
});

it("names the day where it begins, and days where marks are days apart", () => {
  const evening = new Date(2026, 10, 20, 23, 30).getTime() / 1_000;
  const [first, second] = timeWords([evening, evening + 3_600], 3_600);
  expect(first).toMatch(/30/);
  expect(second).toMatch(/21/);
  expect(timeWords([evening], 86_400)[0]).toMatch(/20/);
});

it("shows whole powers of ten around durations", () => {
  expect(decades(95, 90_111)).toEqual([10, 100_000]);
  expect(decades(100, 100)).toEqual([100, 1_000]);
  expect(decades(null, null)).toEqual([1, 10]);
});
