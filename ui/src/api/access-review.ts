// Who can do what in a workspace, and who has looked at that?

import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { answer, api, type Schemas } from "./client";
import { queryClient } from "./queries";

export type ReviewedMember = Schemas["ReviewedMember"];
export type DoneReview = Schemas["DoneReview"];
export interface ReviewFilter {
  unused_days: number | undefined;
  administers: boolean | undefined;
}

const R = "/api/v1/workspaces/{workspace}/access-review";

export const reviewQuery = (workspace: string, query: ReviewFilter) =>
  queryOptions({ queryKey: ["access-review", workspace, query], queryFn: () => answer(api.GET(R, { params: { path: { workspace }, query } })) });

/** Where a browser downloads the same as CSV. */
export function reviewExportUrl(workspace: string, filter: ReviewFilter): string {
  const words = Object.entries(filter).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]));
  return `/api/v1/workspaces/${encodeURIComponent(workspace)}/access-review/export?${new URLSearchParams(words)}`;
}

export const doneReviewsQuery = (workspace: string) =>
  infiniteQueryOptions({
    queryKey: ["access-review", workspace, "done"],
    queryFn: ({ pageParam }) => answer(api.GET(`${R}/done`, { params: { path: { workspace }, query: { limit: 50, cursor: pageParam } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  });

/** Says that all of what has this digest was looked at; what is shown is read anew where it is not so any more. */
export async function finishReview(workspace: string, draft: Schemas["ReviewDraft"]): Promise<void> {
  try {
    await answer(api.POST(`${R}/done`, { params: { path: { workspace } }, body: draft }));
  } finally {
    await queryClient.invalidateQueries({ queryKey: ["access-review", workspace] });
  }
}
