// How are workspaces made, changed and left, and what does an admin of the instance see and change?

import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { answer, api, versioned, type Schemas } from "./client";
import { queryClient } from "./queries";
import { workspacesQuery, type Workspace } from "./workspaces";

export type Account = Schemas["AccountView"];
export type Plane = Schemas["PlaneView"];
export type InstanceEntry = Schemas["ActivityEntry"];

const W = "/api/v1/workspaces/{workspace}";
const PAGE = 100;
const first = undefined as string | undefined;
const next = (page: { next?: string | null }): string | undefined => page.next ?? undefined;

/** The workspace as it is now, with the version that a change goes to. */
export const workspaceVersion = (workspace: string) => versioned(api.GET(W, { params: { path: { workspace } } }));

/** Rule sets that ship with the gateway. */
export const packsQuery = queryOptions({
  queryKey: ["packs", "names"],
  staleTime: Infinity,
  queryFn: async () => (await answer(api.GET("/api/v1/packs"))).items,
});

const forget = async (workspace: string): Promise<void> => {
  queryClient.removeQueries({ queryKey: ["workspace", workspace] });
  await queryClient.invalidateQueries({ queryKey: workspacesQuery.queryKey });
};

export async function changeWorkspace(workspace: string, etag: string, change: Schemas["WorkspaceChange"]): Promise<Workspace> {
  const changed = await answer(api.PATCH(W, { params: { path: { workspace }, header: { "If-Match": etag } }, body: change }));
  await Promise.all([queryClient.invalidateQueries({ queryKey: ["workspace", workspace] }), queryClient.invalidateQueries({ queryKey: workspacesQuery.queryKey })]);
  return changed;
}

export async function createWorkspace(draft: Schemas["WorkspaceDraft"]): Promise<Workspace> {
  const made = await answer(api.POST("/api/v1/workspaces", { body: draft }));
  await queryClient.invalidateQueries({ queryKey: workspacesQuery.queryKey });
  return made;
}

/** `name` repeats the workspace's name: the API asks for it, too. */
export async function deleteWorkspace(workspace: string, name: string): Promise<void> {
  await answer(api.DELETE(W, { params: { path: { workspace }, query: { confirm: name } } }));
  await forget(workspace);
}

export async function leaveWorkspace(workspace: string): Promise<void> {
  await answer(api.DELETE(`${W}/membership`, { params: { path: { workspace } } }));
  await forget(workspace);
}

/** All accounts; `email` keeps the one with it. */
export const accountsQuery = (email: string | undefined) =>
  infiniteQueryOptions({
    queryKey: ["accounts", email ?? ""],
    initialPageParam: first,
    placeholderData: keepPreviousData,
    queryFn: ({ pageParam }) => answer(api.GET("/api/v1/users", { params: { query: { limit: PAGE, cursor: pageParam, email } } })),
    getNextPageParam: next,
  });

/** Changes the account as it is at this moment. */
export async function changeAccount(user: string, change: Schemas["UserChange"]): Promise<Account> {
  const { etag } = await versioned(api.GET("/api/v1/users/{user}", { params: { path: { user } } }));
  const changed = await answer(api.PATCH("/api/v1/users/{user}", { params: { path: { user }, header: { "If-Match": etag } }, body: change }));
  await queryClient.invalidateQueries({ queryKey: ["accounts"] });
  return changed;
}

/** For who lost device and recovery codes. */
export async function resetFactor(user: string): Promise<void> {
  await answer(api.DELETE("/api/v1/users/{user}/second-factor", { params: { path: { user } } }));
  await queryClient.invalidateQueries({ queryKey: ["accounts"] });
}

export const allWorkspacesQuery = infiniteQueryOptions({
  queryKey: ["all-workspaces"],
  initialPageParam: first,
  queryFn: ({ pageParam }) => answer(api.GET("/api/v1/instance/workspaces", { params: { query: { limit: PAGE, cursor: pageParam } } })),
  getNextPageParam: next,
});

export const planesQuery = queryOptions({
  queryKey: ["planes"],
  refetchInterval: 10_000,
  queryFn: async () => (await answer(api.GET("/api/v1/planes"))).items,
});

export async function forgetPlane(plane: string): Promise<void> {
  await answer(api.DELETE("/api/v1/planes/{plane}", { params: { path: { plane } } }));
  await queryClient.invalidateQueries({ queryKey: planesQuery.queryKey });
}

export const instanceActivityQuery = infiniteQueryOptions({
  queryKey: ["instance-activity"],
  initialPageParam: first,
  queryFn: ({ pageParam }) => answer(api.GET("/api/v1/instance/activity", { params: { query: { limit: PAGE, cursor: pageParam } } })),
  getNextPageParam: next,
});
