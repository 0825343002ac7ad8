// What is in the database behind a connection, how was it before, and how is it used?

import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { answer, api, request, type Schemas } from "./client";
import { queryClient } from "./queries";
import type { paths } from "./schema";

export type SchemaEntry = Schemas["SchemaEntryView"];
export type SchemaGroup = Schemas["GroupView"];
export type SchemaObject = Schemas["ObjectView"];
export type TableUsage = Schemas["TableUsageView"];
export type TableUse = Schemas["UsedTableView"];
export type ObjectHistory = Schemas["ObjectHistoryView"];
export type Dependent = Schemas["DependentView"];
export type Taken = Schemas["TakenView"];

const AT = "/api/v1/workspaces/{workspace}/connections/{connection}/schema";

type TablesAsked = NonNullable<paths[`${typeof AT}/tables`]["get"]["parameters"]["query"]>;
export type TableOrder = NonNullable<TablesAsked["order"]>;
type Kind = NonNullable<TablesAsked["kind"]>;

const path = (workspace: string, connection: string) => ({ workspace, connection });

/** Lines of a tree that are asked for at a time. */
export const LEAVES = 200;
/** As many groups as anybody looks through; the search finds the rest. */
const GROUPS_MAX = 2_000;

/** What kinds of objects which schema has. */
export const schemaTreeQuery = (workspace: string, connection: string) =>
  queryOptions({
    queryKey: ["schema", workspace, connection, "tree"],
    staleTime: 60_000,
    queryFn: async () => {
      const groups: SchemaGroup[] = [];
      let cursor: string | undefined;
      let snapshot = "";
      do {
        const part = await answer(api.GET(`${AT}/tree`, { params: { path: path(workspace, connection), query: { limit: 200, cursor } } }));
        groups.push(...part.items);
        snapshot = part.snapshot;
        cursor = part.next ?? undefined;
      } while (cursor !== undefined && groups.length < GROUPS_MAX);
      return { groups, snapshot };
    },
  });

/** Which lines of the tree. */
export interface Leaves {
  snapshot: string;
  schema: string;
  kind: string;
  /** From 0, each of {@link LEAVES}. */
  part: number;
}

/** An object in the tree; what was seen of it where that is asked for. */
export interface Leaf {
  object: SchemaEntry;
  use?: { reads: number; writes: number; lastSeenAt: string | undefined };
}

/** A part of the objects of one kind in one schema; `used` asks for use since a moment, and of tables only. */
export const leavesQuery = (workspace: string, connection: string, leaves: Leaves, used: { from: string; until: string } | undefined) =>
  queryOptions({
    queryKey: ["schema", workspace, connection, "leaves", leaves, used],
    staleTime: 60_000,
    queryFn: async (): Promise<Leaf[]> => {
      const query = { snapshot: leaves.snapshot, schema: leaves.schema, kind: leaves.kind as Kind, limit: LEAVES, offset: leaves.part * LEAVES };
      if (used === undefined) {
        const { items } = await answer(api.GET(`${AT}/objects`, { params: { path: path(workspace, connection), query } }));
        return items.map((object) => ({ object }));
      }
      const { items, listeners } = await answer(api.GET(`${AT}/tables`, { params: { path: path(workspace, connection), query: { ...query, ...used } } }));
      return items.map(({ object, reads, writes, last_seen_at }) => (listeners.length === 0 ? { object } : { object, use: { reads, writes, lastSeenAt: last_seen_at ?? undefined } }));
    },
  });

/** Which tables, by use. */
export interface TableFilter {
  order: TableOrder;
  text?: string;
  schema?: string;
  kind?: string;
  unused_days?: number;
}

/** Tables by how much they are used, or by what they hold. */
export const tablesQuery = (workspace: string, connection: string, filter: TableFilter, range: { from: string; until: string }) =>
  infiniteQueryOptions({
    queryKey: ["schema", workspace, connection, "tables", filter, range],
    staleTime: 60_000,
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) => answer(api.GET(`${AT}/tables`, { params: { path: path(workspace, connection), query: { ...filter, kind: filter.kind as Kind | undefined, ...range, limit: 100, cursor: pageParam } }, signal })),
    getNextPageParam: (page) => page.next ?? undefined,
  });

export const schemaSearchQuery = (workspace: string, connection: string, words: string) =>
  infiniteQueryOptions({
    queryKey: ["schema", workspace, connection, "search", words],
    staleTime: 60_000,
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) => answer(api.GET(`${AT}/search`, { params: { path: path(workspace, connection), query: { words, limit: 100, cursor: pageParam } }, signal })),
    getNextPageParam: (page) => page.next ?? undefined,
  });

/** One object, as it is or as it was in a snapshot. */
export const schemaObjectQuery = (workspace: string, connection: string, key: string, snapshot?: string) =>
  queryOptions({
    queryKey: snapshot === undefined ? ["schema", workspace, connection, "object", key] : ["schema", workspace, connection, "object", key, snapshot],
    // What a snapshot holds never changes.
    staleTime: snapshot === undefined ? 60_000 : Infinity,
    queryFn: () => answer(api.GET(`${AT}/objects/{key}`, { params: { path: { ...path(workspace, connection), key }, query: { snapshot } } })),
  });

/** Use of a table in a range; of its statements only those that use `column`, where one is named. */
export const tableUsageQuery = (workspace: string, connection: string, key: string, range: { from: string; until: string }, column?: string) =>
  queryOptions({
    queryKey: ["schema", workspace, connection, "usage", key, range, ...(column === undefined ? [] : [column])],
    queryFn: () => answer(api.GET(`${AT}/objects/{key}/usage`, { params: { path: { ...path(workspace, connection), key }, query: { ...range, column } } })),
  });

export const dependentsQuery = (workspace: string, connection: string, key: string) =>
  queryOptions({
    queryKey: ["schema", workspace, connection, "dependents", key],
    staleTime: 60_000,
    queryFn: () => answer(api.GET(`${AT}/objects/{key}/dependents`, { params: { path: { ...path(workspace, connection), key } } })),
  });

export const objectHistoryQuery = (workspace: string, connection: string, key: string) =>
  queryOptions({
    queryKey: ["schema", workspace, connection, "history", key],
    staleTime: 60_000,
    queryFn: () => answer(api.GET(`${AT}/objects/{key}/history`, { params: { path: { ...path(workspace, connection), key } } })),
  });

export type SchemaFileKind = "application/json" | "text/csv";

/** Takes in a schema that a file describes: all of it, or nothing. What is shown of the schema is asked again. */
export async function uploadSchema(workspace: string, connection: string, file: Blob, kind: SchemaFileKind, signal?: AbortSignal): Promise<Taken> {
  const to = `/api/v1/workspaces/${encodeURIComponent(workspace)}/connections/${encodeURIComponent(connection)}/schema/upload`;
  const response = await request(to, { method: "POST", body: file, headers: { "Content-Type": kind }, signal });
  const taken = (await response.json()) as Taken;
  await Promise.all([["connections", workspace], ["schema", workspace, connection], ["names", workspace, connection]].map((queryKey) => queryClient.invalidateQueries({ queryKey })));
  return taken;
}

/** The kinds of objects that statements name in FROM. */
export const RELATIONS: ReadonlySet<string> = new Set(["table", "partitioned_table", "foreign_table", "view", "materialized_view"]);
