// Are rows sorted and left out as people read them?

import { describe, expect, it } from "vitest";
import { AS_IT_CAME, byNumber, shownColumns, shownRows, withFilter, withHidden, withPinned, withSort, type Arrangement } from "./arrange";

const column = (name: string, kind = "text") => ({ name, type_name: kind, kind });
const COLUMNS = [column("id", "integer"), column("name"), column("total", "decimal"), column("at", "timestamp")];
const ROWS = [
  [10, "béta", "9.5", "2026-01-02T00:00:00"],
  [9, null, "-10", null],
  [2, "Alpha", "100", "2025-12-31T23:59:59"],
  [33, "alpha", null, "2026-01-01T00:00:00"],
];
const shown = (change: Partial<Arrangement>) => shownRows(ROWS, ROWS.length, COLUMNS, { ...AS_IT_CAME, ...change });

describe("columns", () => {
  it("come as they came, without the hidden ones, the pinned ones first", () => {
    expect(shownColumns(4, AS_IT_CAME)).toEqual([0, 1, 2, 3]);
    expect(shownColumns(4, { hidden: [0, 3], pinned: [2, 3] })).toEqual([2, 1]);
    expect(shownColumns(2, { hidden: [], pinned: [5, 1] })).toEqual([1, 0]);
  });

  it("are hidden, pinned and shown again", () => {
    const changed = withPinned(withHidden(withHidden(AS_IT_CAME, 1, true), 2, true), 3, true);
    expect(shownColumns(4, changed)).toEqual([3, 0]);
    expect(shownColumns(4, withPinned(withHidden(changed, 1, false), 3, false))).toEqual([0, 1, 3]);
  });
});

describe("rows", () => {
  it("are all there where nothing is asked", () => {
    expect(shown({})).toBeUndefined();
    expect(shown({ filters: [{ column: 1, test: "contains", text: "" }] })).toBeUndefined();
  });

  it("are sorted by value, NULL last in both directions", () => {
    expect(shown({ sort: { column: 0, desc: false } })).toEqual([2, 1, 0, 3]);
    expect(shown({ sort: { column: 2, desc: false } })).toEqual([1, 0, 2, 3]);
    expect(shown({ sort: { column: 2, desc: true } })).toEqual([2, 0, 1, 3]);
    expect(shown({ sort: { column: 3, desc: false } })).toEqual([2, 3, 0, 1]);
    expect(shown({ sort: { column: 1, desc: false } })?.at(-1)).toBe(1);
  });

  it("pass what is asked of them", () => {
    expect(shown({ filters: [{ column: 1, test: "contains", text: "ALPHA" }] })).toEqual([2, 3]);
    expect(shown({ filters: [{ column: 1, test: "is", text: "alpha" }] })).toEqual([3]);
    expect(shown({ filters: [{ column: 1, test: "not", text: "alpha" }] })).toEqual([0, 1, 2]);
    expect(shown({ filters: [{ column: 1, test: "null", text: "" }] })).toEqual([1]);
    expect(shown({ filters: [{ column: 2, test: "filled", text: "" }] })).toEqual([0, 1, 2]);
    expect(shown({ filters: [{ column: 2, test: "least", text: "9.50" }] })).toEqual([0, 2]);
    expect(shown({ filters: [{ column: 0, test: "most", text: "9" }, { column: 2, test: "most", text: "0" }] })).toEqual([1]);
    expect(shown({ filters: [{ column: 3, test: "least", text: "2026" }] })).toEqual([0, 3]);
  });

  it("that come after the count are not looked at", () => {
    expect(shownRows(ROWS, 2, COLUMNS, { ...AS_IT_CAME, sort: { column: 0, desc: false } })).toEqual([1, 0]);
  });

  it("keep their order where they are equal, a hundred thousand of them", () => {
    const many = Array.from({ length: 100_000 }, (_, index) => [index % 3, String(index)]);
    const order = shownRows(many, many.length, [column("a", "integer"), column("b")], { ...AS_IT_CAME, sort: { column: 0, desc: true } }) ?? [];
    expect([order[0], order[1], order[33_333], order.at(-1)]).toEqual([2, 5, 1, 99_999]);
  });
});

describe("numbers", () => {
  it("are told apart by digits that a float does not keep", () => {
    expect(byNumber("12345678901234567890", "12345678901234567891")).toBe(-1);
    expect(byNumber("-12345678901234567890", "-12345678901234567891")).toBe(1);
    expect(byNumber("0.10000000000000000001", "0.1")).toBe(1);
    expect(byNumber("1.50", "1.5")).toBe(0);
    expect(byNumber("NaN", 5)).toBe(1);
    expect(byNumber("Infinity", "1e300")).toBe(1);
  });
});

describe("an arrangement", () => {
  it("loses its order by the same choice again", () => {
    const once = withSort(AS_IT_CAME, 2, true);
    expect(once.sort).toEqual({ column: 2, desc: true });
    expect(withSort(once, 2, false).sort).toEqual({ column: 2, desc: false });
    expect(withSort(once, 2, true).sort).toBeUndefined();
  });

  it("has one filter a column", () => {
    const one = withFilter(withFilter(AS_IT_CAME, { column: 1, test: "is", text: "a" }), { column: 1, test: "not", text: "b" });
    expect(one.filters).toEqual([{ column: 1, test: "not", text: "b" }]);
  });
});
