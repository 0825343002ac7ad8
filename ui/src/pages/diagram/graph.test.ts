// Does the graph say what is declared and what is joined, and which tables belong together?

import { expect, test } from "vitest";
import type { GraphRelation, SchemaJoins } from "~/api/diagram";
import { bridgesOf, clustersOf, prefixOf } from "./clusters";
import { beginning, graphOf, linksBetween, narrowed, neighbourhood } from "./graph";
import { filtered, keptKeys, missingAround, sightOf } from "./sight";

const relation = (name: string, refers: Record<string, string> = {}, more: Partial<GraphRelation> = {}): GraphRelation => ({
  key: name,
  schema: "public",
  name,
  kind: "table",
  column_count: 1 + Object.keys(refers).length,
  columns: [{ name: "id", type: "bigint", is_primary: true }, ...Object.keys(refers).map((column) => ({ name: column, type: "bigint", is_foreign: true }))],
  foreign_keys: Object.entries(refers).map(([column, to]) => ({ name: `${name}_${column}`, columns: [column], to_schema: "public", to_table: to, to_columns: ["id"] })),
  ...more,
});

const RELATIONS = [relation("customers"), relation("orders", { customer_id: "customers" }), relation("order_items", { order_id: "orders", product_id: "products" }), relation("products"), relation("regions"), relation("log")];

const end = (table: string, column: string) => ({ key: table, schema: "public", table, column });
const join = (from: [string, string], to: [string, string], calls: number, isDeclared = false) => ({ from: end(...from), to: end(...to), is_declared: isDeclared, calls, fingerprints: 1, last_seen_at: "2026-11-21T10:00:00Z" });
const seen = (...joins: SchemaJoins["joins"]): SchemaJoins => ({ listeners: ["main"], covered: { from: "2026-11-14T10:00:00Z", until: "2026-11-21T10:00:00Z", resolution: "hour" }, joins, unknown: 0, is_cut: false }) as SchemaJoins;

const JOINS = seen(join(["orders", "customer_id"], ["customers", "id"], 40, true), join(["orders", "region"], ["regions", "code"], 7), join(["regions", "name"], ["orders", "region_name"], 3), join(["gone", "id"], ["orders", "id"], 99));

test("a join that follows a key counts for the key, and the others are links of their own", () => {
  const graph = graphOf(RELATIONS, JOINS);
  const between = (one: string, other: string) => linksBetween(graph, new Set([one, other]));
  expect(between("orders", "customers")).toEqual([expect.objectContaining({ isDeclared: true, key: "orders_customer_id", calls: 40, from: "orders", to: "customers" })]);
  expect(between("orders", "regions")).toEqual([
    expect.objectContaining({
      isDeclared: false,
      calls: 7,
      pairs: [
        ["region", "code"],
        ["region_name", "name"],
      ],
    }),
  ]);
  expect(graph.links.every(({ from, to }) => graph.tables.has(from) && graph.tables.has(to))).toBe(true);
});

test("one begins at the table that is joined most, else at the one with most relations", () => {
  expect(beginning(graphOf(RELATIONS, JOINS))).toBe("orders");
  expect(beginning(graphOf(RELATIONS, undefined))).toMatch(/^orders|order_items$/);
  expect(beginning(graphOf([], undefined))).toBeUndefined();
});

test("neighbours are as far away as was asked, the most joined first where there are too many", () => {
  const graph = graphOf(RELATIONS, JOINS);
  expect(new Set(neighbourhood(graph, "orders", 1, 60).keys)).toEqual(new Set(["orders", "customers", "regions", "order_items"]));
  expect(neighbourhood(graph, "orders", 2, 60).keys).toContain("products");
  expect(neighbourhood(graph, "orders", 1, 3)).toEqual({ keys: ["orders", "customers", "regions"], more: 1 });
});

test("what is hidden leads nowhere, and comes back by nobody's neighbours", () => {
  const graph = graphOf(RELATIONS, JOINS);
  const hidden = new Set(["order_items"]);
  const sight = sightOf(graph, { table: "orders", hops: "2" }, undefined, hidden);
  expect(sight.kind === "tables" && new Set(sight.keys)).toEqual(new Set(["orders", "customers", "regions"]));
  expect(missingAround(graph, "orders", ["orders"], hidden)).toEqual(["customers", "regions"]);
});

test("filters leave the table that was asked for", () => {
  const graph = graphOf(RELATIONS, undefined);
  expect([...filtered(graph, { words: "ORDER" }, "customers").tables.keys()]).toEqual(["customers", "orders", "order_items"]);
  expect(filtered(graph, { words: "order" }, undefined).links).toHaveLength(1);
  expect(filtered(graph, {}, undefined)).toBe(graph);
  expect(narrowed(graph, () => true)).toBe(graph);
});

test("a viewpoint shows its tables, without those that are gone", () => {
  const graph = graphOf(RELATIONS, undefined);
  const picture = { tables: ["orders", "gone", "log"].map((key) => ({ key, x: 0, y: 0 })), hidden: [], detail: "names" as const };
  expect(sightOf(graph, {}, { id: "v", version: 2, picture }, new Set())).toEqual({ kind: "tables", keys: ["orders", "log"], more: 0, of: "viewpoint v 2" });
});

test("a viewpoint is kept whole, also while a filter shows a part of it", () => {
  const whole = graphOf(RELATIONS, undefined);
  const picture = { tables: ["orders", "gone", "log", "regions"].map((key) => ({ key, x: 0, y: 0 })), hidden: [], detail: "names" as const };
  const shown = ["orders"];
  expect(keptKeys(whole, shown, picture, ["customers"], new Set(["regions"]))).toEqual(["orders", "log", "customers"]);
  expect(keptKeys(whole, shown, undefined, [], new Set())).toEqual(shown);
});

test("a schema falls into groups by name and by what hangs together", () => {
  expect(["order_items", "OrderItems", "orders", "_log_old", "x"].map(prefixOf)).toEqual(["order", "order", "orders", "log", "x"]);
  const many = ["a", "b"].flatMap((group) => [relation(`${group}_hub`), ...[1, 2, 3].map((number) => relation(`${group}_${number}`, { hub: `${group}_hub` }))]);
  const graph = graphOf([...many, relation("bridge", { one: "a_hub", other: "b_hub" }), relation("alone")], undefined);
  const names = (grouping: "prefix" | "links") => clustersOf(graph, grouping).map(({ name, keys }) => [name, keys.length]);
  expect(names("prefix")).toEqual([
    ["a…", 4],
    ["b…", 4],
    ["others", 2],
  ]);
  const linked = clustersOf(graph, "links");
  expect(linked.map(({ keys }) => keys.length).reduce((one, other) => one + other)).toBe(graph.tables.size);
  expect(linked.find(({ keys }) => keys.includes("a_1"))?.keys).toEqual(expect.arrayContaining(["a_hub", "a_2", "a_3"]));
  expect(bridgesOf(graph, clustersOf(graph, "prefix"))).toEqual([
    { from: "a", to: "others", links: 1 },
    { from: "b", to: "others", links: 1 },
  ]);
});
