// Are only the first seconds of what is heard left out?

import { expect, test } from "vitest";
import { begun } from "./live-begun";

test("the first seconds of a stretch are too few, a minute that stands alone is not", () => {
  const column = [null, 38, null, null, 20, 30, 38, 39, 40, 41, null, 37];
  expect(begun(column).map((isTooFew, at) => (isTooFew ? at : -1)).filter((at) => at >= 0)).toEqual([4, 5, 6, 7]);
});

test("a stretch that began before the window is whole", () => {
  expect(begun([38, 39, 40, 41, 42])).toEqual([false, false, false, false, false]);
});
