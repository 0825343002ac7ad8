// What does a result look like as a picture?

import { ChartLine, ImageDown, Table2 } from "lucide-react";
import { useDeferredValue, useEffect, useMemo, useRef, useState, type RefObject } from "react";
import { whenThere } from "~/api/reachability";
import type { Cell, ResultColumn } from "~/api/runs";
import { Button } from "~/ui/button";
import { count as counted } from "~/ui/format";
import { ErrorNote, FirstTime, Skeleton } from "~/ui/states";
import { toast } from "~/ui/toast";
import { save } from "../save";
import type { DrawnChart } from "./chart-canvas";
import { ChartFields } from "./chart-fields";
import { fitsColumns, readChart, writeChart, type ChartState } from "./chart-state";
import { ChartTable } from "./chart-table";
import { guess } from "./guess";
import { prepare, type Prepared } from "./prepare";
import { axesOf } from "./roles";
import { figure } from "./words";

export interface ResultChartProps {
  columns: readonly ResultColumn[];
  /** Rows may be added at its end while it is shown. */
  rows: readonly (readonly Cell[])[];
  count: number;
  /** The database has more rows than have come. */
  isCut: boolean;
  /** What was chosen, as it stands in an address; what does not fit these columns is not drawn. */
  chosen: string | undefined;
  onChoose: (chosen: string) => void;
}

export function ResultChart({ columns, rows, count, isCut, chosen, onChoose }: ResultChartProps) {
  const [isTable, setTable] = useState(false);
  // While rows come it is drawn as often as there is time for it.
  const drawnCount = useDeferredValue(count);
  const hasRows = drawnCount > 0;
  // eslint-disable-next-line react-hooks/exhaustive-deps -- rows grow at their end; their beginning says what the columns hold
  const axes = useMemo(() => axesOf(columns, rows), [columns, rows, hasRows]);
  const state = useMemo<ChartState | undefined>(() => {
    const said = readChart(chosen);
    return said && fitsColumns(said, axes.map((axis) => axis.name)) ? said : guess(axes, rows.slice(0, drawnCount));
  }, [chosen, axes, rows, drawnCount]);
  const prepared = useMemo(() => state && prepare(axes, rows, drawnCount, state), [axes, rows, drawnCount, state]);
  const frame = useRef<HTMLDivElement>(null);
  const isPicture = prepared !== undefined && prepared.kind !== "number" && prepared.series.some((one) => one.points.length > 0);
  const { chart, error } = useDrawn(frame, isPicture);
  useEffect(() => {
    if (prepared && isPicture) {
      chart?.show(prepared);
    }
  }, [chart, prepared, isPicture]);
  if (state === undefined || prepared === undefined || !hasRows) {
    return (
      <FirstTime icon={<ChartLine className="size-5" />} title="There is nothing to draw">
        A chart needs rows. A statement that returns a time or a name beside a number draws itself.
      </FirstTime>
    );
  }
  const says = `${prepared.says}, of ${isCut ? "the first " : ""}${counted(drawnCount, "row")}${isCut ? "; the database has more" : ""}`;
  return (
    <div className="flex flex-col gap-3 border-t border-line p-3">
      <div className="flex flex-wrap items-end gap-3">
        <ChartFields axes={axes} state={state} onChange={(next) => onChoose(writeChart(next))} />
        <span className="ml-auto flex gap-1">
          <Button size="small" variant="quiet" aria-pressed={isTable} onClick={() => setTable(!isTable)} icon={<Table2 className="size-3.5" aria-hidden="true" />}>
            Figures as a table
          </Button>
          <Button size="small" variant="quiet" disabled={chart === undefined} onClick={() => void savePicture(chart)} icon={<ImageDown className="size-3.5" aria-hidden="true" />}>
            Save as PNG
          </Button>
        </span>
      </div>
      <p className="text-xs text-ink-soft">
        <span className="font-medium text-ink">{says}.</span> {prepared.left.join(" ")}
      </p>
      {error !== undefined && <ErrorNote error={error} />}
      {prepared.kind === "number" ? <Figures prepared={prepared} /> : isPicture ? <Picture frame={frame} prepared={prepared} says={says} isThere={chart !== undefined || error !== undefined} /> : <p className="py-6 text-center text-[13px] text-ink-faint">Choose what is drawn: with these columns nothing is.</p>}
      {isTable && <ChartTable prepared={prepared} />}
    </div>
  );
}

async function savePicture(chart: DrawnChart | undefined): Promise<void> {
  const picture = await chart?.picture();
  if (picture) {
    save(picture, "chart.png");
  } else {
    toast({ title: "The browser made no picture of it.", tone: "danger" });
  }
}

function Picture({ frame, prepared, says, isThere }: { frame: RefObject<HTMLDivElement | null>; prepared: Prepared; says: string; isThere: boolean }) {
  const { series, kind } = prepared;
  return (
    <figure className="flex flex-col gap-2">
      {series.length > 1 && kind !== "pie" && (
        <figcaption className="flex flex-wrap gap-x-4 gap-y-1 text-xs text-ink-soft">
          {series.map((one, index) => (
            <span key={one.name} className="inline-flex items-center gap-1.5">
              <span className="size-2.5 rounded-sm" style={{ background: `var(--series-${index + 1})` }} aria-hidden="true" />
              <span dir="auto">{one.name}</span>
            </span>
          ))}
        </figcaption>
      )}
      <div className="relative h-80">
        {!isThere && <Skeleton className="absolute inset-0" />}
        <div ref={frame} role="img" aria-label={`Chart: ${says}. The same in figures is in the table.`} className="absolute inset-0" />
      </div>
    </figure>
  );
}

/** Each value as a figure that is read from afar. */
function Figures({ prepared }: { prepared: Prepared }) {
  return (
    <dl className="flex flex-wrap gap-x-10 gap-y-4 py-6">
      {prepared.series.map(({ name, points }) => (
        <div key={name}>
          <dt dir="auto" className="text-xs text-ink-soft">
            {name}
          </dt>
          <dd className="text-4xl font-semibold text-ink tabular-nums">{points[0] ? figure(points[0][1]) : "none"}</dd>
        </div>
      ))}
    </dl>
  );
}

/** The chart in the frame, once the code is there. */
function useDrawn(frame: RefObject<HTMLDivElement | null>, isWanted: boolean): { chart: DrawnChart | undefined; error: unknown } {
  const [state, setState] = useState<{ chart?: DrawnChart; error?: unknown }>({});
  useEffect(() => {
    const element = frame.current;
    if (!isWanted || element === null) {
      return undefined;
    }
    let drawn: DrawnChart | undefined;
    let isGone = false;
    const draw = async () => {
      try {
        const { drawChart } = await whenThere(() => import("./chart-canvas"));
        if (!isGone) {
          drawn = drawChart(element);
          setState({ chart: drawn });
        }
      } catch (error) {
        if (!isGone) {
          setState({ error });
        }
      }
    };
    void draw();
    return () => {
      isGone = true;
      drawn?.dispose();
      setState({});
    };
  }, [frame, isWanted]);
  return { chart: state.chart, error: state.error };
}
