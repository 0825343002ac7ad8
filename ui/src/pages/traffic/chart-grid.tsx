// Which figures of traffic are drawn, and how do they stand together?

import { memo } from "react";
import type { ChartData, ChartSeries } from "~/parts/charts/time-chart";
import { TimeChart } from "~/parts/charts/time-chart";
import { usePageSearch } from "~/parts/search";
import { Card } from "~/ui/card";
import { bytes, compact, duration, rate, timeOfDay } from "~/ui/format";

type Column = readonly (number | null)[];

export interface ChartFigures {
  seconds: readonly number[];
  calls: Column;
  p50: Column;
  p95: Column;
  p99: Column;
  errors: Column;
  refusals: Column;
  bytesIn: Column;
  bytesOut: Column;
  /** Open sessions are known live, from a second on; how many rows there were, of any time. */
  last: { kind: "sessions" | "rows"; values: Column; since?: number };
}

interface GridProps {
  figures: ChartFigures;
  version: number;
  span?: readonly [number, number];
  /** Lines go on over what is not known. */
  bridged?: boolean;
}

const MINUTE_MS = 60_000;
const PER_SECOND = (value: number): string => `${rate(value)}/s`;
const BYTES_PER_SECOND = (value: number): string => `${bytes(value)}/s`;

/** Marks are powers of ten: seconds stay seconds. */
const durationMark = (us: number): string => (us >= 1_000_000 ? `${us / 1_000_000} s` : duration(us));

const highest = (column: Column): number => column.reduce<number>((most, value) => Math.max(most, value ?? 0), 0);
const newest = (column: Column): number | null => column.findLast((value) => value !== null) ?? null;

/** The figures of a chart in words, for whoever does not see it. */
export function inWords(series: readonly ChartSeries[], columns: readonly Column[], format: (value: number) => string): string {
  return series
    .map((one, index) => {
      const column = columns[index] ?? [];
      const last = newest(column);
      return last === null ? `${one.label}: nothing known` : `${one.label}: last ${format(last)}, highest ${format(highest(column))}`;
    })
    .join(". ");
}

export function ChartGrid(props: GridProps) {
  const { calls, p50, p95, p99, errors, refusals, bytesIn, bytesOut, last } = props.figures;
  return (
    <div className="grid gap-4 md:grid-cols-2 xl:grid-cols-6">
      <Chart {...props} title="Statements" note="a second" className="xl:col-span-3" height={200} format={PER_SECOND} series={CALLS} columns={[calls]} />
      <Chart {...props} title="Latency" note="of calls that ended, by powers of ten" className="xl:col-span-3" height={200} format={duration} mark={durationMark} logarithmic series={LATENCY} columns={[p50, p95, p99]} />
      <Chart {...props} title="Errors and refusals" note="a second" className="xl:col-span-2" format={PER_SECOND} series={FAILURES} columns={[errors, refusals]} />
      <Chart {...props} title={last.kind === "sessions" ? "Open sessions" : "Rows"} note={last.kind === "rows" ? "a second" : last.since === undefined ? undefined : `known since ${timeOfDay(last.since * 1_000)}`} className="xl:col-span-2" format={last.kind === "sessions" ? compact : PER_SECOND} series={last.kind === "sessions" ? SESSIONS : ROWS} columns={[last.values]} />
      <Chart {...props} title="Bytes" note="a second" className="md:max-xl:col-span-2 xl:col-span-2" format={BYTES_PER_SECOND} series={BYTES} columns={[bytesIn, bytesOut]} />
    </div>
  );
}

const CALLS: readonly ChartSeries[] = [{ label: "statements", colour: "series-1", filled: true }];
const LATENCY: readonly ChartSeries[] = [
  { label: "p50", colour: "series-1" },
  { label: "p95", colour: "series-2", dash: [6, 3] },
  { label: "p99", colour: "series-4", dash: [2, 3] },
];
const FAILURES: readonly ChartSeries[] = [
  { label: "errors", colour: "series-2" },
  { label: "refusals", colour: "series-5", dash: [4, 3] },
];
const SESSIONS: readonly ChartSeries[] = [{ label: "sessions", colour: "series-3", filled: true }];
const ROWS: readonly ChartSeries[] = [{ label: "rows", colour: "series-3", filled: true }];
const BYTES: readonly ChartSeries[] = [
  { label: "in", colour: "series-6" },
  { label: "out", colour: "series-3", dash: [6, 3] },
];

interface ChartProps extends GridProps {
  title: string;
  note?: string;
  className: string;
  height?: number;
  logarithmic?: boolean;
  format: (value: number) => string;
  mark?: (value: number) => string;
  series: readonly ChartSeries[];
  columns: readonly Column[];
}

/** Drawn anew only when its figures are others: they are changed in place, so the version says so. */
const Chart = memo(
  function Chart({ title, note, className, height = 150, logarithmic, format, mark, series, columns, figures, version, span, bridged = false }: ChartProps) {
    const [, set] = usePageSearch();
    const data: ChartData = [figures.seconds, ...columns];
    const lines = bridged ? series.map((one) => ({ ...one, bridged })) : series;
    // The store knows minutes: what is marked is widened to whole ones.
    const brush = (from: number, until: number) =>
      set({ from: new Date(Math.floor(from / MINUTE_MS) * MINUTE_MS).toISOString(), until: new Date(Math.ceil(until / MINUTE_MS) * MINUTE_MS).toISOString(), range: undefined });
    return (
      <Card title={title} note={note} className={className}>
        <TimeChart label={title} says={inWords(series, columns, format)} series={lines} data={data} version={version} span={span} height={height} logarithmic={logarithmic} format={format} mark={mark} cursor="traffic" onBrush={brush} />
      </Card>
    );
  },
  (before, after) => before.version === after.version && before.figures === after.figures && before.title === after.title && before.bridged === after.bridged,
);
