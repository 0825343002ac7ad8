// Are rates taken of what is known only?

import { expect, it } from "vitest";
import { averaged, recentRate } from "./rates";

it("takes the mean of the last known seconds", () => {
  expect(recentRate([null, 10, 20, null, null])).toBe(15);
  expect(recentRate([1_000, ...new Array<number>(10).fill(4)])).toBe(4);
  expect(recentRate([null, null])).toBeUndefined();
});

it("puts values together and repeats the last known where nothing is", () => {
  expect(averaged([1, 3, null, null, 8, null], 2)).toEqual([2, 2, 8]);
  expect(averaged([null, null, 6, 6], 2)).toEqual([6]);
});
