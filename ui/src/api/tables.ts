// What is in the database behind a connection, and how is it used?

import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { answer, api, type Schemas } from "./client";

export type SchemaEntry = Schemas["SchemaEntryView"];
export type SchemaGroup = Schemas["GroupView"];
export type SchemaObject = Schemas["ObjectView"];
export type TableUsage = Schemas["TableUsageView"];

const PART = 200;
/** As much of a tree as anybody opens; the search finds the rest. */
const OBJECTS_MAX = 2_000;

/** What kinds of objects which schema has. */
export const schemaTreeQuery = (workspace: string, connection: string) =>
  queryOptions({
    queryKey: ["schema", workspace, connection, "tree"],
    staleTime: 60_000,
    queryFn: async () => {
      const groups: SchemaGroup[] = [];
      let cursor: string | undefined;
      do {
        const part = await answer(api.GET("/api/v1/workspaces/{workspace}/connections/{connection}/schema/tree", { params: { path: { workspace, connection }, query: { limit: PART, cursor } } }));
        groups.push(...part.items);
        cursor = part.next ?? undefined;
      } while (cursor !== undefined && groups.length < OBJECTS_MAX);
      return groups;
    },
  });

/** The objects of a schema, of every kind. */
export const schemaObjectsQuery = (workspace: string, connection: string, schema: string) =>
  queryOptions({
    queryKey: ["schema", workspace, connection, "objects", schema],
    staleTime: 60_000,
    queryFn: async (): Promise<{ items: readonly SchemaEntry[]; isCut: boolean }> => {
      const items: SchemaEntry[] = [];
      let cursor: string | undefined;
      do {
        const part = await answer(api.GET("/api/v1/workspaces/{workspace}/connections/{connection}/schema/objects", { params: { path: { workspace, connection }, query: { schema, limit: PART, cursor } } }));
        items.push(...part.items);
        cursor = part.next ?? undefined;
      } while (cursor !== undefined && items.length < OBJECTS_MAX);
      return { items, isCut: cursor !== undefined };
    },
  });

export const schemaSearchQuery = (workspace: string, connection: string, words: string) =>
  infiniteQueryOptions({
    queryKey: ["schema", workspace, connection, "search", words],
    staleTime: 60_000,
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      answer(api.GET("/api/v1/workspaces/{workspace}/connections/{connection}/schema/search", { params: { path: { workspace, connection }, query: { words, limit: 100, cursor: pageParam } }, signal })),
    getNextPageParam: (page) => page.next ?? undefined,
  });

export const schemaObjectQuery = (workspace: string, connection: string, key: string) =>
  queryOptions({
    queryKey: ["schema", workspace, connection, "object", key],
    staleTime: 60_000,
    queryFn: () => answer(api.GET("/api/v1/workspaces/{workspace}/connections/{connection}/schema/objects/{key}", { params: { path: { workspace, connection, key } } })),
  });

export const tableUsageQuery = (workspace: string, connection: string, key: string, range: { from: string; until: string }) =>
  queryOptions({
    queryKey: ["schema", workspace, connection, "usage", key, range],
    queryFn: () =>
      answer(api.GET("/api/v1/workspaces/{workspace}/connections/{connection}/schema/objects/{key}/usage", { params: { path: { workspace, connection, key }, query: range } })),
  });

/** The kinds of objects that statements name in FROM. */
export const RELATIONS: ReadonlySet<string> = new Set(["table", "partitioned_table", "foreign_table", "view", "materialized_view"]);
