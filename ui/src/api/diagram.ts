// How do the tables of a schema hang together, and which pictures of it did people keep?

import { queryOptions } from "@tanstack/react-query";
import { answer, api, versioned, type Schemas } from "./client";

export type GraphRelation = Schemas["GraphRelation"];
export type GraphColumn = Schemas["GraphColumn"];
export type SchemaGraphView = Schemas["GraphView"];
export type SchemaJoins = Schemas["SchemaJoinsView"];
export type SeenJoin = Schemas["SchemaJoinView"];
export type Viewpoint = Schemas["ViewpointView"];
export type Picture = Schemas["Picture"];
export type TableDetail = Schemas["TableDetail"];

/** The API takes no more; more than that nobody reads in one picture. */
export const PICTURE_TABLES_MAX = 400;

/** Tables, columns and declared keys. The same snapshot is the same answer: the browser asks only whether it still is. */
export const schemaGraphQuery = (workspace: string, connection: string) =>
  queryOptions({
    queryKey: ["schema", workspace, connection, "graph"],
    staleTime: 60_000,
    queryFn: ({ signal }) => answer(api.GET("/api/v1/workspaces/{workspace}/connections/{connection}/schema/graph", { params: { path: { workspace, connection } }, signal })),
  });

/** What statements joined, declared or not. */
export const schemaJoinsQuery = (workspace: string, connection: string, range: { from: string; until: string }) =>
  queryOptions({
    queryKey: ["schema", workspace, connection, "joins", range],
    staleTime: 60_000,
    queryFn: ({ signal }) => answer(api.GET("/api/v1/workspaces/{workspace}/connections/{connection}/schema/joins", { params: { path: { workspace, connection }, query: range }, signal })),
  });

/** All of a connection's viewpoints: there are 200 at most. */
export const viewpointsQuery = (workspace: string, connection: string) =>
  queryOptions({
    queryKey: ["viewpoints", workspace, "of", connection],
    queryFn: async (): Promise<readonly Viewpoint[]> => {
      const page = await answer(api.GET("/api/v1/workspaces/{workspace}/viewpoints", { params: { path: { workspace }, query: { connection, limit: 200 } } }));
      return page.items.toSorted((one, other) => one.name.localeCompare(other.name));
    },
  });

/** One of them with its version, to send back with a change. */
export const viewpointQuery = (workspace: string, viewpoint: string) =>
  queryOptions({
    queryKey: ["viewpoints", workspace, "one", viewpoint],
    queryFn: () => versioned(api.GET("/api/v1/workspaces/{workspace}/viewpoints/{viewpoint}", { params: { path: { workspace, viewpoint } } })),
  });

export const createViewpoint = (workspace: string, connection: string, name: string, picture: Picture): Promise<Viewpoint> =>
  answer(api.POST("/api/v1/workspaces/{workspace}/viewpoints", { params: { path: { workspace } }, body: { connection, name, picture } }));

export const changeViewpoint = (workspace: string, viewpoint: string, etag: string, name: string, picture: Picture) =>
  versioned(api.PUT("/api/v1/workspaces/{workspace}/viewpoints/{viewpoint}", { params: { path: { workspace, viewpoint }, header: { "If-Match": etag } }, body: { name, picture } }));

export const deleteViewpoint = (workspace: string, viewpoint: string, etag: string): Promise<unknown> =>
  answer(api.DELETE("/api/v1/workspaces/{workspace}/viewpoints/{viewpoint}", { params: { path: { workspace, viewpoint }, header: { "If-Match": etag } } }));
