// Does a chart draw what the rows say, and tell what it leaves out?

import { describe, expect, it } from "vitest";
import type { Cell } from "~/api/runs";
import { fitsColumns, readChart, writeChart, type ChartState } from "./chart-state";
import { guess } from "./guess";
import { beginOf, GROUPS_MAX, POINTS_MAX, prepare, SLICES_MAX } from "./prepare";
import { axesOf, timeOf } from "./roles";
import { belowWord } from "./words";

const column = (name: string, kind = "text") => ({ name, type_name: kind, kind });
const ORDERS = [column("id", "integer"), column("state"), column("placed_at", "timestamp"), column("total", "decimal")];
const ROWS: Cell[][] = [
  [1, "paid", "2026-01-01T10:00:00", "10.5"],
  [2, "open", "2026-01-01T11:00:00", "2"],
  [3, "paid", "2026-01-02T10:00:00", "4.5"],
  [4, null, "2026-01-03T10:00:00", null],
];
const plain: ChartState = { kind: "bar", aggregate: "sum", step: "exact", x: "state", y: ["total"], split: undefined };
const draw = (change: Partial<ChartState>, rows: Cell[][] = ROWS, columns = ORDERS) => prepare(axesOf(columns, rows), rows, rows.length, { ...plain, ...change });
const guessed = (columns: ReturnType<typeof column>[], rows: Cell[][]) => guess(axesOf(columns, rows), rows);

describe("an address", () => {
  it("gives back what was written, whatever columns are called", () => {
    const odd: ChartState = { kind: "line", aggregate: "average", step: "day", x: "a:b", y: ["c,d", "é %"], split: "x/y" };
    expect(readChart(writeChart(odd))).toEqual(odd);
    expect(readChart(writeChart({ ...plain, y: [], x: undefined }))).toEqual({ ...plain, y: [], x: undefined });
  });

  it("that nobody wrote so draws nothing", () => {
    for (const wrong of [undefined, "", "bar", "cake:sum:exact:a:b:", "bar:sum:exact:%E0%A4%A:b:", "bar:sum:exact:a:b::more"]) {
      expect(readChart(wrong), wrong).toBeUndefined();
    }
  });

  it("fits a result that has its columns", () => {
    expect(fitsColumns(plain, ["state", "total"])).toBe(true);
    expect(fitsColumns(plain, ["state"])).toBe(false);
    expect(fitsColumns({ ...plain, split: "region" }, ["state", "total"])).toBe(false);
  });
});

describe("a guess", () => {
  it("draws a line along times, split by few names", () => {
    expect(guessed(ORDERS, ROWS)).toMatchObject({ kind: "line", x: "placed_at", y: ["total"], aggregate: "each" });
    const twice = [...ROWS, ...ROWS];
    expect(guessed(ORDERS, twice)).toMatchObject({ kind: "line", x: "placed_at", split: "state", aggregate: "sum" });
  });

  it("draws bars for names, points for two numbers, figures for a row", () => {
    expect(guessed([column("state"), column("count", "integer")], [["a", 1], ["b", 2]])).toMatchObject({ kind: "bar", x: "state", y: ["count"], aggregate: "each" });
    expect(guessed([column("state"), column("count", "integer")], [["a", 1], ["a", 2]])).toMatchObject({ aggregate: "sum" });
    expect(guessed([column("state")], [["a"], ["a"]])).toMatchObject({ kind: "bar", x: "state", aggregate: "count" });
    expect(guessed([column("a", "float"), column("b", "float")], [[1, 2], [3, 4]])).toMatchObject({ kind: "scatter", x: "a", y: ["b"] });
    expect(guessed([column("n", "integer"), column("name")], [[7, "x"]])).toMatchObject({ kind: "number", y: ["n"] });
  });

  it("does not add up what only names something", () => {
    expect(guessed([column("customer_id", "integer"), column("total", "decimal")], [[1, "2"], [2, "3"]])).toMatchObject({ kind: "bar", x: "customer_id", y: ["total"] });
    expect(guessed([], [])).toBeUndefined();
  });

  it("reads values where the database says no type", () => {
    expect(guessed([column("day", "any"), column("n", "any")], [["2026-01-01", 3], ["2026-01-02", 4]])).toMatchObject({ kind: "line", x: "day", y: ["n"] });
  });
});

