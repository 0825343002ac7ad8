// Which rule sets are published for a listener, and what became of them at its data planes?

import { queryOptions } from "@tanstack/react-query";
import { answer, api, versioned, type Schemas } from "./client";
import { queryClient } from "./queries";

export type Publication = Schemas["PublicationView"];
export type PublicationDraft = Schemas["PublicationDraft"];

const AT = "/api/v1/workspaces/{workspace}/listeners/{listener}/publication";

export const publicationQuery = (workspace: string, listener: string) =>
  queryOptions({
    queryKey: ["publications", workspace, listener],
    queryFn: () => versioned(api.GET(AT, { params: { path: { workspace, listener } } })),
  });

/** The packs that come with the program. */
export const packsQuery = queryOptions({ queryKey: ["packs"], staleTime: Infinity, queryFn: async () => (await answer(api.GET("/api/v1/packs"))).items });

/** What a pack says. */
export const packQuery = (pack: string) => queryOptions({ queryKey: ["packs", pack], staleTime: Infinity, queryFn: () => answer(api.GET("/api/v1/packs/{pack}", { params: { path: { pack } } })) });

async function refresh(workspace: string): Promise<void> {
  await Promise.all(["publications", "listeners", "rule-sets"].map((part) => queryClient.invalidateQueries({ queryKey: [part, workspace] })));
}

/** Takes effect at all connected data planes within seconds. */
export async function publishFor(workspace: string, listener: string, draft: PublicationDraft, etag: string): Promise<Publication> {
  const published = await answer(api.PUT(AT, { params: { path: { workspace, listener }, header: { "If-Match": etag } }, body: draft }));
  await refresh(workspace);
  return published;
}

/** Leaves the listener to its file. */
export async function withdrawFrom(workspace: string, listener: string, etag: string): Promise<void> {
  await answer(api.DELETE(AT, { params: { path: { workspace, listener }, header: { "If-Match": etag } } }));
  await refresh(workspace);
}
