// How does a form begin with the version that it changes?

import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Failed, SkeletonRows } from "~/ui/states";
import type { Version } from "./use-versioned";

/** Asked anew each time a form opens, and never put below what somebody types. */
export function LoadedVersion<D>({ name, load, children }: { name: readonly string[]; load: () => Promise<Version<D>>; children: (base: Version<D>) => ReactNode }) {
  const { data, error, refetch } = useQuery({ queryKey: ["version", ...name], queryFn: load, gcTime: 0, staleTime: Infinity, refetchOnWindowFocus: false });
  if (data === undefined) {
    return error ? <Failed error={error} onRetry={() => void refetch()} /> : <SkeletonRows rows={3} />;
  }
  return <>{children(data)}</>;
}
