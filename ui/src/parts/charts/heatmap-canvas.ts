// How does a heatmap come onto a canvas? The only file that has the library for it: it is loaded where one comes
// into view.

import { HeatmapChart } from "echarts/charts";
import { GridComponent, TooltipComponent, VisualMapContinuousComponent } from "echarts/components";
import { init, use as register } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { onAppearance } from "./colours";
import type { HeatmapCell, HeatmapShown } from "./heatmap-chart";
import { heatmapOptions } from "./heatmap-options";

register([HeatmapChart, GridComponent, TooltipComponent, VisualMapContinuousComponent, CanvasRenderer]);

export interface DrawnHeatmap {
  show: (shown: HeatmapShown) => void;
  /** Ends it; nothing of it stays in the element. */
  dispose: () => void;
}

/** A chart as large as `element`, also when that changes, in the colours of the theme. */
export function drawHeatmap(element: HTMLElement, onOpen: (cell: HeatmapCell) => void): DrawnHeatmap {
  const chart = init(element, undefined, { renderer: "canvas" });
  let last: HeatmapShown | undefined;
  const show = (shown: HeatmapShown) => {
    last = shown;
    chart.setOption(heatmapOptions(shown, () => element.clientWidth), { notMerge: true });
  };
  chart.on("click", ({ dataIndex }) => {
    const cell = last?.cells[dataIndex];
    if (cell && last?.canOpen) {
      onOpen(cell);
    }
  });
  const observer = new ResizeObserver(() => chart.resize());
  observer.observe(element);
  const deafen = onAppearance(() => last && show(last));
  return {
    show,
    dispose: () => {
      deafen();
      observer.disconnect();
      chart.dispose();
    },
  };
}
