// Where do tables stand so that joins are seen? By dagre; called in a worker, so that the page goes on meanwhile.

import { graphlib, layout } from "@dagrejs/dagre";

export interface LabelledRequest {
  nodes: readonly { id: string; width: number; height: number }[];
  edges: readonly { from: string; to: string; label: string }[];
}

/** The left upper corner of each node. */
export type LabelledAnswer = Record<string, { x: number; y: number }>;

/** About how wide a letter of an edge's label is. */
const LETTER_PX = 6.5;
const LABEL_HEIGHT_PX = 18;

export function placed({ nodes, edges }: LabelledRequest): LabelledAnswer {
  const graph = new graphlib.Graph({ multigraph: true });
  graph.setGraph({ rankdir: "TB", nodesep: 40, ranksep: 40, marginx: 8, marginy: 8 });
  nodes.forEach((node) => graph.setNode(node.id, { width: node.width, height: node.height }));
  edges.forEach((edge, index) => graph.setEdge(edge.from, edge.to, { width: edge.label.length * LETTER_PX, height: LABEL_HEIGHT_PX, labelpos: "c" }, String(index)));
  layout(graph);
  return Object.fromEntries(
    nodes.map((node) => {
      const { x, y } = graph.node(node.id) as { x: number; y: number };
      return [node.id, { x: x - node.width / 2, y: y - node.height / 2 }];
    }),
  );
}
