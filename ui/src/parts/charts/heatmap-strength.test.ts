// Is more of something stronger, and nothing nothing?

import { expect, it } from "vitest";
import { strength } from "./heatmap-strength";

it("grows from seen to full", () => {
  expect(strength(0, 100)).toBe(0);
  expect(strength(1, 1_000_000)).toBeGreaterThanOrEqual(12);
  expect(strength(25, 100)).toBe(56);
  expect(strength(100, 100)).toBe(100);
  expect(strength(5, 0)).toBe(0);
});
