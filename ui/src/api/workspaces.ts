// Which workspaces does the person belong to, and what may they do there?

import { queryOptions } from "@tanstack/react-query";
import { answer, api, type Schemas } from "./client";

export type Workspace = Schemas["WorkspaceView"];
export type Capability = Schemas["Capability"];

/** All of the person's workspaces: there are seldom more than a page of them. */
export const workspacesQuery = queryOptions({
  queryKey: ["workspaces"],
  staleTime: 60_000,
  queryFn: async () => (await answer(api.GET("/api/v1/workspaces", { params: { query: { limit: 200 } } }))).items,
});

export const workspaceQuery = (workspace: string) =>
  queryOptions({
    queryKey: ["workspace", workspace],
    staleTime: 30_000,
    queryFn: () => answer(api.GET("/api/v1/workspaces/{workspace}", { params: { path: { workspace } } })),
  });

/** Whether a capability is among those the person has in the workspace. The server decides; this only shows. */
export const may = (workspace: Workspace, capability: Capability): boolean => workspace.capabilities?.includes(capability) ?? false;
