// Is it found which columns can be meant, in texts that are half typed, nested and full of traps?

import { describe, expect, it } from "vitest";
import { placeIn, type Lookup, type Place } from "./place";

const TABLES: Record<string, readonly string[]> = { orders: ["id", "customer_id", "total"], customers: ["id", "name"], "sales.items": ["order_id", "sku"], "Order Items": ["nr"] };
const lookup: Lookup = (schema, name) => TABLES[schema === undefined ? name : `${schema}.${name}`];

/** `|` is where the cursor is. */
function at(marked: string, engine = "postgres"): Place {
  const place = marked.indexOf("|");
  return placeIn(marked.replace("|", ""), place, engine, lookup);
}
const named = (place: Place) => place.sources.map((one) => `${one.alias}(${one.columns.join(" ")})`);

describe("tables and their aliases", () => {
  it("are found before and behind the cursor, with schemas and quotes", () => {
    expect(named(at("SELECT o.| FROM orders o JOIN sales.items AS i ON i.order_id = o.id"))).toEqual(["o(id customer_id total)", "i(order_id sku)"]);
    expect(named(at('SELECT | FROM "Order Items" x, customers'))).toEqual(["x(nr)", "customers(id name)"]);
    expect(named(at("SELECT | FROM `orders` `o`", "mysql"))).toEqual(["o(id customer_id total)"]);
  });

  it("are no words of SQL, nor what comments and strings say", () => {
    expect(named(at("SELECT | FROM orders WHERE note = ' FROM customers c'"))).toEqual(["orders(id customer_id total)"]);
    expect(named(at("SELECT | FROM orders -- JOIN customers c\n/* FROM customers /* nested */ x */ LIMIT 1"))).toEqual(["orders(id customer_id total)"]);
    expect(named(at("SELECT a IS DISTINCT FROM b, extract(year FROM placed_at) | FROM orders o LEFT JOIN customers USING (id)"))).toEqual(["o(id customer_id total)", "customers(id name)"]);
    expect(named(at("SELECT $x$ FROM customers $x$, | FROM orders"))).toEqual(["orders(id customer_id total)"]);
    expect(named(at("SELECT 'it''s \\' , | FROM orders"))).toEqual(["orders(id customer_id total)"]);
    expect(named(at("SELECT E'it\\'s FROM customers', | FROM orders"))).toEqual(["orders(id customer_id total)"]);
    expect(named(at("SELECT 'it\\'s FROM customers', | # FROM items\nFROM orders", "mysql"))).toEqual(["orders(id customer_id total)"]);
  });

  it("are not what is being typed", () => {
    expect(named(at("SELECT * FROM ord|"))).toEqual([]);
    expect(at("SELECT * FROM ord|").expects).toBe("relation");
    expect(at("SELECT * FROM orders o JOIN |").expects).toBe("relation");
    expect(at("SELECT * FROM orders, |").expects).toBe("relation");
    expect(at("SELECT id, |").expects).toBe("expression");
    expect(at("SELECT id AS |").expects).toBe("name");
    expect(at("SELECT * FROM orders FOR UPDATE |").expects).toBe("expression");
  });

  it("are those of a change too", () => {
    expect(named(at("UPDATE orders SET |"))).toEqual(["orders(id customer_id total)"]);
    expect(named(at("INSERT INTO orders (id, |"))).toEqual(["orders(id customer_id total)"]);
    expect(named(at("DELETE FROM orders o USING customers c WHERE |"))).toEqual(["o(id customer_id total)", "c(id name)"]);
  });
});

describe("queries in FROM", () => {
  it("have the columns their SELECT names", () => {
    expect(named(at("SELECT t.| FROM (SELECT id, total * 2 AS twice, count(*) FILTER (WHERE id > 1) n, max(total), total::text, 1 + 1 FROM orders) AS t"))).toEqual(["t(id twice n max total)"]);
    expect(named(at("SELECT | FROM (SELECT o.*, c.name FROM orders o, customers c) t"))).toEqual(["t(id customer_id total name)"]);
    expect(named(at("SELECT | FROM (VALUES (1, 'a'), (2, 'b')) AS v(nr, word)"))).toEqual(["v(nr word)"]);
    expect(named(at("SELECT | FROM generate_series(1, 10) AS g, unnest(ARRAY[1]) WITH ORDINALITY AS u(value, place)"))).toEqual(["g(g)", "u(value place)"]);
    expect(named(at("SELECT | FROM ((SELECT id FROM orders) UNION ALL (SELECT nr FROM items)) t"))).toEqual(["t(id)"]);
  });

  it("know their own tables, and those around them from within", () => {
    const place = at("SELECT * FROM customers c WHERE EXISTS (SELECT 1 FROM orders o WHERE o.customer_id = |)");
    expect(named(place)).toEqual(["o(id customer_id total)"]);
    expect(place.outer.map((one) => one.alias)).toEqual(["c"]);
    expect(named(at("SELECT * FROM (SELECT | FROM orders) t JOIN customers c ON true"))).toEqual(["orders(id customer_id total)"]);
    const lateral = at("SELECT * FROM customers c, LATERAL (SELECT | FROM orders) o");
    expect(lateral.outer.map((one) => one.alias)).toEqual(["c"]);
  });

  it("may lack their end", () => {
    expect(named(at("SELECT * FROM (SELECT id, | FROM orders o"))).toEqual(["o(id customer_id total)"]);
    expect(named(at("SELECT count( | FROM orders"))).toEqual([]);
    expect(named(at("SELECT * FROM orders o JOIN (customers c JOIN sales.items i ON |) ON true"))).toEqual(["o(id customer_id total)", "c(id name)", "i(order_id sku)"]);
  });
});

