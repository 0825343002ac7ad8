// Does the list of queries ask for what the URL says?

import { expect, test } from "vitest";
import type { TopItem } from "~/api/traffic";
import { filterOf, howMany, measureOf, rangeBefore, shareOf, trendOf } from "./list";

const item = (total_us: number, detail?: TopItem["detail"]): TopItem => ({ key: "1-0", sums: { bytes_in: 0, bytes_out: 0, calls: 1, errors: 0, max_us: 1, refusals: 0, rows: 0, total_us }, detail });

test("the measure is the URL's, and time where it says none or nonsense", () => {
  expect(measureOf({ sort: "p95" })).toBe("p95");
  expect(measureOf({})).toBe("total_us");
  expect(measureOf({ sort: "toString" })).toBe("total_us");
});

test("only filters that are said are asked", () => {
  expect(filterOf({ application: "checkout", user: "", sort: "calls", range: "7d" })).toEqual({ application: "checkout" });
});

test("the range before ends where the range begins and is as long", () => {
  const range = { from: "2026-11-21T12:00:00.000Z", until: "2026-11-21T13:00:00.000Z", milliseconds: 3_600_000, isMoving: true, label: "" };
  expect(rangeBefore(range)).toEqual({ from: "2026-11-21T11:00:00.000Z", until: "2026-11-21T12:00:00.000Z" });
});

test("a share is of all time, and nothing of nothing", () => {
  expect(shareOf(item(25), 100)).toBe(0.25);
  expect(shareOf(item(0), 0)).toBe(0);
});

test("the line of a row is of what is sorted by", () => {
  const trend = [{ at: "a", calls: 1, total_us: 5, p95_us: 4 }, { at: "b", calls: 0, total_us: 0 }];
  const detail = { trend, applications: [], applications_more: 0, users: [], users_more: 0, tables: [], tables_more: 0 };
  expect(trendOf(item(5, detail), "p95")).toEqual({ values: [4, 0], what: "p95" });
  expect(trendOf(item(5, detail), "errors")).toEqual({ values: [5, 0], what: "Time" });
  expect(trendOf(item(5), "calls")).toBeUndefined();
});

test("a number of fingerprints is exact only when all are known", () => {
  expect([howMany(1, true, String), howMany(100, false, String), howMany(12, true, String)]).toEqual(["1 fingerprint", "100+ fingerprints", "12 fingerprints"]);
});
