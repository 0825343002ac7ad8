// Is what stands behind `#` in a link read, whatever it is?

import { expect, test } from "vitest";
import { fragmentOf } from "./door";

test("a token, also of a link that was cut", () => {
  expect([fragmentOf("#a%2Bb"), fragmentOf(""), fragmentOf("#%E0%A4%A")]).toEqual(["a+b", "", "%E0%A4%A"]);
});
