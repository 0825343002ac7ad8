// Does every day have its place?

import { expect, test } from "vitest";
import { daysOf } from "./usage";

test("days without use are there with zeros, in order up to today", () => {
  const days = daysOf([{ day: "2026-02-28", queries: 3, rows: 2, bytes: 1 }], 3, new Date("2026-03-01T00:10:00Z"));
  expect(days.map((day) => [day.day, day.queries])).toEqual([
    ["2026-02-27", 0],
    ["2026-02-28", 3],
    ["2026-03-01", 0],
  ]);
});
