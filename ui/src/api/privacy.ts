// What is kept about people: in a workspace, and of who asks?

import { queryOptions } from "@tanstack/react-query";
import { answer, api, type Schemas } from "./client";

export type PrivacyKnown = Schemas["PrivacyView"];
export type Periods = Schemas["PeriodsView"];
export type KeepingRule = Schemas["KeepingRuleView"];
export type KeptKind = Schemas["KeptView"];

/** How long things are kept, and which rules have values kept. */
export const privacyQuery = (workspace: string) =>
  queryOptions({
    queryKey: ["privacy", workspace],
    staleTime: 60_000,
    queryFn: ({ signal }) => answer(api.GET("/api/v1/workspaces/{workspace}/privacy", { params: { path: { workspace } }, signal })),
  });

/** How much is kept of who asks. */
export const keptQuery = queryOptions({
  queryKey: ["profile", "kept"],
  queryFn: async ({ signal }) => (await answer(api.GET("/api/v1/profile/kept", { signal }))).kinds,
});
