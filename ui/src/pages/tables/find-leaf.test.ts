// Is a name found in a long list without reading all of it?

import { expect, it } from "vitest";
import { findLeaf } from "./find-leaf";

const NAMES = Array.from({ length: 20_000 }, (_, index) => `table_${String(index).padStart(5, "0")}`);

it("finds the first that begins like this, in few parts", async () => {
  let asked = 0;
  const parts = async (part: number) => {
    asked += 1;
    return Promise.resolve(NAMES.slice(part * 200, part * 200 + 200));
  };
  for (const [letters, place] of [
    ["t", 0],
    ["TABLE_1", 10_000],
    ["table_19999", 19_999],
    ["table_002", 200],
    ["u", undefined],
    ["a", undefined],
  ] as const) {
    asked = 0;
    expect(await findLeaf(letters, NAMES.length, 200, parts), letters).toBe(place);
    expect(asked).toBeLessThanOrEqual(9);
  }
  expect(await findLeaf("x", 0, 200, async () => Promise.resolve([]))).toBeUndefined();
});
