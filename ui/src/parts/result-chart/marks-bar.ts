// What does the library need to draw bars?

import { BarChart } from "echarts/charts";
import { GridComponent, TooltipComponent } from "echarts/components";

export const marks = [BarChart, GridComponent, TooltipComponent];
