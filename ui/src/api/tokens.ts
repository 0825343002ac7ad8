// Which personal access tokens does the person have?

import { queryOptions } from "@tanstack/react-query";
import { answer, api, type Schemas } from "./client";
import { queryClient } from "./queries";

export type Token = Schemas["TokenView"];
export type MadeToken = Schemas["MadeToken"];
export type Scope = Schemas["Scope"];

export const tokensQuery = queryOptions({ queryKey: ["tokens"], queryFn: async () => (await answer(api.GET("/api/v1/tokens", { params: { query: { limit: 200 } } }))).items });

export async function createToken(draft: Schemas["TokenDraft"]): Promise<MadeToken> {
  const made = await answer(api.POST("/api/v1/tokens", { body: draft }));
  await queryClient.invalidateQueries({ queryKey: ["tokens"] });
  return made;
}

export async function revokeToken(token: string): Promise<void> {
  await answer(api.DELETE("/api/v1/tokens/{token}", { params: { path: { token } } }));
  await queryClient.invalidateQueries({ queryKey: ["tokens"] });
}

/** What a new token is tried on: the workspaces of a person, or the one of a machine. */
export const firstAsked = (workspace?: string): string => `/api/v1/workspaces${workspace === undefined ? "" : `/${encodeURIComponent(workspace)}`}`;
