// Are plans that servers really gave read rightly?

import { describe, expect, test } from "vitest";
import { allNodes, errorOf, parsePlan, type Plan, type PlanNode } from "./plan";
import mariadbAnalyze from "./samples/mariadb-analyze.json?raw";
import mariadbPlain from "./samples/mariadb-plain.json?raw";
import postgres14Analyze from "./samples/postgres-14-analyze.json?raw";
import postgres14Plain from "./samples/postgres-14-plain.json?raw";
import postgres18Gather from "./samples/postgres-18-gather.json?raw";
import postgres18Init from "./samples/postgres-18-init.json?raw";
import postgres18Join from "./samples/postgres-18-join.json?raw";

function read(format: string, sample: string): Plan {
  const plan = parsePlan(format, JSON.parse(sample));
  if (plan === undefined) {
    throw new Error("the sample is no plan");
  }
  return plan;
}

function find(plan: Plan, label: string, on?: string): PlanNode {
  const found = allNodes(plan.root).find((node) => node.label === label && (on === undefined || node.on === on));
  if (found === undefined) {
    throw new Error(`no ${label} on ${on}`);
  }
  return found;
}

const shares = (plan: Plan): number => allNodes(plan.root).reduce((sum, node) => sum + (node.share ?? 0), 0);
const kinds = (node: PlanNode): string[] => node.warnings.map((warning) => warning.kind);

describe("a plan of PostgreSQL 14 that was measured", () => {
  const plan = read("postgres", postgres14Analyze);

  test("gives each node its own time, and together they are the whole", () => {
    expect(plan.isMeasured).toBe(true);
    expect(plan.executionUs).toBe(16_683);
    expect(plan.planningUs).toBeCloseTo(412);
    const join = find(plan, "Merge Join");
    expect(join.totalUs).toBeCloseTo(12_250);
    expect(join.selfUs).toBeCloseTo(12_250 - 10_705 - 1_405);
    expect(shares(plan)).toBeCloseTo(1, 3);
  });

  test("says what was read to be thrown away", () => {
    const scan = find(plan, "Seq Scan", "orders o");
    expect(scan.removedRows).toBe(119_258);
    expect(scan.warnings).toEqual([{ kind: "scan", text: "Reads all of orders o: 120,000 rows to keep 742: an index for the condition may spare most of it." }]);
    expect(scan.conditions).toEqual([{ label: "Filter", text: "((status = 'open'::text) AND ((placed_at)::text ~~ '%5%'::text))" }]);
  });

  test("says which sort went to the disk, and counts its own pages only", () => {
    const sorts = allNodes(plan.root).filter((node) => node.label === "Sort");
    expect(sorts.map(kinds)).toEqual([[], [], ["spill"]]);
    expect(plan.root.buffers).toEqual({ hit: 3, read: 0, dirtied: 0, written: 0, tempRead: 0, tempWritten: 0 });
    expect(sorts[2]?.buffers?.tempWritten).toBe(22);
  });
});

describe("a plan of PostgreSQL 14 that did not run", () => {
  const plan = read("postgres", postgres14Plain);

  test("has costs in the place of times", () => {
    expect(plan.isMeasured).toBe(false);
    expect(plan.root.selfUs).toBeUndefined();
    expect(shares(plan)).toBeCloseTo(1, 6);
  });

  test("counts what a nested loop reads again for each row", () => {
    const inner = find(plan, "Index Scan", "orders by orders_customer_id_idx");
    expect(inner.share).toBeGreaterThan(find(plan, "Seq Scan", "customers").share ?? 1);
  });
});

