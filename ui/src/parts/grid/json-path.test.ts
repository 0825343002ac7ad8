// Can a database read the path of a part?

import { expect, it } from "vitest";
import { childPath } from "./json-path";

it("quotes what is no plain name", () => {
  expect(childPath("$", "items", false)).toBe("$.items");
  expect(childPath("$.items", "0", true)).toBe("$.items[0]");
  expect(childPath("$", "first name", false)).toBe('$."first name"');
  expect(childPath("$", 'a"b', false)).toBe('$."a\\"b"');
  expect(childPath("$", "0", false)).toBe('$."0"');
});
