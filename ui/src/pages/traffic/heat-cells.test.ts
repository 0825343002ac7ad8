// Does each hour stand at its place?

import { expect, it } from "vitest";
import type { Point } from "~/api/traffic";
import { heatOf } from "./heat-cells";

const point = (at: Date, calls: number, p95_us?: number): Point => ({ at: at.toISOString(), sums: { calls, errors: 0, refusals: 0, rows: 0, bytes_in: 0, bytes_out: 0, total_us: 0, max_us: 0, p95_us } });
const name = (day: Date) => String(day.getDate());

it("puts hours into rows of local days, without what has not come yet", () => {
  const first = new Date(2026, 10, 20, 23);
  const second = new Date(2026, 10, 21, 0);
  const later = new Date(2026, 10, 21, 1);
  const heat = heatOf([point(first, 5, 100), point(second, 7, 300), point(later, 0)], 60, "calls", second.getTime() + 1_000, name);
  expect(heat.columns).toHaveLength(24);
  expect(heat.rows).toEqual(["20", "21"]);
  expect(heat.cells.map(({ column, row, value }) => [column, row, value])).toEqual([[23, 0, 5], [0, 1, 7]]);
  expect(heat.cells[1]?.until).toBe(later.getTime());
});

it("adds up calls of longer steps and takes the highest p95 of a cell", () => {
  const day = new Date(2026, 10, 21, 0);
  const again = new Date(2026, 10, 21, 1);
  const both = [point(day, 5, 100), point(again, 7, 300)];
  expect(heatOf(both, 120, "calls", again.getTime(), name).cells.map((cell) => cell.value)).toEqual([12]);
  expect(heatOf(both, 120, "p95", again.getTime(), name).cells.map((cell) => cell.value)).toEqual([300]);
});
