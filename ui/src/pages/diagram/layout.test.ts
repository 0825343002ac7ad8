// Does everything stand apart, wide rather than high, and where the person put it?

import { expect, test } from "vitest";
import { laidOut, type LayoutNode, type Place } from "~/parts/graph-layout/shelves";
import { routeOf } from "./line";
import { towards } from "./towards";

const nodes = (count: number, height = 120): LayoutNode[] => Array.from({ length: count }, (_, index) => ({ id: `t${index}`, width: 236, height: height + (index % 5) * 20 }));

function overlaps(all: readonly LayoutNode[], places: Record<string, Place>): number {
  const boxes = all.map((node) => ({ ...node, ...(places[node.id] ?? { x: NaN, y: NaN }) }));
  const apart = (one: (typeof boxes)[number], other: (typeof boxes)[number]) => one.x + one.width <= other.x || other.x + other.width <= one.x || one.y + one.height <= other.y || other.y + other.height <= one.y;
  return boxes.flatMap((one, index) => boxes.slice(index + 1).filter((other) => !apart(one, other))).length;
}

function aspect(all: readonly LayoutNode[], places: Record<string, Place>): number {
  const right = Math.max(...all.map(({ id, width }) => (places[id]?.x ?? 0) + width));
  const bottom = Math.max(...all.map(({ id, height }) => (places[id]?.y ?? 0) + height));
  return right / bottom;
}

test.each([
  ["a table with sixty others around it", nodes(60), nodes(60).slice(1).map(({ id }) => ["t0", id] as const)],
  ["a chain", nodes(12), nodes(11).map(({ id }, index) => [id, `t${index + 1}`] as const)],
  ["three hundred tables without relations", nodes(300), []],
  ["many small parts", nodes(90), nodes(90).flatMap(({ id }, index) => (index % 3 === 0 ? [] : [[id, `t${index - (index % 3)}`] as const]))],
  ["more than is laid out by relations", nodes(500), nodes(500).slice(1).map(({ id }, index) => [id, `t${Math.floor(index / 3)}`] as const)],
])("%s do not overlap, and fit a window", (_, all, edges) => {
  const { places } = laidOut({ nodes: all, edges, fixed: {} });
  expect(Object.keys(places)).toHaveLength(all.length);
  expect(overlaps(all, places)).toBe(0);
  if (edges.length !== 11) {
    expect(aspect(all, places)).toBeGreaterThan(0.6);
    expect(aspect(all, places)).toBeLessThan(5);
  }
});

test("what has its place keeps it, and what is new comes under it", () => {
  const all = nodes(5);
  const fixed = { t0: { x: -500, y: 40 }, t1: { x: 10, y: 900 } };
  const { places } = laidOut({ nodes: all, edges: [["t2", "t0"]], fixed });
  expect(places).toMatchObject(fixed);
  expect(overlaps(all, places)).toBe(0);
  expect(Math.min(...["t2", "t3", "t4"].map((id) => places[id]?.y ?? 0))).toBeGreaterThanOrEqual(900 + 140);
});

test("a line leaves on the side where the other one stands, and turns around where they stand above each other", () => {
  const box = (x: number, y: number) => ({ x, y, width: 100, height: 60 });
  const line = { fromOffset: 10, toOffset: 20, look: "declared", isUnique: false } as const;
  expect(routeOf(box(0, 0), box(400, 100), line).path).toMatch(/^M 100 10 .* L 400 120$/);
  expect(routeOf(box(400, 0), box(0, 100), line).path).toMatch(/^M 400 10 .* L 100 120$/);
  const loop = routeOf(box(0, 0), box(0, 0), line);
  expect(loop.path).toMatch(/^M 100 10 .* L 100 20$/);
  expect(loop.middle.x).toBeGreaterThan(100);
  expect(routeOf(box(0, 0), box(400, 0), line).ends).not.toBe("");
  expect(routeOf(box(0, 0), box(400, 0), { ...line, look: "seen" }).ends).toBe("");
});

test("arrow keys lead to what is joined rather than to what is near", () => {
  const box = (x: number, y: number) => ({ x, y, width: 10, height: 10 });
  const others = [
    { id: "near", box: box(60, 0), isLinked: false },
    { id: "joined", box: box(120, 0), isLinked: true },
    { id: "above", box: box(0, -80), isLinked: false },
  ];
  expect(towards("ArrowRight", box(0, 0), others)).toBe("joined");
  expect(towards("ArrowUp", box(0, 0), others)).toBe("above");
  expect(towards("ArrowLeft", box(0, 0), others)).toBeUndefined();
});
