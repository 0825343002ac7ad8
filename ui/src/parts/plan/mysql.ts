// What does a plan of MySQL or MariaDB say (EXPLAIN or ANALYZE, FORMAT=JSON)?

import { errorOf, type Plan, type PlanFact, type PlanNode } from "./plan";
import { isObject, numberOf, textOf, words, type Json } from "./reading";
import { discardWarning, estimateWarning, scanWarning } from "./warnings";

/** How a table is read, in words; the server's own word is among the facts. */
const ACCESS: Record<string, string> = {
  ALL: "Full scan",
  index: "Full index scan",
  range: "Index range",
  ref: "Index lookup",
  ref_or_null: "Index lookup, or NULL",
  eq_ref: "Unique lookup",
  const: "One row",
  system: "One row",
  fulltext: "Full-text lookup",
  index_merge: "Merge of indexes",
  unique_subquery: "Unique lookup of a subquery",
  index_subquery: "Index lookup of a subquery",
  hash_ALL: "Full scan into a hash",
};

const LABELS: Record<string, string> = {
  query_block: "Query block",
  nested_loop: "Nested loop",
  filesort: "Sort",
  temporary_table: "Temporary table",
  ordering_operation: "Order by",
  grouping_operation: "Group by",
  duplicates_removal: "Distinct",
  union_result: "Union",
  materialized: "Materialized",
  materialized_from_subquery: "Materialized subquery",
  expression_cache: "Cached subquery",
  "block-nl-join": "Block nested loop",
  read_sorted_file: "Read in order",
  windowing: "Window functions",
  buffer_result: "Buffered result",
};

const CONDITIONS = ["attached_condition", "index_condition", "having_condition", "outer_ref_condition", "sort_key", "group_by", "pushed_index_condition"];
/** Objects that say something of their node and are no step. */
const SAYINGS = new Set(["cost_info", "r_engine_stats", "query_optimization", "used_columns", "used_key_parts", "possible_keys", "ref", "partitions", "rowid_filter"]);
/** They only hold the steps inside. */
const TRANSPARENT = new Set(["query_specifications", "subqueries", "attached_subqueries", "optimized_away_subqueries", "having_subqueries", "order_by_subqueries", "group_by_subqueries", "select_list_subqueries", "inputs"]);
const TOLD = new Set([...CONDITIONS, "table_name", "index_name", "operation", "r_loops", "rows", "r_rows", "rows_examined_per_scan", "filtered", "r_filtered", "estimated_rows", "r_total_time_ms", "r_table_time_ms", "r_other_time_ms"]);

export function fromMysql(plan: unknown): Plan | undefined {
  if (!isObject(plan)) {
    return undefined;
  }
  const block = isObject(plan["query_block"]) ? plan["query_block"] : isObject(plan["query_plan"]) ? plan["query_plan"] : plan;
  if (!("query_block" in plan) && textOf(block["operation"]) === undefined) {
    return undefined;
  }
  const root = read("query_block", block, "0");
  const isMeasured = everyone(root).some((node) => node.loops !== undefined);
  const measured = everyone(root).reduce((sum, node) => sum + (node.selfUs ?? 0), 0);
  const whole = Math.max(root.totalUs ?? 0, measured);
  for (const node of everyone(root)) {
    node.share = isMeasured && whole > 0 && node.selfUs !== undefined ? Math.min(1, node.selfUs / whole) : undefined;
  }
  const optimizing = isObject(plan["query_optimization"]) ? numberOf(plan["query_optimization"]["r_total_time_ms"]) : undefined;
  return { root, isMeasured, planningUs: optimizing === undefined ? undefined : optimizing * 1_000, executionUs: isMeasured ? root.totalUs : undefined, facts: [] };
}

const everyone = (node: PlanNode): PlanNode[] => [node, ...node.children.flatMap(everyone)];

/** The steps inside an object: `nested_loop: [{ table }, …]`, `filesort: { … }`, `table: { … }`. */
function steps(source: Json): [string, Json][] {
  return Object.entries(source).flatMap(([key, value]): [string, Json][] => {
    if (SAYINGS.has(key)) {
      return [];
    }
    if (TRANSPARENT.has(key)) {
      return (Array.isArray(value) ? value : [value]).filter(isObject).flatMap((inner) => (textOf(inner["operation"]) !== undefined && !("query_block" in inner) ? [["step", inner] as [string, Json]] : steps(inner)));
    }
    if (Array.isArray(value)) {
      const list = value.filter(isObject);
      // The entries of a list stand for themselves; the list is a step of its own.
      return list.length === 0 ? [] : [[key, { [ENTRIES]: list }]];
    }
    return isObject(value) ? [[key, value]] : [];
  });
}

