// Is the exported picture one that every program can read, whatever tables are called?

import { expect, test } from "vitest";
import type { GraphRelation } from "~/api/diagram";
import { clustersOf } from "./clusters";
import { clustersDrawing, tablesDrawing } from "./drawing";
import { graphOf } from "./graph";
import { laidOut } from "~/parts/graph-layout/shelves";
import { escaped, svgOf } from "./svg";

const ODD = '<b>"x"&\u0001\ud800';
const relation = (name: string, to?: string): GraphRelation => ({
  key: name,
  schema: "public",
  name,
  kind: "table",
  column_count: 30,
  columns: Array.from({ length: 30 }, (_, index) => ({ name: index === 25 ? "last_key" : `${ODD}${index}`, type: "text", is_foreign: index === 25 })),
  foreign_keys: to === undefined ? [] : [{ name: "k", columns: ["last_key"], to_schema: "public", to_table: to, to_columns: ["id"] }],
});

const graph = graphOf([relation(ODD), relation("orders", ODD), relation("items", "orders")], undefined);

function drawn(drawing: ReturnType<typeof tablesDrawing>) {
  const { places } = laidOut({ nodes: drawing.nodes, edges: drawing.lines.map(({ from, to }) => [from, to] as const), fixed: {} });
  return svgOf(drawing, places, (variable) => (variable === "--ink" ? "#111111" : "#eeeeee"), ODD);
}

test("names are text in it, not markup", () => {
  expect(escaped(ODD)).toBe("&lt;b&gt;&quot;x&quot;&amp;");
  const { text, width, height } = drawn(tablesDrawing(graph, [...graph.tables.keys()], "columns"));
  const document = new DOMParser().parseFromString(text, "image/svg+xml");
  expect(document.querySelector("parsererror")).toBeNull();
  expect(document.querySelectorAll("b")).toHaveLength(0);
  expect(document.documentElement.getAttribute("viewBox")).toContain(`${width} ${height}`);
  expect(text).not.toContain("NaN");
  expect(text).not.toContain("var(");
  // Two relations, each with its line and its ends.
  expect(document.querySelectorAll("path[fill=none]")).toHaveLength(4);
});

test("a long table keeps the columns of its keys, and says how many are left out", () => {
  const [node] = tablesDrawing(graph, ["orders"], "columns").nodes;
  expect(node?.kind === "table" && node.rows.map(({ name }) => name)).toContain("last_key");
  expect(node?.kind === "table" && node.rows.length + node.more).toBe(30);
});

test("groups are drawn with the names of their tables", () => {
  const { text } = drawn(clustersDrawing(graph, clustersOf(graph, "schema")));
  expect(new DOMParser().parseFromString(text, "image/svg+xml").querySelector("parsererror")).toBeNull();
  expect(text).toContain(">orders</text>");
});
