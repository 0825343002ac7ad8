// What does the library need to draw points?

import { ScatterChart } from "echarts/charts";
import { GridComponent, TooltipComponent } from "echarts/components";

export const marks = [ScatterChart, GridComponent, TooltipComponent];
