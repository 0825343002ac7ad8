// What does the library need to draw lines and areas?

import { LineChart } from "echarts/charts";
import { GridComponent, TooltipComponent } from "echarts/components";

export const marks = [LineChart, GridComponent, TooltipComponent];
