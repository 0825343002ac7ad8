// Where is a chart of a result drawn? Its code comes with the first one.

import { lazy, Suspense } from "react";
import { whenThere } from "~/api/reachability";
import { Skeleton } from "~/ui/states";
import type { ResultChartProps } from "./result-chart";

const Chart = lazy(async () => ({ default: (await whenThere(() => import("./result-chart"))).ResultChart }));

export function LazyChart(props: ResultChartProps) {
  return (
    <Suspense
      fallback={
        <div role="status" aria-label="Loading the chart" className="border-t border-line p-3">
          <Skeleton className="h-80" />
        </div>
      }
    >
      <Chart {...props} />
    </Suspense>
  );
}
