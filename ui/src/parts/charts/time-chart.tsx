// How did some numbers go over time? The one line chart of the console: live or of any range, by uPlot.

import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { useEffect, useRef } from "react";
import { moment, timeOfDay } from "~/ui/format";
import { onAppearance } from "./colours";
import { chartOptions } from "./time-options";

export interface ChartSeries {
  label: string;
  /** A token of the theme, such as `series-1` or `danger`. */
  colour: string;
  /** Fill below the line: for a chart of one series. */
  filled?: boolean;
  /** Dashes tell it from the others without its colour. */
  dash?: readonly number[];
  /** The line goes on over what is not known: for live charts, which know minutes first and then seconds. */
  bridged?: boolean;
}

/** Seconds since 1970 in rising order, then a column for each series; `null` where nothing is known. */
export type ChartData = readonly [readonly number[], ...(readonly (number | null)[])[]];

export interface TimeChartProps {
  /** What it shows: its name for whoever does not see it. */
  label: string;
  /** The figures in words, said with the name. */
  says: string;
  series: readonly ChartSeries[];
  /** May be the same arrays, changed in place, when `version` is another. */
  data: ChartData;
  version?: number;
  /** How a value is written: on the axis and in the legend. */
  format: (value: number) => string;
  /** How it is written on the axis, where `format` is too long for it. */
  mark?: (value: number) => string;
  /** The ends of the axis of time, in seconds; those of the data where nothing is said. */
  span?: readonly [number, number];
  height?: number;
  /** By powers of ten: where the lines are of different size, such as p50 and p99. Else from zero. */
  logarithmic?: boolean;
  /** Charts with the same word share the cursor. */
  cursor?: string;
  /** A part of the time was marked by dragging: its ends in milliseconds. */
  onBrush?: (from: number, until: number) => void;
}

/** How far from the cursor a value may be that is told for it: live charts know a minute by one point. */
const NEAR = 30;

/** The value the legend tells: at the cursor, or near it where lines go on over what is not known; else the last known. */
export function legendValue(column: readonly (number | null)[], at: number | null | undefined, bridged: boolean): number | null {
  if (at === null || at === undefined) {
    return column.findLast((value) => value !== null) ?? null;
  }
  for (let away = 0; away <= (bridged ? NEAR : 0); away += 1) {
    const value = column[at - away] ?? column[at + away];
    if (value !== null && value !== undefined) {
      return value;
    }
  }
  return null;
}

export function TimeChart({ label, says, series, data, version = 0, format, mark = format, span, height = 180, logarithmic = false, cursor, onBrush }: TimeChartProps) {
  const frame = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot>(undefined);
  const cells = useRef<(HTMLElement | null)[]>([]);
  const time = useRef<HTMLElement>(null);
  const latest = useRef({ data, format, mark, span, onBrush });
  const tell = useRef<(at: number | null | undefined) => void>(() => undefined);
  const shape = JSON.stringify([series, cursor, height, logarithmic]);

  useEffect(() => {
    latest.current = { data, format, mark, span, onBrush };
    tell.current = (at) => {
      const now = latest.current;
      now.data.slice(1).forEach((column, index) => {
        const value = legendValue(column, at, series[index]?.bridged ?? false);
        const cell = cells.current[index];
        if (cell) {
          cell.textContent = value === null ? "–" : now.format(value);
        }
      });
      const second = now.data[0][at ?? -1];
      if (time.current) {
        time.current.textContent = second === undefined ? "" : chartMoment(second, now.data[0]);
      }
    };
  });

  useEffect(() => {
    const element = frame.current;
    if (element === null) {
      return undefined;
    }
    const options = chartOptions({
      width: element.clientWidth,
      height,
      series,
      cursor,
      isLogarithmic: logarithmic,
      format: (value) => latest.current.mark(value),
      span: () => latest.current.span,
      onCursor: (at) => tell.current(at),
      onBrush: (from, until) => latest.current.onBrush?.(from, until),
      mayBrush: () => latest.current.onBrush !== undefined,
    });
    const made = new uPlot(options, latest.current.data as uPlot.AlignedData, element);
    chart.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }));
    observer.observe(element);
    const deafen = onAppearance(() => made.redraw(false, true));
    return () => {
      deafen();
      observer.disconnect();
      made.destroy();
      chart.current = undefined;
    };
    // eslint-disable-next-line react-hooks/exhaustive-deps -- only another shape needs another chart; data and functions are read where they are used
  }, [shape]);

  useEffect(() => {
    const drawn = chart.current;
    if (drawn) {
      drawn.setData(data as uPlot.AlignedData);
      tell.current(drawn.cursor.idx);
    }
  }, [data, version, span, shape]);

  return (
    <div className="min-w-0">
      <div className="mb-1 flex flex-wrap items-baseline gap-x-4 gap-y-0.5 text-xs text-ink-soft">
        {series.map((one, index) => (
          <span key={one.label} className="inline-flex items-baseline gap-1.5">
            <span aria-hidden="true" className="h-0.5 w-3 self-center rounded" style={{ background: `var(--${one.colour})` }} />
            {one.label}
            <span
              className="font-semibold text-ink tabular-nums"
              ref={(element) => {
                cells.current[index] = element;
              }}
            >
              –
            </span>
          </span>
        ))}
        <span ref={time} className="ml-auto text-ink-faint tabular-nums" />
      </div>
      <div ref={frame} role="img" aria-label={`${label}. ${says}`} style={{ height }} className="min-w-0 overflow-hidden" />
    </div>
  );
}

const DAY_S = 86_400;

/** The day, too, where the chart shows more than one. */
function chartMoment(second: number, times: readonly number[]): string {
  const isLong = (times.at(-1) ?? second) - (times[0] ?? second) > DAY_S;
  return isLong ? moment(second * 1_000) : timeOfDay(second * 1_000);
}