const ENTRIES = "entries";

function read(key: string, source: Json, id: string): PlanNode {
  const entries = source[ENTRIES];
  const inner = Array.isArray(entries) ? entries.filter(isObject).flatMap(steps) : steps(source);
  const children = inner.map(([name, value], index) => read(name, value, `${id}.${index}`));
  const { cost_info: costs } = source;
  const node: PlanNode = {
    id,
    label: labelOf(key, source),
    on: onOf(source),
    loops: numberOf(source["r_loops"]),
    ...rowsOf(source),
    cost: numberOf(source["cost"]) ?? numberOf(source["estimated_total_cost"]) ?? (isObject(costs) ? (numberOf(costs["prefix_cost"]) ?? numberOf(costs["query_cost"])) : undefined),
    ...timesOf(key, source, children),
    conditions: CONDITIONS.flatMap((name) => (textOf(source[name]) === undefined ? [] : [{ label: name.replaceAll("_", " "), text: words(source[name]) }])),
    facts: factsOf(source),
    warnings: [],
    children,
  };
  const isScan = source["access_type"] === "ALL" || source["access_type"] === "hash_ALL";
  node.warnings = [...(isScan ? scanWarning(node, node.conditions.length > 0) : discardWarning(node)), ...estimateWarning(node)];
  return node;
}

function labelOf(key: string, source: Json): string {
  const access = textOf(source["access_type"]);
  const operation = textOf(source["operation"]);
  if (key !== "union_result" && textOf(source["table_name"]) !== undefined && access !== undefined && operation === undefined) {
    return ACCESS[access] ?? access;
  }
  const select = numberOf(source["select_id"]);
  const label = LABELS[key] ?? operation ?? key.replaceAll("_", " ").replaceAll("-", " ");
  return select === undefined ? label : `${label} ${select}`;
}

function onOf(source: Json): string | undefined {
  return [textOf(source["table_name"]), textOf(source["key"]) ?? textOf(source["index_name"])].filter(Boolean).join(" by ") || undefined;
}

/** Rows after the condition, which is what the next step gets. */
function rowsOf(source: Json): Pick<PlanNode, "estimatedRows" | "actualRows" | "removedRows" | "error"> {
  const read = numberOf(source["rows"]) ?? numberOf(source["rows_examined_per_scan"]);
  const part = (value: unknown) => (numberOf(value) ?? 100) / 100;
  const estimatedRows = read === undefined ? numberOf(source["estimated_rows"]) : read * part(source["filtered"]);
  const came = numberOf(source["r_rows"]);
  const loops = numberOf(source["r_loops"]) ?? 1;
  if (came === undefined || loops === 0) {
    return { estimatedRows, actualRows: loops === 0 ? undefined : numberOf(source["r_output_rows"]) };
  }
  const kept = part(source["r_filtered"]);
  const actualRows = came * kept;
  return { estimatedRows, actualRows, removedRows: Math.round(came * (1 - kept) * loops), error: errorOf(estimatedRows, actualRows) };
}

/** MariaDB tells a table's own time; of a block, the time with everything in it; of a sort, the sorting. */
function timesOf(key: string, source: Json, children: readonly PlanNode[]): Pick<PlanNode, "totalUs" | "selfUs"> {
  const table = numberOf(source["r_table_time_ms"]);
  const total = numberOf(source["r_total_time_ms"]);
  const below = children.reduce((sum, child) => sum + (child.totalUs ?? 0), 0);
  if (table !== undefined) {
    const self = (table + (numberOf(source["r_other_time_ms"]) ?? 0)) * 1_000;
    return { selfUs: self, totalUs: self + below };
  }
  if (total === undefined) {
    return { selfUs: undefined, totalUs: children.some((child) => child.totalUs !== undefined) ? below : undefined };
  }
  const us = total * 1_000;
  return key === "query_block" ? { totalUs: us, selfUs: Math.max(0, us - below) } : { selfUs: us, totalUs: us + below };
}

function factsOf(source: Json): PlanFact[] {
  return Object.entries(source)
    .filter(([key, value]) => !TOLD.has(key) && key !== ENTRIES && value !== null && (SAYINGS.has(key) || typeof value !== "object"))
    .map(([label, value]) => ({ label: label.replaceAll("_", " "), text: words(value) }));
}
