// What did people do here?

import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { answer, api, type Schemas } from "./client";

export type ActivityEntry = Schemas["ActivityEntry"];

/** The conditions, named as the API names them. */
export interface ActivityFilter {
  actor?: string;
  action?: string;
  target_kind?: string;
  target?: string;
  from?: string;
  until?: string;
}

/** Entries that meet every condition, newest first. */
export const activityQuery = (workspace: string, filter: ActivityFilter) =>
  infiniteQueryOptions({
    queryKey: ["activity", workspace, filter],
    initialPageParam: undefined as string | undefined,
    placeholderData: keepPreviousData,
    queryFn: ({ pageParam, signal }) => answer(api.GET("/api/v1/workspaces/{workspace}/activity", { params: { path: { workspace }, query: { ...filter, limit: 100, cursor: pageParam } }, signal })),
    getNextPageParam: (last) => last.next ?? undefined,
  });

/** People who can be chosen as actors: the members of today. */
export const actorsQuery = (workspace: string) =>
  queryOptions({
    queryKey: ["activity", workspace, "actors"],
    staleTime: 60_000,
    queryFn: async ({ signal }) => (await answer(api.GET("/api/v1/workspaces/{workspace}/members", { params: { path: { workspace }, query: { limit: 200 } }, signal }))).items,
  });

/** Where a browser downloads the entries, one JSON object a line. */
export function activityExportUrl(workspace: string, filter: ActivityFilter): string {
  const said = Object.entries(filter).filter((entry): entry is [string, string] => Boolean(entry[1]));
  const search = new URLSearchParams(said).toString();
  return `/api/v1/workspaces/${encodeURIComponent(workspace)}/activity/export${search === "" ? "" : `?${search}`}`;
}
