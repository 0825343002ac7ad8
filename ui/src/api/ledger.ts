// What is on record: searching the ledger, counting values, one record, what it is worth, taking it away?

import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { answer, api, type Schemas } from "./client";
import type { Told } from "./live-sessions";

/** A line of the ledger. Absent is not known; there may be fields that the console does not know. */
export interface LedgerLine {
  v: number;
  event: string;
  id: string;
  ts: string;
  writer?: string;
  seq?: number;
  workspace?: string;
  listener?: string;
  environment?: string;
  session?: string;
  exchange?: number;
  principal?: { user?: string; database?: string; application?: string; address?: string; tls?: string; certificate?: { names?: string[]; sha256?: string }; on_behalf_of?: string; trace_id?: string };
  kind?: string;
  class?: string;
  fingerprint?: string;
  text?: string;
  tables?: string[];
  effects?: Effects;
  source?: { fingerprint?: string; text?: string; tables?: string[]; effects?: Effects };
  verdict?: string;
  rule?: string;
  would?: { rule?: string; verdict?: string };
  policy_epoch?: number;
  tx?: { state?: string };
  timing_us?: Timing;
  rows?: number;
  bytes_in?: number;
  bytes_out?: number;
  sqlstate?: string;
  message_class?: string;
  lost?: number;
  removed?: { segments: [number, number]; records: number; bytes: number; from: string; until: string };
  note?: string;
  sealed?: { day: string };
  hashes?: (string | null)[];
  withheld?: string;
  prev?: string;
  hash?: string;
}

export interface Effects {
  verb?: string;
  unjudged?: string;
  relations?: { name: string; access: string[] }[];
  functions?: string[];
  marks?: string[];
}

export interface Timing {
  judge?: number;
  forward?: number;
  first?: number;
  last?: number;
  total?: number;
}

export interface LedgerRecord {
  plane: string;
  record: LedgerLine;
}

export interface LedgerPart {
  items: LedgerRecord[];
  next?: string | null;
  records_read: number;
  searched_until?: string | null;
  incomplete: Schemas["MissingView"][];
}

/** The conditions of a search, named as the API names them. */
export interface LedgerFilter {
  from?: string;
  until?: string;
  listeners?: string;
  events?: string;
  user?: string;
  database?: string;
  application?: string;
  session?: string;
  fingerprint?: string;
  table?: string;
  class?: string;
  verdict?: string;
  rule?: string;
  sqlstate?: string;
  text?: string;
  total_us_min?: number;
}

export type FacetField = "verdict" | "class" | "user" | "application" | "listener" | "event" | "sqlstate" | "rule";

/** With `sampled` more may match than were counted: the figures are of the newest. */
export type LedgerFacets = Omit<Schemas["FacetsView"], "facets"> & { facets: (Omit<Schemas["FacetView"], "field"> & { field: FacetField })[] };

export type LedgerCheck = Schemas["LedgerCheckView"];
export type LedgerVerdict = Schemas["LedgerVerdictWord"];
export type LedgerSelfCheck = Omit<Told<Schemas["LedgerSelfCheckView"]>, "last"> & { last?: Schemas["LedgerCheckResultView"] };
/** A data plane's ledger, as far as that knows itself. The API leaves out what is not known. */
export type LedgerPlane = Omit<Told<Schemas["LedgerStatusView"]>, "self_check" | "checkpoint" | "copies" | "retention"> & {
  self_check: LedgerSelfCheck;
  checkpoint?: Told<Schemas["LedgerCheckpointView"]>;
  copies: Told<Schemas["LedgerCopyView"]>[];
  retention: Omit<Told<Schemas["LedgerRetentionView"]>, "last"> & { last?: Schemas["LedgerRemovalView"] };
};
export type LedgerStatuses = Omit<Schemas["LedgerStatusesView"], "planes"> & { planes: LedgerPlane[] };

/** Most records that one export holds. */
export const EXPORT_MAX = 100_000;
const PART = 100;
/** How often it is asked how far a check is, and how the ledger is otherwise. */
const CHECKING_MS = 1_000;
const REST_MS = 15_000;

async function search(workspace: string, filter: LedgerFilter, limit: number, cursor?: string, signal?: AbortSignal): Promise<LedgerPart> {
  const found = await answer(api.GET("/api/v1/workspaces/{workspace}/ledger", { params: { path: { workspace }, query: { ...filter, limit, cursor } }, signal }));
  return found as LedgerPart;
}

/** Records that meet every condition, newest first. */
export const ledgerQuery = (workspace: string, filter: LedgerFilter) =>
  infiniteQueryOptions({
    queryKey: ["ledger", workspace, "search", filter],
    initialPageParam: undefined as string | undefined,
    staleTime: 60_000,
    refetchOnWindowFocus: false,
    placeholderData: keepPreviousData,
    queryFn: ({ pageParam, signal }) => search(workspace, filter, PART, pageParam, signal),
    getNextPageParam: (last) => last.next ?? undefined,
  });

/** Which values the newest matching records have, and how often. */
export const ledgerFacetsQuery = (workspace: string, filter: LedgerFilter) =>
  queryOptions({
    queryKey: ["ledger", workspace, "facets", filter],
    staleTime: 60_000,
    refetchOnWindowFocus: false,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) => (await answer(api.GET("/api/v1/workspaces/{workspace}/ledger/facets", { params: { path: { workspace }, query: filter }, signal }))) as LedgerFacets,
  });

