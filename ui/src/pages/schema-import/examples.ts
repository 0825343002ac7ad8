// What can a file look like that describes a schema?

import type { SchemaFileKind } from "~/api/tables";

interface Example {
  name: string;
  kind: SchemaFileKind;
  text: string;
}

const CSV = `schema,table,column,type,nullable,default,comment,primary_key,unique,index,references,table_comment
sales,customers,id,bigint,no,,,yes,,,,who buys
sales,customers,email,text,no,,where bills go,,yes,,,
sales,orders,id,bigint,no,,,yes,,,,what was bought
sales,orders,customer_id,bigint,no,,,,,by_customer,customers.id,
sales,orders,day,date,no,,,,,by_customer,,
sales,orders,region,text,yes,'north',,,,,geo.regions.code,
geo,regions,code,text,no,,,yes,,,,where they live
`;

const column = (name: string, type: string, more: Record<string, unknown> = {}) => ({ name, type, ...more });

const JSON_TEXT = `${JSON.stringify(
  {
    tables: [
      { schema: "sales", name: "customers", comment: "who buys", columns: [column("id", "bigint", { nullable: false }), column("email", "text", { nullable: false, comment: "where bills go", unique: true })], primary_key: ["id"] },
      {
        schema: "sales",
        name: "orders",
        comment: "what was bought",
        columns: [column("id", "bigint", { nullable: false }), column("customer_id", "bigint", { nullable: false }), column("region", "text", { default: "'north'", references: "geo.regions.code" })],
        primary_key: ["id"],
        indexes: [{ name: "by_customer", columns: ["customer_id"] }],
        foreign_keys: [{ columns: ["customer_id"], references: { table: "customers", columns: ["id"] }, on_delete: "cascade" }],
      },
      { schema: "geo", name: "regions", columns: [column("code", "text", { nullable: false })], primary_key: ["code"] },
    ],
  },
  null,
  2,
)}\n`;

export const EXAMPLES: readonly Example[] = [
  { name: "schema-example.csv", kind: "text/csv", text: CSV },
  { name: "schema-example.json", kind: "application/json", text: JSON_TEXT },
];
