// What does a plan of PostgreSQL say (EXPLAIN, FORMAT JSON), and where did the time go?

import { errorOf, type Plan, type PlanFact, type PlanNode } from "./plan";
import { isObject, numberOf, objects, textOf, words, type Json } from "./reading";
import { discardWarning, estimateWarning, scanWarning } from "./warnings";
import { spillWarnings } from "./spill";

const CONDITIONS = ["Index Cond", "Recheck Cond", "Hash Cond", "Merge Cond", "Join Filter", "Filter", "One-Time Filter", "TID Cond", "Order By", "Sort Key", "Presorted Key", "Group Key", "Cache Key"];
const REMOVED = ["Rows Removed by Filter", "Rows Removed by Join Filter", "Rows Removed by Index Recheck", "Rows Removed by Conflict Filter"];
/** Told in a place of their own, or of no use to anybody who reads a plan. */
const TOLD = new Set([
  ...CONDITIONS,
  ...REMOVED,
  ..."Node Type,Plans,Parent Relationship,Subplan Name,Relation Name,Schema,Alias,Index Name,CTE Name,Function Name,Startup Cost,Total Cost,Plan Rows,Plan Width,Actual Startup Time,Actual Total Time,Actual Rows,Actual Loops,Parallel Aware,Async Capable,Disabled,Join Type,Strategy,Partial Mode,Operation,Command,Workers".split(","),
]);
const COUNTERS = ["Shared Hit Blocks", "Shared Read Blocks", "Shared Dirtied Blocks", "Shared Written Blocks", "Temp Read Blocks", "Temp Written Blocks"];
const COUNTED = /^(Shared|Local|Temp) (Hit|Read|Dirtied|Written) Blocks$/;
/** They read everything below before they give a row: what is above cannot stop them early. */
const BLOCKING = /^(Sort|Hash|Aggregate|Materialize|Incremental Sort|SetOp|WindowAgg)$/;

/** What a node is read with: processes that share its work, and whether somebody above may have stopped it early. */
interface Around {
  processes: number;
  isStoppable: boolean;
}

interface Read {
  node: PlanNode;
  source: Json;
  /** Counters with everything below, as the server tells them. */
  counters: number[] | undefined;
  /** Parts that hang elsewhere and ran within this node: see `charge`. */
  charged: Read[];
  /** How often it is expected to begin, for costs: what is read by a nested loop begins for each row of the other side. */
  expected: number;
  children: Read[];
}

export function fromPostgres(plan: unknown): Plan | undefined {
  const answer = Array.isArray(plan) ? plan.find(isObject) : plan;
  if (!isObject(answer) || !isObject(answer["Plan"])) {
    return undefined;
  }
  const top = read(answer["Plan"], "0", { processes: 1, isStoppable: false });
  const all = flat(top);
  const isMeasured = top.node.totalUs !== undefined;
  charge(all);
  all.forEach(own);
  all.forEach((one) => weigh(one, isMeasured));
  const whole = isMeasured ? top.node.totalUs : all.reduce((sum, { node }) => sum + (node.share ?? 0), 0);
  all.forEach(({ node }) => {
    node.share = node.share !== undefined && whole ? Math.min(1, node.share / whole) : undefined;
  });
  all.forEach(warn);
  const executionMs = numberOf(answer["Execution Time"]);
  const planningMs = numberOf(answer["Planning Time"]);
  const rest = Object.entries(answer).filter(([key, value]) => ["Settings", "JIT"].includes(key) && isObject(value));
  return {
    root: top.node,
    isMeasured,
    planningUs: planningMs === undefined ? undefined : planningMs * 1_000,
    executionUs: executionMs === undefined ? undefined : executionMs * 1_000,
    facts: rest.map(([label, value]) => ({ label, text: words(value) })),
  };
}

const flat = (one: Read): Read[] => [one, ...one.children.flatMap(flat)];

