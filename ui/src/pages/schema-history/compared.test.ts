// Are the two snapshots compared that were meant?

import { describe, expect, it } from "vitest";
import { comparedOf, withPrevious } from "./compared";

const NOW = Date.parse("2026-03-10T12:00:00Z");
const snapshot = (id: string, day: string) => ({ id, taken_at: `2026-03-${day}T00:00:00Z` });
const KEPT = [snapshot("d", "10"), snapshot("c", "09"), snapshot("b", "04"), snapshot("a", "01")];

describe("which snapshots are compared", () => {
  it("the last two, unless others are chosen", () => {
    expect(comparedOf(KEPT, {}, NOW)).toEqual({ before: "c", after: "d", since: undefined });
    expect(comparedOf(KEPT, { before: "a" }, NOW)).toMatchObject({ before: "a", after: "d" });
    expect(comparedOf(KEPT, { before: "a", after: "elsewhere" }, NOW)).toMatchObject({ before: "a", after: "elsewhere" });
    expect(comparedOf(KEPT.slice(0, 1), {}, NOW)).toBeUndefined();
    expect(comparedOf([], {}, NOW)).toBeUndefined();
  });

  it("what holds now with what held then", () => {
    expect(comparedOf(KEPT, { since: "day" }, NOW)).toEqual({ before: "c", after: "d", since: "day" });
    expect(comparedOf(KEPT, { since: "week" }, NOW)).toMatchObject({ before: "a", after: "d" });
    expect(comparedOf(KEPT, { since: "month" }, NOW)).toMatchObject({ before: "a", after: "d" });
    expect(comparedOf(KEPT.slice(2), { since: "day" }, NOW)).toMatchObject({ before: "b", after: "b" });
    expect(comparedOf(KEPT, { since: "ever" }, NOW)).toMatchObject({ before: "c", after: "d" });
  });

  it("one with the one before it", () => {
    expect(withPrevious(KEPT, "c")).toEqual({ before: "b", after: "c" });
    expect(withPrevious(KEPT, "a")).toBeUndefined();
    expect(withPrevious(KEPT, "x")).toBeUndefined();
  });
});
