// How does a line chart look and behave: axes, grid, cursor, marking a part of the time?

import type uPlot from "uplot";
import { minuteOfDay, timeOfDay } from "~/ui/format";
import { faded, themeColour } from "./colours";
import type { ChartSeries } from "./time-chart";

interface Asked {
  width: number;
  height: number;
  series: readonly ChartSeries[];
  cursor: string | undefined;
  isLogarithmic: boolean;
  format: (value: number) => string;
  span: () => readonly [number, number] | undefined;
  onCursor: (at: number | null | undefined) => void;
  onBrush: (from: number, until: number) => void;
  mayBrush: () => boolean;
}

const HOUR_S = 3_600;
const DAY_S = 24 * HOUR_S;
const AXIS_PX = 58;
/** A shorter mark was a click. */
const MARK_MIN_PX = 6;

const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });

/** The words below the axis of time: seconds, minutes or days, as far apart as the marks are. */
export function timeWords(splits: readonly number[], step: number): string[] {
  return splits.map((at, index) => {
    const time = new Date(at * 1_000);
    if (step >= DAY_S) {
      return day.format(time);
    }
    const before = splits[index - 1];
    const isNewDay = before !== undefined && new Date(before * 1_000).getDate() !== time.getDate();
    return isNewDay ? day.format(time) : (step < 60 ? timeOfDay : minuteOfDay)(time.getTime());
  });
}

/** "50/s" for "50.0/s": on an axis the zeros say nothing. */
export const plain = (text: string): string => text.replace(/(\.\d*?)0+(?!\d)/, "$1").replace(/\.(?!\d)/, "");

function seriesOf({ label, colour, filled, dash, bridged = false }: ChartSeries): uPlot.Series {
  return {
    label,
    stroke: () => themeColour(colour),
    fill: filled ? () => faded(themeColour(colour), 0.12) : undefined,
    dash: dash ? [...dash] : undefined,
    width: 1.5,
    spanGaps: bridged,
    points: bridged ? { show: false } : { size: 4 },
  };
}

/** Marks at powers of ten only: those between are too near to each other to be read. */
const wholePowers = (_chart: unknown, splits: readonly number[]): (number | null)[] => splits.map((value) => (Number.isInteger(Math.round(Math.log10(value) * 1e6) / 1e6) ? value : null));

/** Whole powers of ten around the values, at least one. */
export function decades(low: number | null, high: number | null): [number, number] {
  const from = low !== null && low > 0 ? 10 ** Math.floor(Math.log10(low)) : 1;
  const until = high !== null && high > from ? 10 ** Math.ceil(Math.log10(high)) : from * 10;
  return [from, until];
}

export function chartOptions(asked: Asked): uPlot.Options {
  const { width, height, series, cursor, isLogarithmic, format, span, onCursor, onBrush, mayBrush } = asked;
  const font = `11px ${getComputedStyle(document.body).fontFamily}`;
  const ink = () => themeColour("ink-faint");
  const line = () => themeColour("line");
  const powersOnly = isLogarithmic ? { filter: wholePowers } : {};
  return {
    width,
    height,
    legend: { show: false },
    padding: [8, 26, 0, 0],
    series: [{}, ...series.map(seriesOf)],
    scales: {
      x: { time: true, range: (_chart, low, high) => [...(span() ?? [low, high])] as [number, number] },
      y: isLogarithmic ? { distr: 3, log: 10, range: (_chart, low, high) => decades(low, high) } : { range: (_chart, _low, high) => [0, high > 0 ? high * 1.12 : 1] },
    },
    axes: [
      { stroke: ink, font, grid: { show: false }, ticks: { show: false }, size: 26, space: 76, values: (_chart, splits, _axis, _space, step) => timeWords(splits, step) },
      { stroke: ink, font, grid: { stroke: line, width: 1, ...powersOnly }, ...powersOnly, ticks: { show: false }, size: AXIS_PX, gap: 6, space: 32, values: (_chart, splits: (number | null)[]) => splits.map((value) => (value === null ? "" : value === 0 ? "0" : plain(format(value)))) },
    ],
    cursor: {
      y: false,
      points: { size: 6 },
      drag: { x: mayBrush(), y: false, setScale: false },
      // Only where the cursor stands is shared: what is marked in one chart is not marked in all.
      sync: cursor === undefined ? undefined : { key: cursor, setSeries: false, filters: { pub: isMove, sub: isMove } },
    },
    hooks: {
      ready: [paintMark],
      drawClear: [paintMark],
      setCursor: [(chart) => onCursor(chart.cursor.left === undefined || chart.cursor.left < 0 ? null : chart.cursor.idx)],
      setSelect: [
        (chart) => {
          const { left, width: marked } = chart.select;
          if (marked >= MARK_MIN_PX) {
            onBrush(chart.posToVal(left, "x") * 1_000, chart.posToVal(left + marked, "x") * 1_000);
          }
          if (marked > 0) {
            chart.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          }
        },
      ],
    },
  };
}

/** What is marked is seen in light and dark. */
function paintMark(chart: uPlot): void {
  const mark = chart.over.querySelector<HTMLElement>(".u-select");
  if (mark) {
    mark.style.background = faded(themeColour("series-1"), 0.18);
  }
}

const isMove = (type: string): boolean => type === "mousemove" || type === "mouseleave";
