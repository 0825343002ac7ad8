// What does a relation look like in the picture?

import { useInternalNode, type Edge, type EdgeProps } from "@xyflow/react";
import { memo } from "react";
import type { DrawnLine } from "./drawing";
import { labelWidth, routeOf, type Box } from "./line";
import { useIsFar, usePicked } from "./picked";

export type FlowLine = Edge<{ line: DrawnLine }, "line">;

/** Declared keys are drawn through, what only statements do is dashed and of another colour. */
export const STROKES: Record<DrawnLine["look"], { colour: string; dash?: string; width: number }> = {
  declared: { colour: "--ink-faint", width: 1.4 },
  seen: { colour: "--series-2", dash: "6 4", width: 1.6 },
  bridge: { colour: "--line-strong", width: 1.6 },
};

function useBox(id: string): Box | undefined {
  const node = useInternalNode(id);
  return node && { x: node.internals.positionAbsolute.x, y: node.internals.positionAbsolute.y, width: node.width ?? 0, height: node.height ?? 0 };
}

export const LineEdge = memo(function LineEdge({ source, target, data }: EdgeProps<FlowLine>) {
  const [from, to] = [useBox(source), useBox(target)];
  const { current } = usePicked();
  const isFar = useIsFar();
  if (from === undefined || to === undefined || data === undefined) {
    return null;
  }
  const { line } = data;
  // From far boxes have no rows to begin at.
  const offsets = isFar ? { fromOffset: from.height / 2, toOffset: to.height / 2 } : line;
  const { path, ends, middle } = routeOf(from, to, { ...line, fromOffset: offsets.fromOffset, toOffset: offsets.toOffset });
  const { colour, dash, width } = STROKES[line.look];
  const isOf = current === line.from || current === line.to;
  const stroke = isOf ? "var(--brand)" : `var(${colour})`;
  // Only strokes step back: numbers stay readable.
  const opacity = current === undefined || isOf ? 1 : 0.4;
  const heavy = (isOf ? width + 0.8 : width) * (isFar ? 2 : 1);
  const wide = labelWidth(line.label);
  return (
    <g data-line={line.look}>
      <title>{line.title}</title>
      <path d={path} fill="none" stroke="transparent" strokeWidth={12} />
      <path d={path} fill="none" stroke={stroke} strokeWidth={heavy} strokeDasharray={dash} strokeOpacity={opacity} />
      {ends && !isFar && <path d={ends} fill="none" stroke={stroke} strokeWidth={width} strokeOpacity={opacity} />}
      {line.label !== "" && !isFar && (
        <>
          <rect x={middle.x - wide / 2} y={middle.y - 9} width={wide} height={18} rx={4} fill="var(--surface)" />
          <text x={middle.x} y={middle.y + 4} textAnchor="middle" fontSize={11} fill={line.look === "seen" ? "var(--series-2)" : "var(--ink-soft)"}>
            {line.label}
          </text>
        </>
      )}
    </g>
  );
});
