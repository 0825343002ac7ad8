// What does the query string of the page say? Tab, filters, sort and time range live there and nowhere else.

import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback } from "react";

export type Search = Partial<Record<string, string>>;

/** The query string, and a way to change parts of it. A change of view replaces, a change of place is pushed. */
export function usePageSearch(): [Search, (change: Search, how?: "push" | "replace") => void] {
  const search: Search = useSearch({ strict: false });
  const navigate = useNavigate();
  const set = useCallback(
    (change: Search, how: "push" | "replace" = "push") => {
      void navigate({ to: ".", search: ((before: Search) => ({ ...before, ...change })) as never, replace: how === "replace", resetScroll: false });
    },
    [navigate],
  );
  return [search, set];
}
