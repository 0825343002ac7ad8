// Are tables and joins told once each, and put beside each other?

import { expect, test } from "vitest";
import { BY_EXPRESSION, expressionJoins, joinsOf, tablesOf } from "./joins";
import { placed } from "~/parts/graph-layout/labelled";

const orders = { name: "orders" };
const customers = { schema: "public", name: "customers" };

test("joins of the same two tables are one, whichever way round", () => {
  const joins = [
    { left: orders, left_column: "customer_id", right: customers, right_column: "id" },
    { left: customers, left_column: "id", right: orders, right_column: "customer_id" },
    { left: orders, left_column: "region", right: customers, right_column: "region" },
  ];
  expect(joinsOf(joins)).toEqual([{ from: "orders", to: "public.customers", on: ["customer_id = id", "region = region"] }]);
});

test("a table has all its columns once, and what it is used for", () => {
  const columns = [
    { table: orders, column: "id", reads: true, writes: false },
    { table: orders, column: "id", reads: true, writes: false },
    { table: orders, column: "total", reads: true, writes: false },
  ];
  const tables = tablesOf({ tables: [{ table: orders, reads: true, writes: false }, { table: orders, reads: false, writes: true }], columns, joins: [] });
  expect(tables).toEqual([{ id: "orders", table: orders, reads: true, writes: true, columns: ["id", "total"] }]);
});

test("joined tables stand below each other and do not overlap", () => {
  const size = { width: 180, height: 56 };
  const at = placed({ nodes: [{ id: "a", ...size }, { id: "b", ...size }, { id: "c", ...size }], edges: [{ from: "a", to: "b", label: "x = y" }, { from: "a", to: "c", label: "x = y" }] });
  expect(at["b"]?.y).toBeGreaterThan((at["a"]?.y ?? 0) + size.height);
  expect(Math.abs((at["b"]?.x ?? 0) - (at["c"]?.x ?? 0))).toBeGreaterThanOrEqual(size.width);
});

const used = (...names: string[]) => tablesOf({ tables: names.map((name) => ({ table: { name }, reads: true, writes: false })), columns: [], joins: [] });

test("tables that are joined by an expression are joined, too", () => {
  const tables = used("page_views", "products", "orders");
  const text = 'SELECT * FROM page_views v JOIN "products" AS p ON v.path LIKE $1 || p.sku LEFT JOIN orders ON orders.product_id = p.id WHERE v.at > ?';
  const named = [{ from: "orders", to: "products", on: ["product_id = id"] }];
  expect(expressionJoins(text, tables, named)).toEqual([{ from: "page_views", to: "products", on: [BY_EXPRESSION] }]);
});

test("tables are not joined by a condition that names one of them, nor by a comma", () => {
  const tables = used("a", "b");
  expect(expressionJoins("SELECT * FROM a JOIN b ON b.x = ? WHERE a.y = b.y", tables, [])).toEqual([]);
  expect(expressionJoins("SELECT * FROM a, b WHERE a.y LIKE b.y", tables, [])).toEqual([]);
});
