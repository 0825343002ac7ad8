// Does the legend of a chart tell what is known?

import { expect, it } from "vitest";
import { legendValue } from "./time-chart";

it("tells the last known value while nothing is pointed at", () => {
  expect(legendValue([1, 2, null], null, true)).toBe(2);
  expect(legendValue([null], undefined, true)).toBeNull();
});

it("tells the value at the cursor, and a near one only where lines are bridged", () => {
  expect(legendValue([1, null, null, 4], 2, false)).toBeNull();
  expect(legendValue([1, null, null, 4], 2, true)).toBe(4);
  expect(legendValue([0, null], 0, false)).toBe(0);
});
