// Are rates right, also of the step that still goes on?

import { expect, it } from "vitest";
import type { Point } from "~/api/traffic";
import { figuresOf, stepWords } from "./history-figures";

const point = (at: string, calls: number, p95_us?: number): Point => ({ at, sums: { calls, errors: calls / 10, refusals: 0, rows: 0, bytes_in: 0, bytes_out: 0, total_us: 0, max_us: 0, p95_us } });

it("divides by the step, and the last by the time it has had", () => {
  const points = [point("2026-11-21T14:00:00Z", 600, 900), point("2026-11-21T14:01:00Z", 0), point("2026-11-21T14:02:00Z", 300, 800)];
  const figures = figuresOf(points, 1, Date.parse("2026-11-21T14:02:30Z"));
  expect(figures.calls).toEqual([10, 0, 10]);
  expect(figures.errors).toEqual([1, 0, 1]);
  expect(figures.p95).toEqual([900, null, 800]);
});

it("leaves out a step that has hardly begun", () => {
  const figures = figuresOf([point("2026-11-21T14:00:00Z", 600), point("2026-11-21T15:00:00Z", 1)], 60, Date.parse("2026-11-21T15:05:00Z"));
  expect(figures.seconds).toHaveLength(1);
});

it("names a step in the largest whole unit", () => {
  expect([1, 30, 60, 360, 1_440].map(stepWords)).toEqual(["1 minute", "30 minutes", "1 hour", "6 hours", "1 day"]);
});
