// Which queries did people keep, what did they say before, and which does one mark?

import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { answer, api, versioned, type Schemas } from "./client";

export type SavedQuery = Schemas["QueryView"];
export type SavedQueryDraft = Schemas["QueryDraft"];
export type SavedQueryVersion = Schemas["QueryVersionView"];
export type Parameter = Schemas["Parameter"];
export type ParameterType = Schemas["ParameterType"];

export const PARAMETER_TYPES: readonly ParameterType[] = ["text", "integer", "number", "boolean", "date", "timestamp", "uuid", "json"];

export const savedQueriesQuery = (workspace: string, filter: { tag?: string; owner?: string; connection?: string }) =>
  infiniteQueryOptions({
    queryKey: ["saved-queries", workspace, "list", filter],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) => answer(api.GET("/api/v1/workspaces/{workspace}/queries", { params: { path: { workspace }, query: { ...filter, limit: 100, cursor: pageParam } } })),
    getNextPageParam: (page) => page.next ?? undefined,
  });

/** One of them with its version, to send back with a change. */
export const savedQueryQuery = (workspace: string, query: string) =>
  queryOptions({
    queryKey: ["saved-queries", workspace, "one", query],
    queryFn: () => versioned(api.GET("/api/v1/workspaces/{workspace}/queries/{query}", { params: { path: { workspace, query } } })),
  });

export const savedQueryVersionsQuery = (workspace: string, query: string) =>
  infiniteQueryOptions({
    queryKey: ["saved-queries", workspace, "versions", query],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) => answer(api.GET("/api/v1/workspaces/{workspace}/queries/{query}/versions", { params: { path: { workspace, query }, query: { cursor: pageParam } } })),
    getNextPageParam: (page) => page.next ?? undefined,
  });

export const tagsQuery = (workspace: string) =>
  queryOptions({
    queryKey: ["saved-queries", workspace, "tags"],
    queryFn: async () => (await answer(api.GET("/api/v1/workspaces/{workspace}/query-tags", { params: { path: { workspace } } }))).items,
  });

export const createSavedQuery = (workspace: string, draft: SavedQueryDraft): Promise<SavedQuery> =>
  answer(api.POST("/api/v1/workspaces/{workspace}/queries", { params: { path: { workspace } }, body: draft }));

export const changeSavedQuery = (workspace: string, query: string, etag: string, draft: SavedQueryDraft) =>
  versioned(api.PUT("/api/v1/workspaces/{workspace}/queries/{query}", { params: { path: { workspace, query }, header: { "If-Match": etag } }, body: draft }));

export const deleteSavedQuery = (workspace: string, query: string, etag: string): Promise<unknown> =>
  answer(api.DELETE("/api/v1/workspaces/{workspace}/queries/{query}", { params: { path: { workspace, query }, header: { "If-Match": etag } } }));

export const restoreSavedQuery = (workspace: string, query: string, version: number, etag: string) =>
  versioned(api.POST("/api/v1/workspaces/{workspace}/queries/{query}/versions/{version}/restore", { params: { path: { workspace, query, version }, header: { "If-Match": etag } } }));

/** The queries that the person marked. */
export const favouriteQueriesQuery = (workspace: string) =>
  queryOptions({
    queryKey: ["favourites", workspace, "query"],
    queryFn: async () => {
      const page = await answer(api.GET("/api/v1/workspaces/{workspace}/favourites", { params: { path: { workspace }, query: { limit: 200 } } }));
      return new Set(page.items.filter((one) => one.kind === "query").map((one) => one.target));
    },
  });

export const markQuery = (workspace: string, target: string, marked: boolean): Promise<unknown> =>
  marked
    ? answer(api.PUT("/api/v1/workspaces/{workspace}/favourites", { params: { path: { workspace } }, body: { kind: "query", target } }))
    : answer(api.DELETE("/api/v1/workspaces/{workspace}/favourites", { params: { path: { workspace }, query: { kind: "query", target } } }));
