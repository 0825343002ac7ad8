// Where does one go on to after signing in?

import { expect, test } from "vitest";
import { safeNext } from "./paths";

test("only to a page of the console", () => {
  expect(safeNext("/w/shop/queries?range=7d")).toBe("/w/shop/queries?range=7d");
  for (const elsewhere of [undefined, "", "https://elsewhere.example", "//elsewhere.example", "/\\elsewhere.example", "javascript:alert(1)", "/sign-in?next=/sign-in"]) {
    expect(safeNext(elsewhere)).toBe("/");
  }
});
