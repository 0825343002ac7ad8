// Where are earlier runs listed? The code of the list comes with the first one.

import { lazy, Suspense, type ComponentProps } from "react";
import { whenThere } from "~/api/reachability";
import { SkeletonRows } from "~/ui/states";
import type { History } from "./history";

const List = lazy(async () => ({ default: (await whenThere(() => import("./history"))).History }));

export function LazyHistory(props: ComponentProps<typeof History>) {
  return (
    <Suspense fallback={<SkeletonRows />}>
      <List {...props} />
    </Suspense>
  );
}