function read(source: Json, id: string, around: Around): Read {
  const type = textOf(source["Node Type"]) ?? "Node";
  const loops = numberOf(source["Actual Loops"]);
  const perLoopMs = numberOf(source["Actual Total Time"]);
  // Below Gather each process counts its own loops, at the same time: the time that passed is one process's.
  const processes = Math.min(around.processes, Math.max(loops ?? 1, 1));
  const actualRows = loops === 0 ? undefined : numberOf(source["Actual Rows"]);
  const estimatedRows = numberOf(source["Plan Rows"]);
  const removed = REMOVED.map((key) => numberOf(source[key])).filter((value) => value !== undefined);
  const isEarly = around.isStoppable && actualRows !== undefined && actualRows < (estimatedRows ?? 0);
  const below: Around = {
    processes: around.processes * (1 + (numberOf(source["Workers Launched"]) ?? 0)),
    isStoppable: type === "Limit" || (around.isStoppable && !BLOCKING.test(type)),
  };
  const children = objects(source["Plans"]).map((child, index) => read(child, `${id}.${index}`, below));
  const node: PlanNode = {
    id,
    label: labelOf(source, type),
    on: onOf(source),
    role: roleOf(source),
    loops,
    estimatedRows,
    actualRows,
    // The server tells the average of a loop.
    removedRows: removed.length === 0 ? undefined : Math.round(removed.reduce((sum, value) => sum + value, 0) * (loops ?? 1)),
    error: isEarly ? undefined : errorOf(estimatedRows, actualRows),
    cost: numberOf(source["Total Cost"]),
    totalUs: perLoopMs === undefined || loops === undefined ? undefined : (perLoopMs * 1_000 * loops) / processes,
    conditions: CONDITIONS.flatMap((key) => (source[key] === undefined ? [] : [{ label: key, text: words(source[key]) }])),
    facts: factsOf(source),
    warnings: [],
    children: children.map((child) => child.node),
  };
  const counters = COUNTERS.some((key) => source[key] !== undefined) ? COUNTERS.map((key) => numberOf(source[key]) ?? 0) : undefined;
  return { node, source, counters, charged: [], expected: 1, children };
}

const JOINS: Record<string, string> = { "Hash Join": "hash join", "Merge Join": "merge join", "Nested Loop": "nested loop" };

/** As the server's own text says it: "Hash Left Join", "HashAggregate". */
function labelOf(source: Json, type: string): string {
  const join = textOf(source["Join Type"]);
  const strategy = textOf(source["Strategy"]);
  const mode = textOf(source["Partial Mode"]);
  const parallel = source["Parallel Aware"] === true ? "Parallel " : "";
  if (type in JOINS && join !== undefined && join !== "Inner") {
    return `${parallel}${type === "Nested Loop" ? "Nested Loop" : type.replace(" Join", "")} ${join} Join`;
  }
  if (type === "Aggregate") {
    const kind = strategy === "Hashed" ? "HashAggregate" : strategy === "Sorted" ? "GroupAggregate" : strategy === "Mixed" ? "MixedAggregate" : "Aggregate";
    return mode === "Partial" ? `Partial ${kind}` : mode === "Finalize" ? `Finalize ${kind}` : kind;
  }
  if (type === "ModifyTable") {
    return textOf(source["Operation"]) ?? type;
  }
  return parallel + type;
}

function onOf(source: Json): string | undefined {
  const relation = textOf(source["Relation Name"]);
  const alias = textOf(source["Alias"]);
  const named = relation === undefined || alias === undefined || alias === relation ? relation : `${relation} ${alias}`;
  const index = textOf(source["Index Name"]);
  const other = textOf(source["CTE Name"]) ?? textOf(source["Function Name"]) ?? (relation === undefined ? alias : undefined);
  return [named ?? other, index].filter(Boolean).join(" by ") || undefined;
}

/** What was named in the query or runs by itself; Outer and Inner are told by the order. */
function roleOf(source: Json): string | undefined {
  return textOf(source["Subplan Name"]) ?? (textOf(source["Parent Relationship"]) === "SubPlan" ? "SubPlan" : undefined);
}

