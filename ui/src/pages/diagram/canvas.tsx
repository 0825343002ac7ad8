// How is the picture moved, enlarged and walked through?

import { MiniMap, Panel, ReactFlow, useNodesState, useReactFlow, type Edge, type Node } from "@xyflow/react";
import "@xyflow/react/dist/style.css";
import { Maximize, Minus, Plus } from "lucide-react";
import { useCallback, useEffect, useMemo, useRef, type KeyboardEvent, type RefObject } from "react";
import type { Picture } from "~/api/diagram";
import { IconButton } from "~/ui/button";
import { useShortcuts } from "~/ui/shortcuts";
import { ClusterBox, TableBox, type ClusterFlowNode, type TableFlowNode } from "./boxes";
import type { DrawnLine, Drawing } from "./drawing";
import type { Place } from "~/parts/graph-layout/shelves";
import { LineEdge, type FlowLine } from "./lines";
import { PickedContext, type Picked } from "./picked";
import { isDirection, towards } from "./towards";

export type Outlook = NonNullable<Picture["outlook"]>;

const NODE_TYPES = { table: TableBox, cluster: ClusterBox };
const EDGE_TYPES = { line: LineEdge };
const FIT = { padding: 0.08, maxZoom: 1, minZoom: 0.04 };
const ZOOM = { min: 0.04, max: 2.5 };
const MOVE_MS = 150;

interface CanvasProps {
  /** What it shows, in words. */
  label: string;
  drawing: Drawing;
  places: Readonly<Record<string, Place>>;
  /** Where one begins; else all of it is seen. */
  outlook?: Outlook;
  picked: string | undefined;
  onPick: (id: string | undefined) => void;
  onOpen: (id: string) => void;
  onCentre: (id: string) => void;
  /** A table was put elsewhere. */
  onMoved: (id: string, place: Place) => void;
  onLook: (outlook: Outlook) => void;
  /** The box that gets the keyboard as soon as it stands. */
  wanted: RefObject<string | undefined>;
  /** What is drawn is what was asked for, not the picture before it. */
  isCurrent: boolean;
}

/** Gives the keyboard to a box. */
export function focusBox(within: ParentNode | null, id: string): void {
  within?.querySelector<HTMLElement>(`[data-box="${CSS.escape(id)}"]`)?.focus({ preventScroll: true });
}

type FlowNode = TableFlowNode | ClusterFlowNode;

const nodesOf = (drawing: Drawing, places: Readonly<Record<string, Place>>): FlowNode[] =>
  drawing.nodes.map((node): FlowNode => {
    const common = { id: node.id, position: places[node.id] ?? { x: 0, y: 0 }, width: node.width, height: node.height };
    return node.kind === "table" ? { ...common, type: "table", data: { node } } : { ...common, type: "cluster", data: { node } };
  });

const edgesOf = (lines: readonly DrawnLine[]): Edge[] => lines.map((line): FlowLine => ({ id: line.id, source: line.from, target: line.to, type: "line", data: { line }, ariaLabel: line.title, domAttributes: { "aria-roledescription": "relation" } }));

