// Which rule sets are there, what do they say, and how does a draft become what is in force?

import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { answer, api, versioned, type Schemas } from "./client";
import type { ToldOutline } from "./outline";

export type RuleSet = Schemas["RuleSetView"];
export type Draft = Schemas["DraftView"];
export type DraftText = Schemas["DraftText"];
/** One mistake; `span` is in bytes of the text. */
export type Diagnostic = Omit<Schemas["DiagnosticView"], "span"> & { span?: readonly number[] | null };
export type CaseResult = Schemas["CaseView"];
export type CasesResult = Omit<Schemas["CasesView"], "diagnostics"> & { diagnostics: readonly Diagnostic[] };
export type RuleSetVersion = Schemas["VersionView"];
/** What is wrong with a document, and what stands in it where it can be read. */
export interface CheckedDocument {
  is_good: boolean;
  rules: number;
  diagnostics: readonly Diagnostic[];
  outline?: ToldOutline | null;
}
export type Replayed = Schemas["ReplayView"];
export type Difference = Schemas["DifferenceView"];
export type Said = Schemas["SaidView"];

export const ruleSetsQuery = (workspace: string) =>
  queryOptions({
    queryKey: ["rule-sets", workspace, "list"],
    queryFn: async () => {
      const found: RuleSet[] = [];
      let cursor: string | undefined;
      do {
        const part = await answer(api.GET("/api/v1/workspaces/{workspace}/rule-sets", { params: { path: { workspace }, query: { limit: 200, cursor } } }));
        found.push(...part.items);
        cursor = part.next ?? undefined;
      } while (cursor !== undefined && found.length < RULE_SETS_MAX);
      return found;
    },
  });

/** A workspace with more has them made by a program. */
const RULE_SETS_MAX = 1_000;

export const ruleSetQuery = (workspace: string, ruleSet: string) =>
  queryOptions({
    queryKey: ["rule-sets", workspace, "one", ruleSet],
    queryFn: () => versioned(api.GET("/api/v1/workspaces/{workspace}/rule-sets/{rule_set}", { params: { path: { workspace, rule_set: ruleSet } } })),
  });

export const draftQuery = (workspace: string, ruleSet: string) =>
  queryOptions({
    queryKey: ["rule-sets", workspace, "draft", ruleSet],
    queryFn: () => versioned(api.GET("/api/v1/workspaces/{workspace}/rule-sets/{rule_set}/draft", { params: { path: { workspace, rule_set: ruleSet } } })),
  });

export const versionsQuery = (workspace: string, ruleSet: string) =>
  infiniteQueryOptions({
    queryKey: ["rule-sets", workspace, "versions", ruleSet],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) => answer(api.GET("/api/v1/workspaces/{workspace}/rule-sets/{rule_set}/versions", { params: { path: { workspace, rule_set: ruleSet }, query: { cursor: pageParam } } })),
    getNextPageParam: (page) => page.next ?? undefined,
  });

export const versionQuery = (workspace: string, ruleSet: string, number: number) =>
  queryOptions({
    queryKey: ["rule-sets", workspace, "version", ruleSet, number],
    staleTime: Infinity,
    queryFn: () => answer(api.GET("/api/v1/workspaces/{workspace}/rule-sets/{rule_set}/versions/{number}", { params: { path: { workspace, rule_set: ruleSet, number } } })),
  });

export const createRuleSet = (workspace: string, draft: Schemas["RuleSetDraft"]): Promise<RuleSet> => answer(api.POST("/api/v1/workspaces/{workspace}/rule-sets", { params: { path: { workspace } }, body: draft }));

export const deleteRuleSet = (workspace: string, ruleSet: string, etag: string): Promise<unknown> =>
  answer(api.DELETE("/api/v1/workspaces/{workspace}/rule-sets/{rule_set}", { params: { path: { workspace, rule_set: ruleSet }, header: { "If-Match": etag } } }));

export const saveDraft = (workspace: string, ruleSet: string, etag: string, draft: DraftText) =>
  versioned(api.PUT("/api/v1/workspaces/{workspace}/rule-sets/{rule_set}/draft", { params: { path: { workspace, rule_set: ruleSet }, header: { "If-Match": etag } }, body: draft }));

