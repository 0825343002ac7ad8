// What has the person opened lately, and what have they marked?

import { queryOptions } from "@tanstack/react-query";
import { answer, api, type Schemas } from "./client";

export type ItemKind = Schemas["ItemKind"];

export const recentQuery = (workspace: string) =>
  queryOptions({
    queryKey: ["recent", workspace],
    queryFn: async () => (await answer(api.GET("/api/v1/workspaces/{workspace}/recent", { params: { path: { workspace } } }))).items,
  });

/** Notes that something was opened; `target` is the word that its URL has. */
export async function noteOpened(workspace: string, kind: ItemKind, target: string): Promise<void> {
  await answer(api.PUT("/api/v1/workspaces/{workspace}/recent", { params: { path: { workspace } }, body: { kind, target } }));
}

const FAVOURITES_MAX = 50;

export const favouritesQuery = (workspace: string) =>
  queryOptions({
    queryKey: ["favourites", workspace],
    queryFn: async () => (await answer(api.GET("/api/v1/workspaces/{workspace}/favourites", { params: { path: { workspace }, query: { limit: FAVOURITES_MAX } } }))).items,
  });

export async function addFavourite(workspace: string, kind: ItemKind, target: string): Promise<void> {
  await answer(api.PUT("/api/v1/workspaces/{workspace}/favourites", { params: { path: { workspace } }, body: { kind, target } }));
}

export async function removeFavourite(workspace: string, kind: ItemKind, target: string): Promise<void> {
  await answer(api.DELETE("/api/v1/workspaces/{workspace}/favourites", { params: { path: { workspace }, query: { kind, target } } }));
}

const DAYS_30_MS = 30 * 86_400_000;

/** The text of a statement that was opened; `null` where nobody has told it lately. */
export const fingerprintTextQuery = (workspace: string, fingerprint: string) =>
  queryOptions({
    queryKey: ["recent", workspace, "fingerprint", fingerprint],
    staleTime: Infinity,
    retry: false,
    queryFn: async () => {
      const from = new Date(Date.now() - DAYS_30_MS).toISOString();
      const found = await answer(api.GET("/api/v1/workspaces/{workspace}/fingerprints", { params: { path: { workspace }, query: { fingerprint, from, limit: 1 } } }));
      return found.items[0]?.text ?? "";
    },
  });

const NAMES_MAX = 200;

/** The titles of saved queries by id, as many as one asks for at once; `isWhole` when there are no more. */
export const savedQueryNamesQuery = (workspace: string) =>
  queryOptions({
    queryKey: ["saved-queries", workspace, "names"],
    staleTime: 60_000,
    queryFn: async () => {
      const found = await answer(api.GET("/api/v1/workspaces/{workspace}/queries", { params: { path: { workspace }, query: { limit: NAMES_MAX } } }));
      return { names: new Map(found.items.map((one) => [one.id, one.title])), isWhole: !found.next };
    },
  });

/** A few members and open invitations: enough to know whether somebody is alone. */
export const membersQuery = (workspace: string) =>
  queryOptions({
    queryKey: ["members", workspace, "some"],
    queryFn: async () => (await answer(api.GET("/api/v1/workspaces/{workspace}/members", { params: { path: { workspace }, query: { limit: 2 } } }))).items,
  });

export const invitationsQuery = (workspace: string) =>
  queryOptions({
    queryKey: ["invitations", workspace, "some"],
    queryFn: async () => (await answer(api.GET("/api/v1/workspaces/{workspace}/invitations", { params: { path: { workspace }, query: { limit: 1 } } }))).items,
  });
