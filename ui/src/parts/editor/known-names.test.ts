// Are the tables and columns that a text means found, whatever case and schema it names them in?

import { describe, expect, it } from "vitest";
import type { RelationNames } from "~/api/find";
import { KnownNames, written } from "./known-names";

const relation = (schema: string, name: string): RelationNames => ({ key: `${schema}.${name}`, kind: "partitioned_table", schema, name, columns: ["id"] });
const known = new KnownNames([relation("public", "orders"), relation("sales", "orders"), relation("sales", "Order Items")], false);
const keys = (schema: string | undefined, name: string): string[] => known.meant({ schema, name }).map((one) => one.key);

describe("names to complete", () => {
  it("offers every table with what tells it from another", () => {
    expect(known.tables.map((one) => [one.apply, one.detail])).toEqual([
      ["orders", "partitioned table"],
      ["orders", "sales"],
      ['"Order Items"', "sales"],
    ]);
  });

  it("means each of that name, or the one of the schema that is named", () => {
    expect(keys(undefined, "ORDERS")).toEqual(["public.orders", "sales.orders"]);
    expect(keys("Sales", "orders")).toEqual(["sales.orders"]);
    expect(keys("public", "Order Items")).toEqual([]);
    expect(keys(undefined, "customers")).toEqual([]);
  });

  it("knows the tables of a schema", () => {
    expect(known.inSchema("SALES").map((one) => one.label)).toEqual(["orders", "Order Items"]);
    expect(known.inSchema("nothing")).toEqual([]);
  });

  it("quotes a name only where the engine needs it", () => {
    expect(["orders", "Orders", "order items"].map((name) => written(name, false))).toEqual(["orders", '"Orders"', '"order items"']);
    expect(["Orders", "order items"].map((name) => written(name, true))).toEqual(["Orders", "`order items`"]);
  });
});