export const discardDraft = (workspace: string, ruleSet: string, etag: string): Promise<unknown> =>
  answer(api.DELETE("/api/v1/workspaces/{workspace}/rule-sets/{rule_set}/draft", { params: { path: { workspace, rule_set: ruleSet }, header: { "If-Match": etag } } }));

/** What is wrong with a document. Nothing is saved. */
export const checkRules = (workspace: string, name: string, text: string) =>
  queryOptions({
    queryKey: ["check-rules", workspace, name, text],
    staleTime: 60_000,
    gcTime: 60_000,
    queryFn: async ({ signal }): Promise<CheckedDocument> => (await answer(api.POST("/api/v1/workspaces/{workspace}/rules/check", { params: { path: { workspace } }, body: { name, text }, signal }))) as CheckedDocument,
  });

export const runCases = (workspace: string, ruleSet: string, texts: { text: string; cases: string }): Promise<CasesResult> =>
  answer(api.POST("/api/v1/workspaces/{workspace}/rule-sets/{rule_set}/cases/run", { params: { path: { workspace, rule_set: ruleSet } }, body: texts }));

export const publishRuleSet = (workspace: string, ruleSet: string, etag: string, note: string) =>
  answer(api.POST("/api/v1/workspaces/{workspace}/rule-sets/{rule_set}/publish", { params: { path: { workspace, rule_set: ruleSet }, header: { "If-Match": etag } }, body: { note } }));

export const rollBackRuleSet = (workspace: string, ruleSet: string, body: Schemas["RollBackDraft"]) =>
  answer(api.POST("/api/v1/workspaces/{workspace}/rule-sets/{rule_set}/roll-back", { params: { path: { workspace, rule_set: ruleSet } }, body }));

export interface ReplayInput {
  listener: string;
  text: string;
  from: string;
  until: string;
}

/** What a text would have changed of what happened. It may take some twenty seconds, and nothing is saved. */
export const replayQuery = (workspace: string, ruleSet: string, input: ReplayInput) =>
  queryOptions({
    queryKey: ["replay-rules", workspace, ruleSet, input],
    staleTime: Infinity,
    gcTime: 60_000,
    retry: false,
    queryFn: ({ signal }): Promise<Replayed> => answer(api.POST("/api/v1/workspaces/{workspace}/rule-sets/{rule_set}/replay", { params: { path: { workspace, rule_set: ruleSet } }, body: input, signal })),
  });

/** A statement that was seen, and who asked. */
export interface SeenStatement {
  key: string;
  text: string;
  user: string;
  database: string;
  application: string;
  listener: string;
  verdict: string;
}

const MINUTE_MS = 60_000;
const SEEN_MAX = 100;

/** Statements of the last so many milliseconds: those asked most, or the latest that were refused. */
export const fingerprintsSeenQuery = (workspace: string, of: "traffic" | "refusals", milliseconds: number) =>
  queryOptions({
    queryKey: ["seen-statements", workspace, of, milliseconds],
    staleTime: MINUTE_MS,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }): Promise<SeenStatement[]> => {
      const now = Math.ceil(Date.now() / MINUTE_MS) * MINUTE_MS;
      const times = { from: new Date(now - milliseconds).toISOString(), until: new Date(now).toISOString() };
      if (of === "refusals") {
        const found = await answer(api.GET("/api/v1/workspaces/{workspace}/refusals", { params: { path: { workspace }, query: { ...times, limit: SEEN_MAX } }, signal }));
        return found.items.map(({ at, session, text, caller, listener, verdict }) => ({ key: `${session} ${at}`, text: text ?? "", ...caller, listener, verdict }));
      }
      const query = { ...times, group_by: "fingerprint", measure: "calls", limit: SEEN_MAX, detail: true } as const;
      const found = await answer(api.GET("/api/v1/workspaces/{workspace}/traffic/top", { params: { path: { workspace }, query }, signal }));
      return found.items.map(({ key, text, detail }) => ({ key, text: text ?? "", user: detail?.users[0]?.name ?? "", database: "", application: detail?.applications[0]?.name ?? "", listener: "", verdict: "allow" }));
    },
  });
