// What does a plan of SQLite say (EXPLAIN QUERY PLAN)?

import type { Plan, PlanNode } from "./plan";
import { isObject, objects, textOf, type Json } from "./reading";

const SCAN = /^SCAN (\S+)/;

function read(source: Json, id: string): PlanNode {
  const label = textOf(source["detail"]) ?? "Step";
  const scanned = SCAN.exec(label)?.[1];
  const isWhole = scanned !== undefined && !/ USING /.test(label);
  return {
    id,
    label,
    conditions: [],
    facts: [],
    warnings: isWhole ? [{ kind: "scan", text: `Reads all of ${scanned}; SQLite does not tell how many rows that are.` }] : [],
    children: objects(source["children"]).map((child, index) => read(child, `${id}.${index}`)),
  };
}

export function fromSqlite(plan: unknown): Plan | undefined {
  if (!isObject(plan) || !Array.isArray(plan["nodes"])) {
    return undefined;
  }
  const children = objects(plan["nodes"]).map((child, index) => read(child, `0.${index}`));
  return { root: { id: "0", label: "Query", conditions: [], facts: [], warnings: [], children }, isMeasured: false, facts: [] };
}
