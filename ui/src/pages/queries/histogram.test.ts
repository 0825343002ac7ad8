// Are durations put into the right bars?

import { expect, test } from "vitest";
import { change } from "./compare";
import { barsOf, placeOf, ticksOf } from "./histogram";

test("every call is in a bar, and bars follow each other without a gap", () => {
  const bars = barsOf([{ up_to_us: 95, count: 40 }, { up_to_us: 767, count: 70 }, { up_to_us: 90_111, count: 10 }]);
  expect(bars.reduce((sum, bar) => sum + bar.count, 0)).toBe(120);
  expect(bars.length).toBeLessThanOrEqual(32);
  expect(bars.slice(1).every((bar, index) => bar.from === bars[index]?.until)).toBe(true);
  const hit = bars.find((bar) => bar.count === 70);
  expect(hit && hit.from <= 767 && 767 < hit.until).toBe(true);
});

test("one step is drawn in the middle of a few bars", () => {
  const bars = barsOf([{ up_to_us: 1_000, count: 3 }]);
  expect(bars).toHaveLength(6);
  expect(bars.findIndex((bar) => bar.count === 3)).toBe(2);
});

test("no calls make no bars", () => {
  expect(barsOf([])).toEqual([]);
  expect(placeOf(5, [])).toBeUndefined();
});

test("places are on a scale of octaves", () => {
  const bars = [{ from: 100, until: 1_000, count: 1 }, { from: 1_000, until: 10_000, count: 1 }];
  expect(placeOf(1_000, bars)).toBeCloseTo(0.5);
  expect(placeOf(1, bars)).toBe(0);
  expect(ticksOf(bars)).toEqual([100, 200, 500, 1_000, 2_000, 5_000, 10_000]);
});

test("a figure is compared in words", () => {
  expect([change(100, 100), change(120, 100), change(50, 100), change(300, 100), change(3, 0), change(0, 0), change(undefined, 3), change(5, undefined, false)]).toEqual([
    "as before",
    "20% more than before",
    "50% less than before",
    "3.0 times as many as before",
    "none before",
    undefined,
    undefined,
    undefined,
  ]);
});
