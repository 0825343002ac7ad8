// Which statements were seen, how often and how fast, by whom, and how does a database run one of them?

import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { answer, api, type Schemas } from "./client";
import type { Measure, Times, TrafficFilter } from "./traffic";

export type CallerShare = Schemas["CallerShare"];
export type NameShare = Schemas["NamedCallsView"];
export type LatencyStep = Schemas["LatencyStepView"];
export type FingerprintExplainInput = Schemas["FingerprintExplainInput"];
export type FingerprintPlan = Schemas["FingerprintPlanView"];

export interface FingerprintFilter extends Omit<TrafficFilter, "fingerprint"> {
  words?: string;
  table?: string;
  class?: string;
}

const PART = 100;

/** Fingerprints by a measure, most first, with what a list shows of each. */
export const fingerprintsQuery = (workspace: string, { from, until }: Times, filter: FingerprintFilter, measure: Measure) =>
  infiniteQueryOptions({
    queryKey: ["fingerprints", workspace, "list", from, until, filter, measure],
    initialPageParam: undefined as string | undefined,
    placeholderData: keepPreviousData,
    queryFn: ({ pageParam, signal }) => {
      const query = { from, until, ...filter, group_by: "fingerprint", measure, detail: true, limit: PART, cursor: pageParam } as const;
      return answer(api.GET("/api/v1/workspaces/{workspace}/traffic/top", { params: { path: { workspace }, query }, signal }));
    },
    getNextPageParam: (page) => page.next ?? undefined,
  });

export interface TableName {
  schema?: string | null;
  name: string;
}

export interface TableUse {
  table: TableName;
  reads: boolean;
  writes: boolean;
}

export interface JoinUse {
  left: TableName;
  left_column: string;
  right: TableName;
  right_column: string;
}

export interface FingerprintUsage {
  /** Whether everything the statement uses is told. */
  complete?: boolean;
  tables: TableUse[];
  columns: { table: TableName; column: string; reads: boolean; writes: boolean }[];
  joins: JoinUse[];
}

export type Fingerprint = Omit<Schemas["FingerprintDetail"], "usage"> & { usage?: FingerprintUsage | null };

/** One fingerprint over a time. */
export const fingerprintQuery = (workspace: string, fingerprint: string, { from, until }: Times) =>
  queryOptions({
    queryKey: ["fingerprints", workspace, fingerprint, from, until],
    // What is old stays while another range is asked, not while another query is.
    placeholderData: (before: Fingerprint | undefined) => (before?.statement.fingerprint === fingerprint ? before : undefined),
    queryFn: async () => (await answer(api.GET("/api/v1/workspaces/{workspace}/fingerprints/{fingerprint}", { params: { path: { workspace, fingerprint }, query: { from, until } } }))) as Fingerprint,
  });

/** The latest statements of a fingerprint that were refused or held. */
export const fingerprintRefusalsQuery = (workspace: string, fingerprint: string, { from, until }: Times) =>
  infiniteQueryOptions({
    queryKey: ["fingerprints", workspace, fingerprint, "refusals", from, until],
    initialPageParam: undefined as string | undefined,
    placeholderData: keepPreviousData,
    queryFn: ({ pageParam }) => answer(api.GET("/api/v1/workspaces/{workspace}/refusals", { params: { path: { workspace }, query: { fingerprint, from, until, limit: 50, cursor: pageParam } } })),
    getNextPageParam: (page) => page.next ?? undefined,
  });

/** Asks a database for the plan of a statement that was seen; it runs only where `analyze` says so. */
export const explainFingerprint = (workspace: string, fingerprint: string, body: FingerprintExplainInput): Promise<FingerprintPlan> =>
  answer(api.POST("/api/v1/workspaces/{workspace}/fingerprints/{fingerprint}/explain", { params: { path: { workspace, fingerprint } }, body }));
