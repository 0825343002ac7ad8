// When is there much of something? Rows by columns, the more the stronger.

import { useEffect, useMemo, useRef, useState, type RefObject } from "react";
import { whenThere } from "~/api/reachability";
import { ErrorNote, Skeleton } from "~/ui/states";
import type { DrawnHeatmap } from "./heatmap-canvas";

export interface HeatmapCell {
  /** Its places in `columns` and `rows`. */
  column: number;
  row: number;
  value: number;
  /** What is said when it is pointed at. */
  says: string;
}

export interface HeatmapProps {
  /** What it shows, and the figures in words: its name for whoever does not see it. */
  label: string;
  columns: readonly string[];
  rows: readonly string[];
  /** The same array until there is something new to draw. */
  cells: readonly HeatmapCell[];
  /** A token of the theme: the colour of the most. */
  colour?: string;
  /** For the pointer; who uses it offers the same by buttons or links. */
  onOpen?: (cell: HeatmapCell) => void;
}

/** What is drawn. */
export type HeatmapShown = Required<Pick<HeatmapProps, "columns" | "rows" | "cells" | "colour">> & { canOpen: boolean };

const ROW_PX = 26;
/** Below the rows: the names of columns. */
const NAMES_PX = 24;
/** It is fetched a little before it is seen. */
const NEAR = "200px";

export function HeatmapChart({ label, columns, rows, cells, colour = "series-1", onOpen }: HeatmapProps) {
  const frame = useRef<HTMLDivElement>(null);
  const opened = useRef(onOpen);
  useEffect(() => {
    opened.current = onOpen;
  });
  const { chart, error } = useDrawn(frame, opened);
  const canOpen = onOpen !== undefined;
  const shown = useMemo<HeatmapShown>(() => ({ columns, rows, cells, colour, canOpen }), [columns, rows, cells, colour, canOpen]);
  useEffect(() => chart?.show(shown), [chart, shown]);
  if (error !== undefined) {
    return <ErrorNote error={error} />;
  }
  return (
    <div className="relative" style={{ height: rows.length * ROW_PX + NAMES_PX }}>
      {chart === undefined && <Skeleton className="absolute inset-0" />}
      <div ref={frame} role="img" aria-label={label} className="absolute inset-0" />
    </div>
  );
}

/** The chart in the frame, once that has been in view and the code is there. */
function useDrawn(frame: RefObject<HTMLDivElement | null>, opened: RefObject<HeatmapProps["onOpen"]>): { chart: DrawnHeatmap | undefined; error: unknown } {
  const [state, setState] = useState<{ chart?: DrawnHeatmap; error?: unknown }>({});
  useEffect(() => {
    const element = frame.current;
    if (element === null) {
      return undefined;
    }
    let drawn: DrawnHeatmap | undefined;
    let isGone = false;
    const draw = async () => {
      try {
        const { drawHeatmap } = await whenThere(() => import("./heatmap-canvas"));
        if (!isGone) {
          drawn = drawHeatmap(element, (cell) => opened.current?.(cell));
          setState({ chart: drawn });
        }
      } catch (error) {
        if (!isGone) {
          setState({ error });
        }
      }
    };
    const observer = new IntersectionObserver(
      (seen) => {
        if (seen.some((one) => one.isIntersecting)) {
          observer.disconnect();
          void draw();
        }
      },
      { rootMargin: NEAR },
    );
    observer.observe(element);
    return () => {
      isGone = true;
      observer.disconnect();
      drawn?.dispose();
      setState({});
    };
  }, [frame, opened]);
  return { chart: state.chart, error: state.error };
}