describe("queries of WITH", () => {
  const columns = (place: Place) => place.withs.map((one) => `${one.name}(${one.columns.join(" ")})`);

  it("are known behind their definition, with the columns they name", () => {
    const place = at("WITH big AS (SELECT id, total AS amount FROM orders), named(a, b) AS (SELECT id, name FROM customers) SELECT | FROM big JOIN named n ON n.a = big.id");
    expect(columns(place)).toEqual(["big(id amount)", "named(a b)"]);
    expect(named(place)).toEqual(["big(id amount)", "n(a b)"]);
  });

  it("are known to those that follow, with * of what came before", () => {
    const place = at("WITH a AS MATERIALIZED (SELECT * FROM orders), b AS (SELECT a.*, 1 AS one FROM a) SELECT b.| FROM b");
    expect(named(place)).toEqual(["b(id customer_id total one)"]);
    expect(columns(at("WITH a AS (SELECT id FROM orders), b AS (SELECT | FROM a) SELECT 1"))).toEqual(["a(id)"]);
    expect(named(at("WITH a AS (SELECT id FROM orders), b AS (SELECT |) SELECT 1 FROM a"))).toEqual([]);
  });

  it("know themselves where they are recursive", () => {
    expect(named(at("WITH RECURSIVE up AS (SELECT id, 1 AS depth FROM orders UNION ALL SELECT o.id, up.| FROM up JOIN orders o ON true) SELECT * FROM up"))).toEqual(["up(id depth)", "o(id customer_id total)"]);
    expect(named(at("WITH RECURSIVE t(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM t WHERE n < 5) SELECT | FROM t"))).toEqual(["t(n)"]);
  });

  it("may be nested, change rows, and hide a table of their name", () => {
    expect(named(at("WITH a AS (WITH inner_one AS (SELECT name AS who FROM customers) SELECT who FROM inner_one) SELECT | FROM a"))).toEqual(["a(who)"]);
    expect(named(at("WITH gone AS (DELETE FROM orders RETURNING id, total t) SELECT | FROM gone"))).toEqual(["gone(id t)"]);
    expect(named(at("WITH orders AS (SELECT 1 AS only_one) SELECT | FROM orders"))).toEqual(["orders(only_one)"]);
    expect(named(at("WITH x AS (SELECT 1 AS one) INSERT INTO orders SELECT | FROM x"))).toEqual(expect.arrayContaining(["x(one)"]));
  });

  it("may be half typed", () => {
    expect(named(at("WITH a AS (SELECT id FROM orders"))).toEqual([]);
    expect(columns(at("WITH a AS (SELECT id FROM orders) SELECT * FROM |"))).toEqual(["a(id)"]);
    expect(() => ["WITH", "WITH a", "WITH a AS", "WITH a AS (", "WITH RECURSIVE", "SELECT (((", ")))", "FROM", "SELECT * FROM (", "JOIN ON", "$1", "'", '"', "/*", "a.b.c.d.e.f", "AS", "WITH a AS (SELECT 1), ", "SELECT * FROM x AS", "INSERT INTO t (", "UNION UNION"].forEach((text) => at(`${text}|`))).not.toThrow();
  });

  it("are read in time however deep they are", () => {
    const deep = `${"WITH RECURSIVE a AS (".repeat(40)}SELECT 1 AS one${") SELECT * FROM a".repeat(40)} |`;
    expect(() => at(deep)).not.toThrow();
    expect(() => at(`SELECT ${"(".repeat(5_000)} | FROM orders`)).not.toThrow();
  }, 60_000);
});

describe("what may follow", () => {
  it("is a condition behind ON, and names of the SELECT in ORDER BY", () => {
    expect(at("SELECT * FROM orders o JOIN customers c ON |").expects).toBe("join");
    expect(at("SELECT * FROM orders o JOIN customers c ON c.id = o.customer_id AND |").expects).toBe("join");
    expect(at("SELECT * FROM orders o JOIN customers c ON c.id = |").expects).toBe("expression");
    const place = at("SELECT total AS amount FROM orders ORDER BY |");
    expect([place.clause, place.outputs]).toEqual(["order", ["amount"]]);
  });

  it("is of the branch of a UNION one is in", () => {
    expect(named(at("SELECT id FROM orders UNION ALL SELECT | FROM customers"))).toEqual(["customers(id name)"]);
    expect(named(at("SELECT | FROM orders UNION ALL SELECT id FROM customers"))).toEqual(["orders(id customer_id total)"]);
  });
});