/** Made anew for each arrangement: what is in it stays where it was put. */
export function Canvas({ label, drawing, places, outlook, picked, onPick, onOpen, onCentre, onMoved, onLook, wanted, isCurrent }: CanvasProps) {
  const frame = useRef<HTMLDivElement>(null);
  const [nodes, , onNodesChange] = useNodesState<FlowNode>(nodesOf(drawing, places));
  const edges = useMemo(() => edgesOf(drawing.lines), [drawing.lines]);
  useEffect(() => {
    if (isCurrent && wanted.current !== undefined) {
      focusBox(frame.current, wanted.current);
      wanted.current = undefined;
    }
  });
  const near = useMemo(() => nearOf(drawing.lines, picked), [drawing.lines, picked]);
  const first = drawing.nodes.find((node) => node.kind === "table" && node.isCentre)?.id ?? drawing.nodes[0]?.id;
  const context = useMemo<Picked>(() => ({ current: picked, first, near, pick: onPick, open: onOpen, centre: onCentre }), [picked, first, near, onPick, onOpen, onCentre]);
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    const from = event.target instanceof HTMLElement ? event.target.dataset["box"] : undefined;
    if (from === undefined || !isDirection(event.key)) {
      return;
    }
    event.preventDefault();
    const boxes = new Map(nodes.map((node) => [node.id, { ...node.position, width: node.width ?? 0, height: node.height ?? 0 }]));
    const here = boxes.get(from);
    const others = [...boxes].flatMap(([id, box]) => (id === from ? [] : [{ id, box, isLinked: near.has(id) }]));
    const next = here && towards(event.key, here, others);
    if (next !== undefined) {
      focusBox(frame.current, next);
    }
  };
  return (
    <PickedContext value={context}>
      {/* The keys are those of the boxes in it, which have the focus. */}
      {/* eslint-disable-next-line jsx-a11y/no-static-element-interactions */}
      <div ref={frame} className="h-full" onKeyDown={onKeyDown}>
        <ReactFlow<FlowNode, Edge>
          aria-label={label}
          nodes={nodes}
          edges={edges}
          onNodesChange={onNodesChange}
          onNodeDragStop={(_, node) => onMoved(node.id, node.position)}
          onPaneClick={() => onPick(undefined)}
          onNodeDoubleClick={(_, node) => onCentre(node.id)}
          onInit={(flow) => outlook && void flow.setCenter(outlook.x, outlook.y, { zoom: outlook.zoom / 100 })}
          onMoveEnd={(_, { x, y, zoom }) => onLook(outlookOf(frame.current, x, y, zoom))}
          nodeTypes={NODE_TYPES}
          edgeTypes={EDGE_TYPES}
          fitView={outlook === undefined}
          fitViewOptions={FIT}
          minZoom={ZOOM.min}
          maxZoom={ZOOM.max}
          nodesConnectable={false}
          nodesFocusable={false}
          edgesFocusable={false}
          elementsSelectable={false}
          zoomOnDoubleClick={false}
          disableKeyboardA11y
          className="[&_.react-flow\_\_attribution]:!bg-transparent [&_.react-flow\_\_attribution_a]:!text-ink-faint"
          style={{ background: "transparent" }}
        >
          <Controls picked={picked} nodes={nodes} />
          <MiniMap
            pannable
            zoomable
            ariaLabel="Small map of the picture"
            className="!m-2 rounded border border-line !bg-surface max-sm:!hidden"
            style={{ width: 150, height: 96 }}
            maskColor="color-mix(in srgb, var(--subtle) 70%, transparent)"
            nodeColor={(node: Node) => (node.id === picked ? "var(--brand)" : "var(--line-strong)")}
            nodeStrokeWidth={0}
          />
        </ReactFlow>
      </div>
    </PickedContext>
  );
}

function nearOf(lines: readonly DrawnLine[], picked: string | undefined): ReadonlySet<string> {
  return new Set(picked === undefined ? [] : lines.flatMap(({ from, to }) => (from === picked ? [to] : to === picked ? [from] : [])));
}

function outlookOf(frame: HTMLElement | null, x: number, y: number, zoom: number): Outlook {
  const { clientWidth, clientHeight } = frame ?? { clientWidth: 0, clientHeight: 0 };
  return { x: Math.round((clientWidth / 2 - x) / zoom), y: Math.round((clientHeight / 2 - y) / zoom), zoom: Math.round(zoom * 100) };
}

/** Buttons and keys; and whatever has the keyboard is seen. */
function Controls({ picked, nodes }: { picked: string | undefined; nodes: readonly FlowNode[] }) {
  const flow = useReactFlow();
  const nearer = useCallback(() => void flow.zoomIn({ duration: MOVE_MS }), [flow]);
  const farther = useCallback(() => void flow.zoomOut({ duration: MOVE_MS }), [flow]);
  const fit = useCallback(() => void flow.fitView({ ...FIT, duration: MOVE_MS }), [flow]);
  useShortcuts([
    { keys: "+", label: "Nearer", run: nearer },
    { keys: "-", label: "Farther", run: farther },
    { keys: "0", label: "See all of the picture", run: fit },
  ]);
  const latest = useRef(nodes);
  useEffect(() => {
    latest.current = nodes;
  });
  useEffect(() => {
    const node = latest.current.find(({ id }) => id === picked);
    const box = document.querySelector(`[data-box="${CSS.escape(picked ?? "")}"]`);
    const frame = box?.closest(".react-flow");
    if (!node || !box || !frame || document.activeElement !== box) {
      return;
    }
    // A browser that brings the focus into view moves the frame, not the picture.
    frame.scrollTo(0, 0);
    const [inner, outer] = [box.getBoundingClientRect(), frame.getBoundingClientRect()];
    if (inner.left < outer.left || inner.right > outer.right || inner.top < outer.top || inner.bottom > outer.bottom) {
      void flow.setCenter(node.position.x + (node.width ?? 0) / 2, node.position.y + (node.height ?? 0) / 2, { zoom: flow.getZoom(), duration: MOVE_MS });
    }
  }, [picked, flow]);
  return (
    <Panel position="bottom-left" className="!m-2 flex flex-col gap-1">
      <IconButton label="Nearer" shortcut="+" size="small" variant="secondary" onClick={nearer}>
        <Plus className="size-3.5" aria-hidden="true" />
      </IconButton>
      <IconButton label="Farther" shortcut="-" size="small" variant="secondary" onClick={farther}>
        <Minus className="size-3.5" aria-hidden="true" />
      </IconButton>
      <IconButton label="See all" shortcut="0" size="small" variant="secondary" onClick={fit}>
        <Maximize className="size-3.5" aria-hidden="true" />
      </IconButton>
    </Panel>
  );
}
