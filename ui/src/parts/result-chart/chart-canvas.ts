// How does the chart of a result come onto a canvas? The library is loaded with the first chart, and of the kinds of marks
// only what is drawn.

import { init, use as register, type ECharts } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { whenThere } from "~/api/reachability";
import { onAppearance, themeColour } from "../charts/colours";
import { chartOptions } from "./chart-options";
import type { Prepared } from "./prepare";

register(CanvasRenderer);

type Marks = Parameters<typeof register>[0];

/** What draws a kind of chart, on demand: few results are shown in more than one. */
const MARKS: Record<Prepared["kind"], () => Promise<Marks>> = {
  line: async () => (await import("./marks-line")).marks,
  area: async () => (await import("./marks-line")).marks,
  bar: async () => (await import("./marks-bar")).marks,
  scatter: async () => (await import("./marks-scatter")).marks,
  pie: async () => (await import("./marks-pie")).marks,
  number: () => Promise.resolve([]),
};

export interface DrawnChart {
  show: (prepared: Prepared) => void;
  /** As it is seen, twice as fine. */
  picture: () => Promise<Blob | null>;
  /** Ends it; nothing of it stays in the element. */
  dispose: () => void;
}

const FINENESS = 2;

/** A chart as large as `element`, also when that changes, in the colours of the theme. */
export function drawChart(element: HTMLElement): DrawnChart {
  let chart: ECharts | undefined;
  let kind: Prepared["kind"] | undefined;
  let last: Prepared | undefined;
  const show = (prepared: Prepared) => {
    last = prepared;
    void whenThere(MARKS[prepared.kind]).then((marks) => {
      // Another chart may be wanted by now, or none.
      if (last !== prepared) {
        return;
      }
      // A chart knows only the marks that were there when it began.
      if (chart === undefined || kind !== prepared.kind) {
        chart?.dispose();
        register(marks);
        chart = init(element, undefined, { renderer: "canvas" });
        kind = prepared.kind;
      }
      chart.setOption(chartOptions(prepared), { notMerge: true });
    });
  };
  const observer = new ResizeObserver(() => chart?.resize());
  observer.observe(element);
  const deafen = onAppearance(() => last && show(last));
  return {
    show,
    picture: () => new Promise((resolve) => (chart === undefined ? resolve(null) : chart.renderToCanvas({ pixelRatio: FINENESS, backgroundColor: themeColour("surface") }).toBlob(resolve, "image/png"))),
    dispose: () => {
      last = undefined;
      deafen();
      observer.disconnect();
      chart?.dispose();
    },
  };
}
