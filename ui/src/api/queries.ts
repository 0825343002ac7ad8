// How are answers of the API kept, refreshed and tried again?

import { QueryClient } from "@tanstack/react-query";
import { ProblemError, UnreachableError } from "./problem";
import { onReturn } from "./reachability";

const TRIES_MAX = 2;

/** What the API said no to stays no; what it could not say may be asked again. */
function retry(failures: number, error: unknown): boolean {
  if (error instanceof UnreachableError) {
    return false;
  }
  return error instanceof ProblemError && error.status === 503 && failures < TRIES_MAX;
}

/** The one cache of everything the server said. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      // An API that is away is asked by `reachability`, not by every part of the page.
      networkMode: "always",
      retry,
      refetchOnWindowFocus: true,
    },
    mutations: { networkMode: "always", retry: false },
  },
});

onReturn(() => void queryClient.invalidateQueries());