/** One record, wherever it is kept. A record never changes. */
export const ledgerRecordQuery = (workspace: string, record: string) =>
  queryOptions({
    queryKey: ["ledger", workspace, "record", record],
    staleTime: Infinity,
    queryFn: async ({ signal }) => (await answer(api.GET("/api/v1/workspaces/{workspace}/ledger/{record}", { params: { path: { workspace, record } }, signal }))) as LedgerRecord,
  });

/** How the ledger of each data plane is. */
export const ledgerStatusQuery = (workspace: string) =>
  queryOptions<LedgerStatuses>({
    queryKey: ["ledger", workspace, "status"],
    refetchInterval: ({ state }) => (state.data?.planes.some((plane) => plane.self_check.state !== "idle") ? CHECKING_MS : REST_MS),
    queryFn: async ({ signal }) => (await answer(api.GET("/api/v1/workspaces/{workspace}/ledger/status", { params: { path: { workspace } }, signal }))) as LedgerStatuses,
  });

/** Has the gateways, or one of them, read their whole ledgers and check them; how that goes is told with the status. */
export const verifyLedger = (workspace: string, plane?: string) => answer(api.POST("/api/v1/workspaces/{workspace}/ledger/verify", { params: { path: { workspace }, query: { plane } } }));

/** Ends the check that somebody asked for; those that gateways make by themselves go on. */
export const stopVerifying = (workspace: string, plane: string) => answer(api.DELETE("/api/v1/workspaces/{workspace}/ledger/verify", { params: { path: { workspace }, query: { plane } } }));

export type CheckpointMark = Schemas["CheckpointMarkView"];
/** Something that a ledger says of itself; the API leaves out what is not known. */
export type LedgerMark = Omit<Told<Schemas["LedgerMarkView"]>, "checkpoint"> & { checkpoint?: CheckpointMark };

export interface LedgerMarks {
  items: LedgerMark[];
  next?: string | null;
  searched_until?: string | null;
  incomplete: Schemas["MissingView"][];
}

export interface MarksFilter {
  from?: string;
  until?: string;
  events?: string;
}

/** Checkpoints, gaps, removals, erasures, starts and stops, newest first. */
export const ledgerMarksQuery = (workspace: string, filter: MarksFilter) =>
  infiniteQueryOptions({
    queryKey: ["ledger", workspace, "marks", filter],
    initialPageParam: undefined as string | undefined,
    staleTime: 60_000,
    refetchOnWindowFocus: false,
    placeholderData: keepPreviousData,
    queryFn: async ({ pageParam, signal }) => (await answer(api.GET("/api/v1/workspaces/{workspace}/ledger/marks", { params: { path: { workspace }, query: { ...filter, limit: PART, cursor: pageParam } }, signal }))) as LedgerMarks,
    getNextPageParam: (last) => last.next ?? undefined,
  });

export type ExportFormat = "jsonl" | "csv";

/** Where a browser downloads what a search finds. */
export function ledgerExportUrl(workspace: string, filter: LedgerFilter, format: ExportFormat): string {
  const said = Object.entries({ format, ...filter }).flatMap(([name, value]) => (value === undefined || value === "" ? [] : [[name, String(value)]]));
  return `/api/v1/workspaces/${encodeURIComponent(workspace)}/ledger/export?${new URLSearchParams(said).toString()}`;
}

/** Windows in which the record that follows is looked for, the shortest first: searches answer newest first. */
const WINDOWS_MS = [200, 5_000, 120_000, 3_600_000, 86_400_000, 31_536_000_000];
const NEIGHBOURS_MAX = 500;
const PARTS_MAX = 10;

/** The record of the same session before or after this one; `undefined` when it is the first or the last. */
export async function neighbour(workspace: string, line: LedgerLine, way: "before" | "after"): Promise<string | undefined> {
  const session = line.session;
  if (session === undefined) {
    return undefined;
  }
  if (way === "before") {
    // To the next millisecond: a browser's clock has no microseconds.
    return newestBefore(workspace, { session, until: new Date(Date.parse(line.ts) + 1).toISOString() }, line.id);
  }
  for (const window of WINDOWS_MS) {
    const until = new Date(Date.parse(line.ts) + window).toISOString();
    const next = await oldestAfter(workspace, { session, from: line.ts, until }, line.id);
    if (next !== undefined) {
      return next;
    }
  }
  return undefined;
}

/** Ids sort by time. */
async function newestBefore(workspace: string, filter: LedgerFilter, id: string): Promise<string | undefined> {
  let cursor: string | undefined;
  for (let part = 0; part < PARTS_MAX; part += 1) {
    const found = await search(workspace, filter, PART, cursor);
    const before = found.items.find((one) => one.record.id < id);
    cursor = found.next ?? undefined;
    if (before !== undefined || cursor === undefined) {
      return before?.record.id;
    }
  }
  return undefined;
}

async function oldestAfter(workspace: string, filter: LedgerFilter, id: string): Promise<string | undefined> {
  let oldest: string | undefined;
  let cursor: string | undefined;
  for (let part = 0; part < PARTS_MAX; part += 1) {
    const found = await search(workspace, filter, NEIGHBOURS_MAX, cursor);
    oldest = found.items.findLast((one) => one.record.id > id)?.record.id ?? oldest;
    cursor = found.next ?? undefined;
    if (cursor === undefined) {
      break;
    }
  }
  return oldest;
}
