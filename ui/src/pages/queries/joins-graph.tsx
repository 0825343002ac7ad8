// How do the tables of a query hang together? A picture of what the list beside it says.

import { Handle, MarkerType, Position, ReactFlow, type Edge, type Node, type NodeProps } from "@xyflow/react";
import "@xyflow/react/dist/style.css";
import { memo, useEffect, useMemo, useState } from "react";
import { askLabelled } from "~/parts/graph-layout/ask";
import type { LabelledAnswer, LabelledRequest } from "~/parts/graph-layout/labelled";
import { count } from "~/ui/format";
import { Skeleton } from "~/ui/states";
import type { Join, UsedTable } from "./joins";

const WIDTH = 190;
const HEIGHT = 52;

type TableNode = Node<{ name: string; use: string }, "table">;

const TableBox = memo(function TableBox({ data }: NodeProps<TableNode>) {
  return (
    <div className="flex h-full flex-col justify-center rounded-md border border-line-strong bg-surface px-3 text-left">
      <Handle type="target" position={Position.Top} isConnectable={false} className="!opacity-0" />
      <span className="truncate font-mono text-xs font-medium text-ink" title={data.name}>
        {data.name}
      </span>
      <span className="text-2xs text-ink-faint">{data.use}</span>
      <Handle type="source" position={Position.Bottom} isConnectable={false} className="!opacity-0" />
    </div>
  );
});

const NODE_TYPES = { table: TableBox };

/** Where the nodes stand, worked out beside the page; nothing until that is done. */
function usePlaces(request: LabelledRequest): LabelledAnswer | undefined {
  const [places, setPlaces] = useState<{ of: LabelledRequest; at: LabelledAnswer }>();
  useEffect(() => askLabelled(request, (at) => setPlaces({ of: request, at })), [request]);
  return places?.of === request ? places.at : undefined;
}

export function JoinsGraph({ tables, joins }: { tables: readonly UsedTable[]; joins: readonly Join[] }) {
  const request = useMemo<LabelledRequest>(
    () => ({ nodes: tables.map(({ id }) => ({ id, width: WIDTH, height: HEIGHT })), edges: joins.filter((join) => join.from !== join.to).map(({ from, to, on }) => ({ from, to, label: on.join(", ") })) }),
    [tables, joins],
  );
  const places = usePlaces(request);
  const nodes = useMemo(
    (): TableNode[] =>
      tables.map(({ id, reads, writes, columns }) => ({
        id,
        type: "table",
        position: places?.[id] ?? { x: 0, y: 0 },
        width: WIDTH,
        height: HEIGHT,
        data: { name: id, use: [reads && "read", writes && "written", columns.length > 0 && count(columns.length, "column")].filter(Boolean).join(", ") },
      })),
    [tables, places],
  );
  const edges = useMemo(
    (): Edge[] =>
      joins.map(({ from, to, on }) => ({
        id: `${from} ${to}`,
        source: from,
        target: to,
        label: on.join(", "),
        style: { stroke: "var(--ink-faint)", strokeWidth: 1.5 },
        labelStyle: { fill: "var(--ink-soft)", fontSize: 11, fontFamily: "var(--font-mono)" },
        labelBgStyle: { fill: "var(--surface)" },
        markerEnd: { type: MarkerType.Arrow, color: "var(--ink-faint)" },
      })),
    [joins],
  );
  if (places === undefined) {
    return <Skeleton className="h-full" />;
  }
  return (
    <ReactFlow
      nodes={nodes}
      edges={edges}
      nodeTypes={NODE_TYPES}
      fitView
      fitViewOptions={{ padding: 0.12, maxZoom: 1.1 }}
      minZoom={0.1}
      nodesDraggable={false}
      nodesConnectable={false}
      nodesFocusable={false}
      edgesFocusable={false}
      elementsSelectable={false}
      // The page scrolls under the pointer; the picture is moved by dragging and enlarged by pinching.
      zoomOnScroll={false}
      preventScrolling={false}
      className="[&_.react-flow\\_\\_attribution]:!bg-transparent [&_.react-flow\\_\\_attribution_a]:!text-ink-faint"
      style={{ background: "transparent" }}
    />
  );
}
