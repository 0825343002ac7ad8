// Do the likeliest names come first, and in time among 20,000 tables?

import { describe, expect, it } from "vitest";
import { KnownNames } from "./known-names";
import { lettersOf, option, ranked, SHOWN_MAX } from "./ranked";

const options = (...labels: string[]) => labels.map((label) => option({ label }));
const labels = (typed: string, ...names: string[]) => ranked([options(...names)], typed).map((one) => one.label);

/** Held where nothing else runs; elsewhere the times are printed. */
const TYPED_MS = import.meta.env["VITE_HOLDS_TIMES"] ? 50 : Infinity;

describe("names by letters", () => {
  it("come as themselves, from their beginning, from a word of theirs, from within, scattered", () => {
    expect(labels("item", "order_items", "item", "reitem", "items", "i_t_e_m", "other")).toEqual(["item", "items", "order_items", "reitem", "i_t_e_m"]);
    expect(labels("or", "o_r")).toEqual([]);
    expect(labels("", "b", "a")).toEqual(["b", "a"]);
  });

  it("of two that fit as well the one with more boost comes first", () => {
    expect(ranked([[option({ label: "select_a", boost: 1 })], [option({ label: "SELECT", boost: 3 })]], "sel").map((one) => one.label)).toEqual(["SELECT", "select_a"]);
  });

  it("show which of their letters were typed", () => {
    expect(lettersOf({ label: "order_items" }, "Item")).toEqual([6, 10]);
    expect(lettersOf({ label: "abc" }, "ac")).toEqual([0, 1, 2, 3]);
    expect(lettersOf({ label: "abc" }, "")).toEqual([]);
  });

  it("are found among 20,000 tables while one types", () => {
    const relations = Array.from({ length: 20_000 }, (_, index) => ({ key: `k${index}`, kind: "table", schema: `s${index % 7}`, name: `table_${index}_of_orders`, columns: ["id", "name"] }));
    const known = new KnownNames(relations, false);
    const times: number[] = [];
    for (const typed of ["t", "ta", "order", "table_19999", "tbo", "zz", ""]) {
      const begun = performance.now();
      const found = ranked([known.tables], typed);
      times.push(performance.now() - begun);
      expect(found.length).toBe(typed === "zz" ? 0 : typed === "table_19999" ? 1 : SHOWN_MAX);
    }
    console.log(`20,000 tables, from a key to the names: ${times.map((time) => `${time.toFixed(1)} ms`).join(", ")}`);
    expect(Math.max(...times)).toBeLessThan(TYPED_MS);
  }, 60_000);
});
