// Is a table joined as its keys declare and as statements did, and by names only where nothing better is known?

import { describe, expect, it } from "vitest";
import { conditions, declaredJoins, type Join, type Joined } from "./joins";

const table = (alias: string, name: string, columns: string[], joins: Join[] = []): Joined => ({ alias, name, columns, joins, kind: "table", from: 0, schema: undefined, relation: { key: name, kind: "table", schema: "public", name, columns } });
const key = (column: string, to: string, withColumn: string, calls?: number): Join => ({ column, schema: "public", table: to, withColumn, calls });
const said = (target: Joined, ...others: Joined[]) => conditions(target, others).map((one) => `${one.left}.${one.leftColumn} = ${one.right}.${one.rightColumn} (${one.reason})`);

describe("conditions of a join", () => {
  it("come from keys of either table, then from what was seen, then from names", () => {
    const orders = table("o", "orders", ["id", "customer_id", "region_code"], [key("customer_id", "customers", "id")]);
    expect(said(table("c", "customers", ["id", "region_code"]), orders)).toEqual(["o.customer_id = c.id (declared key)", "o.region_code = c.region_code (same name)"]);
    expect(said(orders, table("c", "customers", ["id"]))).toEqual(["c.id = o.customer_id (declared key)"]);
    expect(said(table("e", "events", ["order_ref"], [key("order_ref", "orders", "id", 1_234)]), orders)).toEqual(["o.id = e.order_ref (seen 1,234 times)"]);
  });

  it("are each offered once, by the surest reason", () => {
    const orders = table("o", "orders", ["customer_id"], [key("customer_id", "customers", "customer_id", 5), key("customer_id", "customers", "customer_id")]);
    expect(said(table("c", "customers", ["customer_id"]), orders)).toEqual(["o.customer_id = c.customer_id (declared key)"]);
  });

  it("are none where nothing is known, and not of a table of another schema", () => {
    expect(said(table("a", "one", ["id", "name"]), table("b", "two", ["id", "name"]))).toEqual([]);
    expect(said(table("c", "customers", ["id"]), table("o", "orders", ["customer_id"], [{ ...key("customer_id", "customers", "id"), schema: "archive" }]))).toEqual([]);
  });

  it("are read from a snapshot's definition; keys of several columns are left out", () => {
    const definition = { detail: { relation: { foreign_keys: [{ columns: ["a"], references: { schema: "s", table: "t", columns: ["b"] } }, { columns: ["a", "b"], references: { schema: "s", table: "t", columns: ["a", "b"] } }, "nonsense"] } } };
    expect(declaredJoins(definition)).toEqual([{ column: "a", schema: "s", table: "t", withColumn: "b", calls: undefined }]);
    expect([undefined, null, {}, { detail: { relation: { foreign_keys: 5 } } }].map(declaredJoins)).toEqual([[], [], [], []]);
  });
});
