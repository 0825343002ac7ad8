// Does a link bring the values that were in it?

import { expect, it } from "vitest";
import type { Parameter } from "~/api/saved-queries";
import { valuesFromSearch, valuesToSearch } from "./link-values";

const PARAMETERS: Parameter[] = [
  { name: "customer", type: "integer" },
  { name: "state", type: "text", default: "paid" },
  { name: "a b&c", type: "text" },
];

it("says what is not the default, and what is missing on purpose", () => {
  const said = valuesToSearch(PARAMETERS, ["42", "paid", null]);
  expect(said).toEqual({ "value.customer": "42", "null.a b&c": "1" });
  expect(valuesFromSearch(said, PARAMETERS)).toEqual(["42", "paid", null]);
});

it("brings back every value through an address", () => {
  const said = valuesToSearch(PARAMETERS, ["", "", "x=1&y=ü"]);
  expect(Object.fromEntries(new URLSearchParams(new URLSearchParams(said).toString()))).toEqual(said);
  expect(valuesFromSearch(said, PARAMETERS)?.[2]).toBe("x=1&y=ü");
});

it("says nothing where nothing is said", () => {
  expect(valuesToSearch(PARAMETERS, ["", "paid", ""])).toEqual({});
  expect(valuesFromSearch({ tab: "versions", "value.other": "1" }, PARAMETERS)).toBeUndefined();
});