describe("a plan of PostgreSQL 18", () => {
  test("takes a spill of a hash and of a sort for what they are", () => {
    const plan = read("postgres", postgres18Join);
    expect(find(plan, "Hash").warnings[0]?.text).toContain("in 4 batches");
    expect(allNodes(plan.root).filter((node) => kinds(node).includes("spill")).map((node) => node.label)).toEqual(["Sort", "Hash Join", "Hash"]);
    expect(shares(plan)).toBeCloseTo(1, 3);
  });

  test("does not call a guess wrong where a limit ended the work early", () => {
    const plan = read("postgres", postgres18Join);
    const sort = plan.root.children[0];
    expect(sort?.estimatedRows).toBe(10_973);
    expect(sort?.actualRows).toBe(20);
    expect(sort?.error).toBeUndefined();
    // What the sort reads was not stopped.
    expect(find(plan, "GroupAggregate").error?.factor).toBeCloseTo(10_973 / 4_542);
  });

  test("takes the time of WITH and of subqueries from whoever asked for them", () => {
    const plan = read("postgres", postgres18Init);
    const [withPart, initPlan, subPlan] = plan.root.children;
    expect([withPart?.role, initPlan?.role, subPlan?.role]).toEqual(["CTE big", "InitPlan 3", "SubPlan 2"]);
    // The first scan of the WITH filled it: 1.561 ms of which 1.203 are the part's own.
    expect(initPlan?.children[0]?.selfUs).toBeCloseTo(358);
    expect(plan.root.selfUs).toBeCloseTo(10_591 - 1_713 - 233 * 38);
    expect(plan.root.buffers?.hit).toBe(3);
    expect(shares(plan)).toBeCloseTo(1, 3);
  });

  test("tells times of all loops, and a guess that was far off", () => {
    const plan = read("postgres", postgres18Init);
    const scan = plan.root.children[2]?.children[0];
    expect(scan?.loops).toBe(38);
    expect(scan?.totalUs).toBeCloseTo(233 * 38);
    expect(scan?.removedRows).toBe(3_428 * 38);
    expect(plan.root.children[0]?.error?.factor).toBeCloseTo(3_428 / 120);
    expect(plan.root.children[0]?.warnings.map((warning) => warning.kind)).toEqual(["scan", "estimate"]);
  });

  test("takes processes that work at the same time for the time that passed", () => {
    const plan = read("postgres", postgres18Gather);
    const scan = find(plan, "Parallel Seq Scan", "order_items oi");
    expect(scan.loops).toBe(3);
    expect(scan.totalUs).toBeCloseTo(3_051);
    expect(scan.removedRows).toBeGreaterThan(30_000);
    expect(shares(plan)).toBeCloseTo(1, 3);
  });
});

describe("a plan of MariaDB", () => {
  test("has the time of each table and of all", () => {
    const plan = read("mariadb", mariadbAnalyze);
    expect(plan.isMeasured).toBe(true);
    expect(plan.executionUs).toBeCloseTo(18_489.7, 0);
    const customers = find(plan, "Unique lookup", "c by PRIMARY");
    expect(customers.selfUs).toBeCloseTo(5_974.6 + 1_329.5, 0);
    expect(customers.loops).toBe(10_977);
    expect(shares(plan)).toBeCloseTo(1, 1);
    expect(find(plan, "Full scan", "l").warnings[0]?.text).toBe("Reads all of l: 15,297 rows.");
    expect(find(plan, "Sort").conditions).toEqual([{ label: "sort key", text: "sum(l.quantity * l.price) desc" }]);
  });

  test("shows unions, subqueries and derived tables below each other", () => {
    const plan = read("mariadb", mariadbPlain);
    expect(plan.isMeasured).toBe(false);
    const union = plan.root.children[0];
    expect(union?.label).toBe("Union");
    expect(union?.children.map((node) => node.label)).toEqual(["Query block 1", "Query block 4"]);
    const derived = find(plan, "Full scan", "<derived5>");
    expect(derived.children[0]?.label).toBe("Materialized");
    expect(find(plan, "Index lookup", "l by product_id").conditions).toEqual([{ label: "attached condition", text: "l.quantity > (subquery#3)" }]);
  });
});

test("a plan of SQLite is a tree of its words", () => {
  const plan = read("sqlite", '{"nodes":[{"id":2,"detail":"SCAN orders","children":[]},{"id":4,"detail":"SEARCH customers USING INTEGER PRIMARY KEY (rowid=?)","children":[]}]}');
  expect(plan.root.children.map((node) => [node.label, node.warnings.length])).toEqual([["SCAN orders", 1], ["SEARCH customers USING INTEGER PRIMARY KEY (rowid=?)", 0]]);
});

test("what is no plan is not shown as one", () => {
  for (const [format, plan] of [["postgres", null], ["postgres", []], ["postgres", [{ Plan: "x" }]], ["mysql", "no"], ["mysql", {}], ["sqlite", {}], ["other", {}]] as const) {
    expect(parsePlan(format, plan)).toBeUndefined();
  }
});

test("a guess is off by the factor between what was expected and what came, at least a row each", () => {
  expect(errorOf(10, 1_000)).toEqual({ factor: 100, isMore: true });
  expect(errorOf(1_000, 0)).toEqual({ factor: 1_000, isMore: false });
  expect(errorOf(0, 0.3)).toEqual({ factor: 1, isMore: false });
  expect(errorOf(undefined, 3)).toBeUndefined();
});
