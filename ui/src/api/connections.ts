// Which databases is the workspace connected to, and how are they?

import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { answer, api, versioned, type Schemas } from "./client";
import { queryClient } from "./queries";

export type Connection = Schemas["ConnectionView"];
export type Environment = Schemas["EnvironmentWord"];
export type ConnectionDraft = Schemas["ConnectionDraft"];
export type ConnectionEdit = Schemas["ConnectionEdit"];
export type ConnectionTest = Schemas["TestView"];
export type ConnectionHealth = Schemas["HealthView"];
export type Snapshot = Schemas["SnapshotView"];
export type SchemaDiff = Schemas["DiffView"];

const BASE = "/api/v1/workspaces/{workspace}/connections";
const ONE = "/api/v1/workspaces/{workspace}/connections/{connection}";
const path = (workspace: string, connection: string) => ({ workspace, connection });

export const connectionsQuery = (workspace: string) =>
  queryOptions({
    queryKey: ["connections", workspace],
    queryFn: async () => (await answer(api.GET(BASE, { params: { path: { workspace }, query: { limit: 200 } } }))).items,
  });

export const connectionQuery = (workspace: string, connection: string) =>
  queryOptions({
    queryKey: ["connections", workspace, connection],
    queryFn: () => answer(api.GET(ONE, { params: { path: path(workspace, connection) } })),
  });

/** The connection with the version that a change is made to. */
export const connectionVersionQuery = (workspace: string, connection: string) =>
  queryOptions({
    queryKey: ["connections", workspace, connection, "version"],
    // A form begins with what holds when it opens; while somebody types nothing is put below their hands.
    refetchOnWindowFocus: false,
    staleTime: 0,
    queryFn: () => versioned(api.GET(ONE, { params: { path: path(workspace, connection) } })),
  });

export const connectionHealthQuery = (workspace: string, connection: string) =>
  queryOptions({
    queryKey: ["connections", workspace, connection, "health"],
    refetchInterval: 15_000,
    queryFn: () => answer(api.GET(`${ONE}/health`, { params: { path: path(workspace, connection) } })),
  });

export const connectionUsageQuery = (workspace: string, connection: string, days: number) =>
  queryOptions({
    queryKey: ["connections", workspace, connection, "usage", days],
    queryFn: () => answer(api.GET(`${ONE}/usage`, { params: { path: path(workspace, connection), query: { days } } })),
  });

/** The schemas that the database had, the latest first. */
export const snapshotsQuery = (workspace: string, connection: string) =>
  infiniteQueryOptions({
    queryKey: ["connections", workspace, connection, "snapshots"],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) => answer(api.GET(`${ONE}/schema/snapshots`, { params: { path: path(workspace, connection), query: { limit: 50, cursor: pageParam } } })),
    getNextPageParam: (page) => page.next ?? undefined,
  });

export const snapshotQuery = (workspace: string, connection: string, snapshot: string) =>
  queryOptions({
    queryKey: ["connections", workspace, connection, "snapshots", snapshot],
    queryFn: () => answer(api.GET(`${ONE}/schema/snapshots/{snapshot}`, { params: { path: { ...path(workspace, connection), snapshot } } })),
  });

export const schemaDiffQuery = (workspace: string, connection: string, before: string, after: string) =>
  queryOptions({
    queryKey: ["connections", workspace, connection, "diff", before, after],
    // Two snapshots never change.
    staleTime: Infinity,
    queryFn: () => answer(api.GET(`${ONE}/schema/diff`, { params: { path: path(workspace, connection), query: { before, after } } })),
  });

const refresh = (workspace: string) => queryClient.invalidateQueries({ queryKey: ["connections", workspace] });

/** Tries what was typed, without keeping it. */
export const testDraft = (workspace: string, draft: ConnectionDraft, signal?: AbortSignal) =>
  answer(api.POST(`${BASE}/test`, { params: { path: { workspace } }, body: draft, signal }));

/** Tries a connection as it is saved, with the password that is kept. */
export const testConnection = (workspace: string, connection: string, signal?: AbortSignal) =>
  answer(api.POST(`${ONE}/test`, { params: { path: path(workspace, connection) }, signal }));

export async function createConnection(workspace: string, draft: ConnectionDraft): Promise<Connection> {
  const made = await answer(api.POST(BASE, { params: { path: { workspace } }, body: draft }));
  await refresh(workspace);
  return made;
}

/** Changes the version that `etag` names; the problem `changed` says that somebody else was faster. */
export async function changeConnection(workspace: string, connection: string, etag: string, edit: ConnectionEdit): Promise<Connection> {
  const changed = await answer(api.PATCH(ONE, { params: { path: path(workspace, connection), header: { "If-Match": etag } }, body: edit }));
  await refresh(workspace);
  return changed;
}

/** Deletes the version that the API says now: whoever confirms has seen the name they typed. */
export async function deleteConnection(workspace: string, connection: string): Promise<void> {
  const { etag } = await versioned(api.GET(ONE, { params: { path: path(workspace, connection) } }));
  await answer(api.DELETE(ONE, { params: { path: path(workspace, connection), header: { "If-Match": etag } } }));
  queryClient.removeQueries({ queryKey: ["connections", workspace, connection] });
  await refresh(workspace);
}

/** Looks at the database now, in place of when it is due. */
export async function checkConnection(workspace: string, connection: string): Promise<ConnectionHealth> {
  const health = await answer(api.POST(`${ONE}/check`, { params: { path: path(workspace, connection) } }));
  await refresh(workspace);
  return health;
}

/** Reads the schema now, at most for a minute; what is shown of the schema before is asked again. */
export async function takeSnapshot(workspace: string, connection: string): Promise<Schemas["TakenView"]> {
  const taken = await answer(api.POST(`${ONE}/schema/snapshots`, { params: { path: path(workspace, connection) } }));
  const shown = [["schema", workspace, connection], ["names", workspace, connection]];
  await Promise.all([refresh(workspace), ...shown.map((queryKey) => queryClient.invalidateQueries({ queryKey }))]);
  return taken;
}
