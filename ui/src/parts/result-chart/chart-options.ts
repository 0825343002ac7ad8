// How does a chart of a result look: axes, marks, what is said when one is pointed at?

import type { BarSeriesOption, LineSeriesOption, PieSeriesOption, ScatterSeriesOption } from "echarts/charts";
import type { GridComponentOption, TooltipComponentOption } from "echarts/components";
import type { ComposeOption } from "echarts/core";
import { themeColour } from "../charts/colours";
import type { Prepared } from "./prepare";
import type { Role } from "./roles";
import { belowWord, figure, shortFigure } from "./words";

export type ChartOptions = ComposeOption<BarSeriesOption | LineSeriesOption | PieSeriesOption | ScatterSeriesOption | GridComponentOption | TooltipComponentOption>;

const FONT_PX = 11;
const LETTERS_MAX = 18;
const FAINT = 0.25;
const POINT_PX = 6;
/** With more of them points on a line hide it. */
const POINTS_SHOWN = 60;
const COLOURS = 6;

export const seriesColour = (index: number): string => `series-${(index % COLOURS) + 1}`;

const words = () => ({ color: themeColour("ink-faint"), fontSize: FONT_PX, fontFamily: getComputedStyle(document.body).fontFamily });

const tooltip = (): TooltipComponentOption => ({
  renderMode: "richText",
  confine: true,
  transitionDuration: 0,
  backgroundColor: themeColour("raised"),
  borderColor: themeColour("line-strong"),
  borderWidth: 1,
  padding: [6, 8],
  textStyle: { ...words(), color: themeColour("ink"), fontSize: 12 },
});

/** Colours are read when it is called: call it again when the theme changes. */
export function chartOptions(prepared: Prepared): ChartOptions {
  return prepared.kind === "pie" ? pie(prepared) : withAxes(prepared);
}

function pie({ series, x }: Prepared): ChartOptions {
  const [first] = series;
  const points = first?.points ?? [];
  return {
    animation: false,
    tooltip: { ...tooltip(), trigger: "item", formatter: (pointed) => (Array.isArray(pointed) ? "" : `${pointed.name}\n${figure(Number(pointed.value))} (${pointed.percent ?? 0} %)`) },
    series: {
      type: "pie",
      radius: ["35%", "70%"],
      itemStyle: { borderColor: themeColour("surface"), borderWidth: 2 },
      label: { ...words(), color: themeColour("ink-soft"), overflow: "truncate", width: 110 },
      labelLine: { lineStyle: { color: themeColour("line-strong") } },
      // Of neighbours one is stronger: there are more slices than colours.
      data: points.map(([below, value], index) => ({ name: belowWord(below, x?.role), value, itemStyle: { color: themeColour(seriesColour(index)), opacity: index < COLOURS ? 1 : 0.6 } })),
    },
  };
}

const AXES: Record<Role, "time" | "value" | "category"> = { time: "time", number: "value", category: "category" };

function withAxes({ kind, series, x }: Prepared): ChartOptions {
  const role = x?.role ?? "category";
  // Bars stand side by side, also those of numbers; times keep their distances.
  const isCategory = role === "category" || (kind === "bar" && role === "number");
  const names = isCategory ? [...new Set(series.flatMap((one) => one.points.map(([below]) => below)))] : [];
  if (isCategory && role === "number") {
    names.sort((a, b) => Number(a) - Number(b));
  }
  const line = { lineStyle: { color: themeColour("line-strong") } };
  const split = { lineStyle: { color: themeColour("line") } };
  const short = (text: string) => (text.length > LETTERS_MAX ? `${text.slice(0, LETTERS_MAX - 1)}…` : text);
  return {
    animation: false,
    useUTC: true,
    grid: { left: 8, right: 20, top: 16, bottom: 8, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    xAxis: isCategory
      ? { type: "category", data: names.map((name) => belowWord(name, role)), axisLine: line, axisTick: { show: false }, axisLabel: { ...words(), hideOverlap: true, formatter: short, rotate: names.length > 12 ? 35 : 0 } }
      : { type: AXES[role] as "time" | "value", scale: true, axisLine: line, axisTick: { show: false }, splitLine: { show: false }, axisLabel: { ...words(), hideOverlap: true, ...(role === "number" ? { formatter: (value: number) => shortFigure(value) } : {}) } },
    yAxis: { type: "value", scale: kind === "scatter" || kind === "line", axisLabel: { ...words(), formatter: (value: number) => shortFigure(value) }, splitLine: split },
    tooltip: { ...tooltip(), trigger: kind === "scatter" ? "item" : "axis", axisPointer: { type: kind === "bar" ? "shadow" : "line", lineStyle: { color: themeColour("line-strong") }, shadowStyle: { color: themeColour("ink"), opacity: 0.06 } }, formatter: (pointed) => said(pointed, role) },
    series: series.map((one, index) => marks(kind, one.name, one.points.map(([below, value]) => [isCategory ? belowWord(below, role) : below, value]), themeColour(seriesColour(index)))),
  };
}

type Pointed = Parameters<Exclude<NonNullable<TooltipComponentOption["formatter"]>, string>>[0];

/** What stands below, then each series with its value. */
function said(pointed: Pointed, role: Role): string {
  const all = Array.isArray(pointed) ? pointed : [pointed];
  const pairs = all.flatMap(({ seriesName, value }) => (Array.isArray(value) ? [{ seriesName, below: value[0] as string | number, value: Number(value[1]) }] : []));
  const [first] = pairs;
  return first === undefined ? "" : [belowWord(first.below, role), ...pairs.map((one) => `${one.seriesName ?? ""}: ${figure(one.value)}`)].join("\n");
}

function marks(kind: Prepared["kind"], name: string, data: (string | number)[][], colour: string): BarSeriesOption | LineSeriesOption | ScatterSeriesOption {
  if (kind === "bar") {
    return { type: "bar", name, data, barMaxWidth: 48, itemStyle: { color: colour, borderRadius: [3, 3, 0, 0] }, emphasis: { itemStyle: { color: colour } } };
  }
  if (kind === "scatter") {
    return { type: "scatter", name, data, symbolSize: POINT_PX, itemStyle: { color: colour, opacity: data.length > 2_000 ? 0.35 : 0.75 } };
  }
  return {
    type: "line",
    name,
    data,
    sampling: "lttb",
    showSymbol: data.length <= POINTS_SHOWN,
    symbolSize: POINT_PX,
    lineStyle: { color: colour, width: 2 },
    itemStyle: { color: colour },
    ...(kind === "area" ? { areaStyle: { color: colour, opacity: FAINT } } : {}),
  };
}
