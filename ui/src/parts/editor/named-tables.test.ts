// Are tables and their aliases found in a text that is still being typed?

import { describe, expect, it } from "vitest";
import { namedTables } from "./named-tables";

const table = (name: string, alias = name, schema?: string) => ({ schema, name, alias });

describe("tables named in a text", () => {
  it("finds them with aliases and schemas", () => {
    expect(namedTables("SELECT o. FROM orders o JOIN sales.customers AS c ON c.id = o.customer_id WHERE")).toEqual([table("orders", "o"), table("customers", "c", "sales")]);
  });

  it("takes no word of SQL for an alias", () => {
    expect(namedTables("SELECT * FROM orders WHERE id = 1")).toEqual([table("orders")]);
    expect(namedTables("UPDATE orders SET total = 1")).toEqual([table("orders")]);
    expect(namedTables("SELECT id, total FROM orders")).toContainEqual(table("orders"));
    expect(namedTables("select * from orders")).toEqual([table("orders")]);
  });

  it("finds the tables of a list, quoted ones too", () => {
    expect(namedTables('SELECT 1 FROM "Order Items" i, `b` WHERE true')).toEqual(expect.arrayContaining([table("Order Items", "i"), table("b")]));
  });
});
