// What does the library need to draw slices?

import { PieChart } from "echarts/charts";
import { TooltipComponent } from "echarts/components";

export const marks = [PieChart, TooltipComponent];
