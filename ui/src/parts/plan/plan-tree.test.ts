// Where do the keys lead in the tree of a plan?

import { expect, test } from "vitest";
import { parsePlan } from "./plan";
import { lines, move } from "./plan-tree";
import sample from "./samples/postgres-14-analyze.json?raw";

const root = parsePlan("postgres", JSON.parse(sample))?.root;
if (root === undefined) {
  throw new Error("the sample is no plan");
}
const open = new Set<string>();
const all = lines(root, open);

test("all nodes are seen, with their level and place", () => {
  expect(all.map((line) => line.node.id)).toEqual(["0", "0.0", "0.0.0", "0.0.0.0", "0.0.1", "0.0.1.0"]);
  expect(all[4]).toMatchObject({ level: 3, place: 2, siblings: 2, parent: "0.0" });
});

test("what is below a closed node is not seen", () => {
  expect(lines(root, new Set(["0.0.0"])).map((line) => line.node.id)).toEqual(["0", "0.0", "0.0.0", "0.0.1", "0.0.1.0"]);
});

test("arrows go along what is seen, open and close", () => {
  expect(move("ArrowDown", all, 0, open)).toEqual({ go: "0.0" });
  expect(move("ArrowDown", all, 5, open)).toEqual({ go: undefined });
  expect(move("ArrowUp", all, 4, open)).toEqual({ go: "0.0.0.0" });
  expect(move("ArrowLeft", all, 2, open)).toEqual({ toggle: "0.0.0" });
  expect(move("ArrowLeft", all, 3, open)).toEqual({ go: "0.0.0" });
  expect(move("ArrowRight", all, 2, open)).toEqual({ go: "0.0.0.0" });
  const closed = new Set(["0.0.0"]);
  expect(move("ArrowRight", lines(root, closed), 2, closed)).toEqual({ toggle: "0.0.0" });
  expect(move("End", all, 0, open)).toEqual({ go: "0.0.1.0" });
  expect(move("x", all, 0, open)).toBeUndefined();
});
