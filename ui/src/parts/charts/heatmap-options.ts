// How does a heatmap look: boxes, their colours, names beside and below, what is said when one is pointed at?

import type { HeatmapSeriesOption } from "echarts/charts";
import type { GridComponentOption, TooltipComponentOption, VisualMapComponentOption } from "echarts/components";
import type { ComposeOption } from "echarts/core";
import { themeColour } from "./colours";
import type { HeatmapShown } from "./heatmap-chart";

export type HeatmapOptions = ComposeOption<HeatmapSeriesOption | GridComponentOption | TooltipComponentOption | VisualMapComponentOption>;

/** Every so many columns one has its name below; where it is narrow every so many of those. */
const NAMED = 3;
const NAMED_NARROW = 2 * NAMED;
const NARROW_PX = 400;
const WEAKEST = 12;
const FULL = 100;
const FONT_PX = 11;
/** Between boxes, seen as a line of what is below them. */
const GAP_PX = 2;

/** How strong the colour of a value is, in percent: by its root, so that little is seen beside much. */
export function strength(value: number, highest: number): number {
  return value <= 0 || highest <= 0 ? 0 : Math.round(WEAKEST + (FULL - WEAKEST) * Math.sqrt(Math.min(value / highest, 1)));
}

const bare = { axisLine: { show: false }, axisTick: { show: false }, splitLine: { show: false } } as const;

/** Colours are read when it is called: call it again when the theme changes. `width` is asked when names are placed. */
export function heatmapOptions({ columns, rows, cells, colour, canOpen }: HeatmapShown, width: () => number): HeatmapOptions {
  const highest = cells.reduce((most, cell) => Math.max(most, cell.value), 0);
  const words = { color: themeColour("ink-faint"), fontSize: FONT_PX, fontFamily: getComputedStyle(document.body).fontFamily };
  return {
    animation: false,
    grid: { left: 0, right: 0, top: 0, bottom: 0, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    xAxis: { type: "category", data: [...columns], ...bare, axisLabel: { ...words, interval: (index) => index % (width() < NARROW_PX ? NAMED_NARROW : NAMED) === 0, margin: 6 } },
    yAxis: { type: "category", data: [...rows], inverse: true, ...bare, axisLabel: { ...words, interval: 0, margin: 8 } },
    visualMap: { type: "continuous", show: false, min: 0, max: FULL, inRange: { color: [themeColour("subtle"), themeColour(colour)] } },
    tooltip: {
      renderMode: "richText",
      confine: true,
      transitionDuration: 0,
      backgroundColor: themeColour("raised"),
      borderColor: themeColour("line-strong"),
      borderWidth: 1,
      padding: [6, 8],
      textStyle: { ...words, color: themeColour("ink"), fontSize: 12 },
      formatter: (pointed) => (Array.isArray(pointed) ? "" : (cells[pointed.dataIndex]?.says ?? "")),
    },
    series: {
      type: "heatmap",
      cursor: canOpen ? "pointer" : "default",
      data: cells.map((cell) => [cell.column, cell.row, strength(cell.value, highest)]),
      itemStyle: { borderWidth: GAP_PX, borderColor: themeColour("surface"), borderRadius: 4 },
      // Said, because otherwise it becomes lighter: another figure, by the scale.
      emphasis: { itemStyle: { color: "inherit", borderColor: themeColour("ink-soft") } },
    },
  };
}
