// Is what the API says of an object read rightly, and what it does not say left out?

import { describe, expect, it } from "vitest";
import { readDefinition } from "./definition";

const orders = {
  owner: "shop_owner",
  grants: [
    { grantee: "app", privilege: "SELECT" },
    { grantee: "app", privilege: "UPDATE", column: "note" },
    { grantee: "PUBLIC", privilege: "SELECT" },
  ],
  detail: {
    relation: {
      columns: [
        { ordinal: 1, name: "id", data_type: "bigint", nullable: false, identity: "by_default" },
        { ordinal: 2, name: "customer_id", data_type: "bigint", nullable: true },
        { ordinal: 3, name: "total", data_type: "numeric", nullable: false, generated: { kind: "stored", expression: "subtotal + tax" } },
      ],
      primary_key: { name: "orders_pkey", columns: ["id"] },
      foreign_keys: [{ name: "fk", columns: ["customer_id"], references: { schema: "public", table: "customers", columns: ["id"] }, on_delete: "cascade" }],
      checks: [{ name: "positive", expression: "total > 0" }],
      indexes: [{ name: "orders_pkey", method: "btree", columns: ["id"], unique: true }],
    },
  },
};

describe("the definition of an object", () => {
  it("knows columns, keys, indexes and grants", () => {
    const read = readDefinition(orders, { indexes: { orders_pkey: { size_bytes: 8_192, scans: 3, last_used_us: 1_000_000 } } });
    expect(read.columns.map(({ name, isPrimary, otherwise, references }) => ({ name, isPrimary, otherwise, references }))).toEqual([
      { name: "id", isPrimary: true, otherwise: "numbered by the server unless a value is given", references: undefined },
      { name: "customer_id", isPrimary: false, otherwise: undefined, references: "customers.id" },
      { name: "total", isPrimary: false, otherwise: "computed: subtotal + tax", references: undefined },
    ]);
    expect(read.keys.map((key) => [key.kind, key.what, key.note])).toEqual([
      ["primary key", "id", undefined],
      ["foreign key", "customer_id → public.customers (id)", "delete cascades"],
      ["check", "total > 0", undefined],
    ]);
    expect(read.indexes[0]).toMatchObject({ name: "orders_pkey", isUnique: true, bytes: 8_192, scans: 3, lastUsedAt: 1_000 });
    expect(read.grants).toEqual([
      { grantee: "app", privileges: "SELECT, UPDATE (note)" },
      { grantee: "PUBLIC", privileges: "SELECT" },
    ]);
  });

  it("reads enums and what is nothing of the kind", () => {
    expect(readDefinition({ detail: { enum: ["sad", "ok"] } }, null).facts).toEqual([{ label: "Labels", value: "sad, ok" }]);
    expect(readDefinition("schema", undefined)).toMatchObject({ columns: [], keys: [], indexes: [], grants: [], facts: [] });
  });
});
