// Where does everything stand so that it can be read? What hangs together is laid out by dagre, and the parts are put
// on shelves. Called in a worker, so that the page goes on meanwhile.

import { graphlib, layout } from "@dagrejs/dagre";

export interface LayoutNode {
  id: string;
  width: number;
  height: number;
}

export interface Place {
  x: number;
  y: number;
}

export interface LayoutRequest {
  nodes: readonly LayoutNode[];
  edges: readonly (readonly [string, string])[];
  /** What stands somewhere already stays there. */
  fixed: Readonly<Record<string, Place>>;
}

export interface LayoutAnswer {
  places: Record<string, Place>;
  milliseconds: number;
}

/** Wider than high, as windows are. */
const ASPECT = 1.7;
const GAP = 56;
/** Between columns, where lines run and their labels stand. */
const RANK_GAP = 120;
const NODE_GAP = 28;
/** Dagre takes seconds beyond; then what hangs together stands in a grid, the most linked first. */
const DAGRE_NODES_MAX = 450;
const DAGRE_EDGES_MAX = 1_500;

interface Part {
  width: number;
  height: number;
  places: Map<string, Place>;
}

export function laidOut({ nodes, edges, fixed }: LayoutRequest): LayoutAnswer {
  const begun = performance.now();
  const places: Record<string, Place> = {};
  const free = nodes.filter(({ id }) => fixed[id] === undefined);
  const parts = components(free, edges).map((part) => (part.nodes.length === 1 ? single(part.nodes) : arranged(part.nodes, part.edges)));
  const top = below(nodes, fixed);
  shelves(parts).forEach(({ part, x, y }) => part.places.forEach((place, id) => (places[id] = { x: place.x + x, y: place.y + y + top })));
  nodes.forEach(({ id }) => {
    const place = fixed[id];
    if (place !== undefined) {
      places[id] = place;
    }
  });
  return { places, milliseconds: performance.now() - begun };
}

/** Where what is new begins: under all that stands already. */
function below(nodes: readonly LayoutNode[], fixed: Readonly<Record<string, Place>>): number {
  const ends = nodes.flatMap(({ id, height }) => (fixed[id] === undefined ? [] : [fixed[id].y + height]));
  return ends.length === 0 ? 0 : Math.max(...ends) + GAP;
}

interface Component {
  nodes: LayoutNode[];
  edges: (readonly [string, string])[];
}

/** What hangs together, the largest first. */
function components(nodes: readonly LayoutNode[], edges: readonly (readonly [string, string])[]): Component[] {
  const parent = new Map(nodes.map(({ id }) => [id, id]));
  const rootOf = (id: string): string => {
    let root = id;
    for (let next = parent.get(root); next !== undefined && next !== root; next = parent.get(root)) {
      parent.set(root, parent.get(next) ?? next);
      root = next;
    }
    return root;
  };
  const inside = edges.filter(([from, to]) => from !== to && parent.has(from) && parent.has(to));
  inside.forEach(([from, to]) => parent.set(rootOf(from), rootOf(to)));
  const found = new Map<string, Component>();
  for (const node of nodes) {
    const root = rootOf(node.id);
    const component = found.get(root) ?? { nodes: [], edges: [] };
    component.nodes.push(node);
    found.set(root, component);
  }
  inside.forEach((edge) => found.get(rootOf(edge[0]))?.edges.push(edge));
  return [...found.values()].sort((one, other) => other.nodes.length - one.nodes.length);
}

function single([node]: readonly LayoutNode[]): Part {
  return node === undefined ? { width: 0, height: 0, places: new Map() } : { width: node.width, height: node.height, places: new Map([[node.id, { x: 0, y: 0 }]]) };
}

function arranged(nodes: readonly LayoutNode[], edges: readonly (readonly [string, string])[]): Part {
  if (nodes.length > DAGRE_NODES_MAX || edges.length > DAGRE_EDGES_MAX) {
    return stacked([[...nodes]], areaOf(nodes));
  }
  const graph = new graphlib.Graph();
  graph.setGraph({ rankdir: "LR", nodesep: NODE_GAP, ranksep: RANK_GAP });
  nodes.forEach(({ id, width, height }) => graph.setNode(id, { width, height }));
  edges.forEach(([from, to]) => graph.setEdge(from, to, {}));
  layout(graph);
  const ranks = new Map<number, { node: LayoutNode; y: number }[]>();
  for (const node of nodes) {
    const { x, y } = graph.node(node.id) as Place;
    ranks.set(x, [...(ranks.get(x) ?? []), { node, y }]);
  }
  const columns = [...ranks].toSorted(([one], [other]) => one - other).map(([, rank]) => rank.toSorted((one, other) => one.y - other.y).map(({ node }) => node));
  return stacked(columns, areaOf(nodes));
}

const areaOf = (nodes: readonly LayoutNode[]): number => nodes.reduce((sum, { width, height }) => sum + (width + RANK_GAP) * (height + NODE_GAP), 0);

/** Columns from left to right. One that is far higher than the whole is wide is folded into several. */
function stacked(columns: readonly LayoutNode[][], area: number): Part {
  const highest = Math.max(Math.sqrt(area / ASPECT), ...columns.flat().map(({ height }) => height));
  const folded = columns.flatMap((column) => folds(column, highest));
  const heightOf = (column: readonly LayoutNode[]) => column.reduce((sum, { height }) => sum + height + NODE_GAP, -NODE_GAP);
  const height = Math.max(...folded.map(({ nodes }) => heightOf(nodes)));
  const places = new Map<string, Place>();
  let x = 0;
  for (const { nodes, isLast } of folded) {
    let y = (height - heightOf(nodes)) / 2;
    for (const node of nodes) {
      places.set(node.id, { x, y });
      y += node.height + NODE_GAP;
    }
    x += Math.max(...nodes.map(({ width }) => width)) + (isLast ? RANK_GAP : NODE_GAP * 2);
  }
  return { width: x - RANK_GAP, height, places };
}

function folds(column: readonly LayoutNode[], highest: number): { nodes: LayoutNode[]; isLast: boolean }[] {
  const whole = column.reduce((sum, { height }) => sum + height + NODE_GAP, 0);
  const count = Math.max(1, Math.ceil(whole / (highest * 1.15)));
  const found: LayoutNode[][] = [[]];
  let filled = 0;
  for (const node of column) {
    if (filled > 0 && filled + node.height > whole / count && found.length < count) {
      found.push([]);
      filled = 0;
    }
    found.at(-1)?.push(node);
    filled += node.height + NODE_GAP;
  }
  return found.map((nodes, index) => ({ nodes, isLast: index === found.length - 1 }));
}

/** Parts in rows, each row about as wide as all of it is to be. */
function shelves(parts: readonly Part[]): { part: Part; x: number; y: number }[] {
  const area = parts.reduce((sum, { width, height }) => sum + (width + GAP) * (height + GAP), 0);
  const widest = Math.max(Math.sqrt(area * ASPECT), ...parts.map(({ width }) => width));
  const sorted = parts.toSorted((one, other) => other.height - one.height);
  const found: { part: Part; x: number; y: number }[] = [];
  let [x, y, high] = [0, 0, 0];
  for (const part of sorted) {
    if (x > 0 && x + part.width > widest) {
      [x, y, high] = [0, y + high + GAP, 0];
    }
    found.push({ part, x, y });
    x += part.width + GAP;
    high = Math.max(high, part.height);
  }
  return found;
}