describe("what is drawn", () => {
  it("adds up, counts, and says what has no value", () => {
    const { series, says, left } = draw({});
    expect(series).toEqual([{ name: "total", points: [["paid", 15], ["open", 2]] }]);
    expect(says).toBe("sum of total by state");
    expect(left).toEqual(["1 value is NULL or of another kind: not drawn."]);
    expect(draw({ aggregate: "count" }).series).toEqual([{ name: "rows", points: [["paid", 2], ["open", 1], ["NULL", 1]] }]);
    expect(draw({ aggregate: "average" }).series[0]?.points[0]).toEqual(["paid", 7.5]);
    expect(draw({ aggregate: "least" }).series[0]?.points[0]).toEqual(["paid", 4.5]);
    expect(draw({ aggregate: "most" }).series[0]?.points[0]).toEqual(["paid", 10.5]);
  });

  it("puts times together in UTC and in their order", () => {
    const { series, says } = draw({ kind: "line", x: "placed_at", step: "day" }, ROWS.toReversed());
    expect(series[0]?.points.map(([at, value]) => [new Date(Number(at)).toISOString(), value])).toEqual([
      ["2026-01-01T00:00:00.000Z", 12.5],
      ["2026-01-02T00:00:00.000Z", 4.5],
    ]);
    expect(says).toBe("sum of total by placed_at (day)");
    expect(new Date(beginOf(Date.UTC(2026, 4, 31, 23), "month")).toISOString()).toBe("2026-05-01T00:00:00.000Z");
  });

  it("splits by a column and keeps as many as there are colours", () => {
    expect(draw({ kind: "line", x: "placed_at", split: "state" }).series.map((one) => one.name)).toEqual(["paid", "open"]);
    const many = Array.from({ length: 20 }, (_, index) => [index, `s${index}`, "2026-01-01T00:00:00", String(index)]);
    const { series, left } = draw({ kind: "line", x: "placed_at", split: "state" }, many);
    expect(series.map((one) => one.name)).toEqual(["s14", "s15", "s16", "s17", "s18", "s19"]);
    expect(left).toEqual(["20 values to split by: the 6 with the most are drawn."]);
  });

  it("is bounded, and tells by what", () => {
    const many = Array.from({ length: 500 }, (_, index) => [index, `name ${index}`, null, String(index)]);
    const bars = draw({}, many);
    expect(bars.series[0]?.points).toHaveLength(GROUPS_MAX);
    expect(bars.left).toEqual([`500 values below: the ${GROUPS_MAX} with the most are drawn.`]);
    const pie = draw({ kind: "pie" }, many);
    expect(pie.series[0]?.points).toHaveLength(SLICES_MAX);
    expect(pie.series[0]?.points.at(-1)?.[0]).toBe("488 others");
    const points = Array.from({ length: 50_000 }, (_, index) => [index, null, null, String(index)]);
    const scatter = draw({ kind: "scatter", x: "id", aggregate: "each" }, points);
    expect(scatter.series[0]?.points.length).toBeLessThanOrEqual(POINTS_MAX);
    expect(scatter.left).toEqual(["50,000 points: one in 3 is drawn."]);
  });

  it("is a figure of all rows for figures", () => {
    expect(draw({ kind: "number" }).series).toEqual([{ name: "total", points: [["", 17]] }]);
  });
});

describe("times", () => {
  it("are read with and without a zone", () => {
    expect(timeOf("2026-01-01T10:00:00")).toBe(Date.UTC(2026, 0, 1, 10));
    expect(timeOf("2026-01-01 10:00:00.5")).toBe(Date.UTC(2026, 0, 1, 10, 0, 0, 500));
    expect(timeOf("2026-01-01T10:00:00+02:00")).toBe(Date.UTC(2026, 0, 1, 8));
    expect(timeOf("2026-01-01T10:00:00+02")).toBe(Date.UTC(2026, 0, 1, 8));
    expect(timeOf("2026-01-01")).toBe(Date.UTC(2026, 0, 1));
    expect(timeOf("soon")).toBeUndefined();
    expect(timeOf(5)).toBeUndefined();
  });

  it("are written as days where all that they are is days", () => {
    expect(belowWord(Date.UTC(2026, 0, 1), "time")).not.toMatch(/\d:\d/);
    expect(belowWord(Date.UTC(2026, 0, 1, 10), "time")).toMatch(/10:00/);
    expect(belowWord(12_345.678, "number")).toMatch(/12.345.678/);
  });
});
