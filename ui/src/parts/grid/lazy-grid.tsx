// Where is a result shown? The code of the grid comes with the first one.

import { lazy, Suspense } from "react";
import { whenThere } from "~/api/reachability";
import { Skeleton } from "~/ui/states";
import type { ResultGridProps } from "./result-grid";

const Grid = lazy(async () => ({ default: (await whenThere(() => import("./result-grid"))).ResultGrid }));

/** As `ResultGrid`: give it the result's id as `key`. */
export function LazyGrid(props: ResultGridProps) {
  return (
    <Suspense
      fallback={
        <div role="status" aria-label="Loading the rows" className="p-3">
          <Skeleton className="h-24" />
        </div>
      }
    >
      <Grid {...props} />
    </Suspense>
  );
}