function factsOf(source: Json): PlanFact[] {
  return Object.entries(source)
    .filter(([key, value]) => !TOLD.has(key) && !COUNTED.test(key) && value !== null)
    .map(([label, value]) => ({ label, text: words(value) }));
}

/**
 * A part with a name (WITH, or a subquery that runs once) hangs below one node and runs when another first asks for it: its
 * time is within that other's. So it is taken from the node that asks, not from the one it hangs below.
 */
function charge(all: readonly Read[]): void {
  for (const parent of all) {
    for (const part of parent.children.filter(isPart)) {
      const within = new Set(flat(part));
      const askers = all.filter((one) => !within.has(one) && asksFor(one.source, textOf(part.source["Subplan Name"]) ?? ""));
      // Parts begin before what they hang on: the first scan of a WITH is the one that fills it. Of those whose condition
      // has the value of a subquery, the lowest; where nobody is found it is taken from the node it hangs below.
      const asker = isWith(part) ? askers[0] : askers.toSorted((one, other) => other.node.id.length - one.node.id.length)[0];
      (asker ?? parent).charged.push(part);
    }
  }
}

function asksFor(source: Json, name: string): boolean {
  if (name.startsWith(WITH)) {
    return source["CTE Name"] === name.slice(WITH.length) && (numberOf(source["Actual Loops"]) ?? 1) > 0;
  }
  // "InitPlan 1 (returns $0)" until 16, "(InitPlan 1).col1" since 17.
  const returned = /\(returns (\$\d+)/.exec(name)?.[1];
  const mark = new RegExp(returned === undefined ? `\\(${name}\\)` : `\\${returned}(?!\\d)`);
  return Object.entries(source).some(([key, value]) => key !== "Plans" && key !== "Subplan Name" && mark.test(words(value)));
}

const WITH = "CTE ";
const isPart = (one: Read): boolean => one.source["Parent Relationship"] === "InitPlan";
const isWith = (one: Read): boolean => textOf(one.source["Subplan Name"])?.startsWith(WITH) ?? false;

function own({ node, children, counters, charged }: Read): void {
  const within = [...children.filter((child) => !isPart(child)), ...charged];
  if (node.totalUs !== undefined) {
    node.selfUs = Math.max(0, node.totalUs - within.reduce((sum, one) => sum + (one.node.totalUs ?? 0), 0));
  }
  if (counters !== undefined) {
    const [hit = 0, read = 0, dirtied = 0, written = 0, tempRead = 0, tempWritten = 0] = counters.map((value, at) => Math.max(0, value - within.reduce((sum, one) => sum + (one.counters?.[at] ?? 0), 0)));
    node.buffers = { hit, read, dirtied, written, tempRead, tempWritten };
  }
}

/** What the node takes; called from above, so that what is expected of a node is known before those below. */
function weigh({ node, source, children, expected }: Read, isMeasured: boolean): void {
  const cost = node.cost ?? 0;
  const [outer, inner] = children.filter((child) => !isPart(child));
  for (const child of children) {
    child.expected = expected;
  }
  // What Materialize keeps is read again for next to nothing.
  if (source["Node Type"] === "Nested Loop" && outer && inner?.node.cost && inner.source["Node Type"] !== "Materialize") {
    inner.expected = expected * Math.min(Math.max((cost - (outer.node.cost ?? 0)) / inner.node.cost, 1), Math.max(outer.node.estimatedRows ?? 1, 1));
  }
  const below = children.reduce((sum, child) => sum + child.expected * (child.node.cost ?? 0), 0);
  // A node that may stop early costs less than what it reads from would.
  node.share = isMeasured ? node.selfUs : Math.max(0, expected * cost - below);
}

function warn({ node, source }: Read): void {
  const isScan = textOf(source["Node Type"]) === "Seq Scan";
  node.warnings = [...(isScan ? scanWarning(node, source["Filter"] !== undefined) : discardWarning(node)), ...spillWarnings(source, node.buffers), ...estimateWarning(node)];
}
