// What is there to be found in a workspace: names, and where they lead?

import { queryOptions } from "@tanstack/react-query";
import { answer, api, type Schemas } from "./client";

const FRESH_MS = 120_000;
/** Names of this many relations are held; larger schemas are found by search on their page. */
const RELATIONS_MAX = 60_000;
const FINGERPRINTS_DAYS = 7;
const DAY_MS = 86_400_000;

/** A table or view with the names of its columns. */
export type RelationNames = Schemas["RelationNamesView"];

/** All names of a connection's schema; none where no snapshot was taken yet. */
export const namesQuery = (workspace: string, connection: string) =>
  queryOptions({
    queryKey: ["names", workspace, connection],
    staleTime: FRESH_MS,
    queryFn: async () => {
      const relations: RelationNames[] = [];
      let cursor: string | undefined;
      do {
        const path = { workspace, connection };
        const page: Schemas["NamesView"] = await answer(api.GET("/api/v1/workspaces/{workspace}/connections/{connection}/schema/names", { params: { path, query: { cursor } } }));
        relations.push(...page.items);
        cursor = page.next ?? undefined;
      } while (cursor !== undefined && relations.length < RELATIONS_MAX);
      return relations;
    },
  });

/** The fingerprints that took most time in the last days. */
export const knownFingerprintsQuery = (workspace: string) =>
  queryOptions({
    queryKey: ["known-fingerprints", workspace],
    staleTime: FRESH_MS,
    queryFn: async () => {
      const until = new Date(Math.ceil(Date.now() / 60_000) * 60_000);
      const from = new Date(until.getTime() - FINGERPRINTS_DAYS * DAY_MS);
      const query = { from: from.toISOString(), until: until.toISOString(), group_by: "fingerprint", measure: "total_us", limit: 200 } as const;
      const found = await answer(api.GET("/api/v1/workspaces/{workspace}/traffic/top", { params: { path: { workspace }, query } }));
      return found.items.map((item) => ({ fingerprint: item.key, text: item.text ?? item.key }));
    },
  });

/** Saved queries, rule sets and people, by name: a page of each. */
export const namedQuery = (workspace: string) =>
  queryOptions({
    queryKey: ["named", workspace],
    staleTime: FRESH_MS,
    queryFn: async () => {
      const params = { params: { path: { workspace }, query: { limit: 200 } } };
      const [queries, ruleSets, members] = await Promise.all([
        answer(api.GET("/api/v1/workspaces/{workspace}/queries", params)),
        answer(api.GET("/api/v1/workspaces/{workspace}/rule-sets", params)),
        answer(api.GET("/api/v1/workspaces/{workspace}/members", params)),
      ]);
      return { queries: queries.items, ruleSets: ruleSets.items, members: members.items };
    },
  });
