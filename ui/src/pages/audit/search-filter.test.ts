// Are the conditions of the URL what the API is asked?

import { describe, expect, it } from "vitest";
import { durationUs, facetValues, filterOf } from "./search-filter";

describe("a smallest duration", () => {
  it("is milliseconds unless a unit is said", () => {
    expect(["250", "250ms", "1.5 s", "1,5s", "2min", "40 µs", "40us"].map(durationUs)).toEqual([250_000, 250_000, 1_500_000, 1_500_000, 120_000_000, 40, 40]);
  });

  it("is none where it cannot be read", () => {
    expect(["", undefined, "fast", "-3", "1 h"].map(durationUs)).toEqual([undefined, undefined, undefined, undefined, undefined]);
  });
});

describe("the conditions", () => {
  const range = { from: "2026-11-21T13:00:00.000Z", until: "2026-11-21T14:00:00.000Z", milliseconds: 3_600_000, isMoving: true, label: "last 1h" };

  it("are those of the URL, with the time, and nothing that is empty or of the page", () => {
    expect(filterOf({ verdict: "refuse", user: "", tab: "integrity", record: "x", words: "orders", min: "1s" }, range)).toEqual({ verdict: "refuse", text: "orders", total_us_min: 1_000_000, from: range.from, until: range.until });
  });
});

describe("the values to choose from", () => {
  it("have those that no counted record has, without a count", () => {
    const values = [{ value: "allow", count: 5_000 }];
    expect(facetValues({ field: "verdict", values, others: 0, without: 3 })).toEqual([{ value: "allow", count: 5_000 }, { value: "refuse" }, { value: "hold" }]);
  });

  it("are only those counted where anything may stand", () => {
    expect(facetValues({ field: "user", values: [], others: 0, without: 0 })).toEqual([]);
  });
});
