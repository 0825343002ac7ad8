// What goes through the workspace's listeners: how much, how fast, by whom, and what was refused?

import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { answer, api, type Schemas } from "./client";

export type Sums = Schemas["SumsView"];
export type Point = Schemas["PointView"];
export type Covered = Schemas["CoveredView"];
export type TopItem = Schemas["TopItem"];
export type SlowerItem = Schemas["SlowerItem"];
export type ErrorItem = Schemas["ErrorItem"];
export type Refusal = Schemas["RefusalView"];
export type RuleCount = Schemas["RuleCountView"];

/** What traffic is looked at; what is not said is not narrowed. */
export interface TrafficFilter {
  listener?: string;
  user?: string;
  database?: string;
  application?: string;
  fingerprint?: string;
}

/** The time looked at: `useRange` makes one. */
export interface Times {
  from: string;
  until: string;
}

export type GroupBy = "fingerprint" | "user" | "application" | "database" | "table" | "listener" | "class" | "caller";
export type Measure = "calls" | "total_us" | "mean" | "p50" | "p95" | "p99" | "max" | "rows" | "bytes" | "errors" | "refusals";

const MINUTE_MS = 60_000;

/** Sums by step of time. */
export const seriesQuery = (workspace: string, { from, until }: Times, filter: TrafficFilter = {}, step_minutes?: number) =>
  queryOptions({
    queryKey: ["traffic", workspace, "series", from, until, filter, step_minutes],
    placeholderData: keepPreviousData,
    queryFn: () => answer(api.GET("/api/v1/workspaces/{workspace}/traffic/series", { params: { path: { workspace }, query: { from, until, ...filter, step_minutes } } })),
  });

/** Sums by minute of the last so many minutes, asked again each minute: what live charts begin with. */
export const recentMinutesQuery = (workspace: string, minutes: number, filter: TrafficFilter = {}, enabled = true) =>
  queryOptions({
    queryKey: ["traffic", workspace, "minutes", minutes, filter],
    enabled,
    staleTime: 0,
    refetchInterval: MINUTE_MS / 2,
    placeholderData: keepPreviousData,
    queryFn: () => {
      const now = Date.now();
      const from = new Date(now - minutes * MINUTE_MS).toISOString();
      return answer(api.GET("/api/v1/workspaces/{workspace}/traffic/series", { params: { path: { workspace }, query: { from, until: new Date(now).toISOString(), ...filter, step_minutes: 1 } } }));
    },
  });

/** Sums by hour (or several hours, where hours are forgotten), by UTC. */
export const heatmapQuery = (workspace: string, { from, until }: Times, filter: TrafficFilter = {}) =>
  queryOptions({
    queryKey: ["traffic", workspace, "heatmap", from, until, filter],
    staleTime: MINUTE_MS,
    placeholderData: keepPreviousData,
    queryFn: () => answer(api.GET("/api/v1/workspaces/{workspace}/traffic/heatmap", { params: { path: { workspace }, query: { from, until, ...filter } } })),
  });

/** The groups with most of a measure, and what all of them come to. */
export const topQuery = (workspace: string, { from, until }: Times, group_by: GroupBy, measure: Measure, filter: TrafficFilter = {}, limit = 8) =>
  queryOptions({
    queryKey: ["traffic", workspace, "top", from, until, group_by, measure, filter, limit],
    placeholderData: keepPreviousData,
    queryFn: () => answer(api.GET("/api/v1/workspaces/{workspace}/traffic/top", { params: { path: { workspace }, query: { from, until, ...filter, group_by, measure, limit } } })),
  });

/** Errors by SQLSTATE, the most frequent first. */
export const errorsQuery = (workspace: string, { from, until }: Times, filter: TrafficFilter = {}) =>
  queryOptions({
    queryKey: ["traffic", workspace, "errors", from, until, filter],
    placeholderData: keepPreviousData,
    queryFn: () => answer(api.GET("/api/v1/workspaces/{workspace}/traffic/errors", { params: { path: { workspace }, query: { from, until, ...filter } } })),
  });

/** Statements that are slower in the last hour than in the same hour of the seven days before. */
export const slowerQuery = (workspace: string) =>
  queryOptions({
    queryKey: ["traffic", workspace, "slower"],
    staleTime: MINUTE_MS,
    refetchInterval: MINUTE_MS,
    queryFn: async () => (await answer(api.GET("/api/v1/workspaces/{workspace}/traffic/slower", { params: { path: { workspace } } }))).items,
  });

/** Statements that were refused or held, the latest first. */
export const refusalsQuery = (workspace: string, { from, until }: Times, limit = 8) =>
  queryOptions({
    queryKey: ["refusals", workspace, from, until, limit],
    placeholderData: keepPreviousData,
    queryFn: async () => (await answer(api.GET("/api/v1/workspaces/{workspace}/refusals", { params: { path: { workspace }, query: { from, until, limit } } }))).items,
  });

/** So many refusals are counted one by one; where there are more, the API counts them by whole hours. */
export const COUNTED_MAX = 200;

/** How often each rule said no, of refusals at hand; the most frequent first. */
export function countedByRule(refusals: readonly Refusal[]): RuleCount[] {
  const counts = new Map<string, RuleCount>();
  for (const { rule, verdict } of refusals) {
    const key = `${verdict} ${rule}`;
    counts.set(key, { rule, verdict, refusals: (counts.get(key)?.refusals ?? 0) + 1 });
  }
  return [...counts.values()].sort((one, other) => other.refusals - one.refusals);
}

/** Which rules refused how often, in the whole hours around the range. */
export const refusalRulesQuery = (workspace: string, { from, until }: Times) =>
  queryOptions({
    queryKey: ["refusals", workspace, "rules", from, until],
    placeholderData: keepPreviousData,
    queryFn: async () => (await answer(api.GET("/api/v1/workspaces/{workspace}/refusals/rules", { params: { path: { workspace }, query: { from, until } } }))).items,
  });

/** What one live message of the topic `traffic` says of one listener: everything since the message before. */
export interface LiveSums {
  calls: number;
  errors: number;
  refusals: number;
  bytes_in: number;
  bytes_out: number;
  total_us: number;
  /** How many calls ended in which step of duration: its longest, in microseconds, and the count. */
  latency: readonly (readonly [number, number])[];
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);
const number = (value: unknown): number => (typeof value === "number" && Number.isFinite(value) ? value : 0);

/** Each listener's sums, of `data` of the topic `traffic`. */
export function liveTraffic(data: unknown): Map<string, LiveSums> {
  const listeners = new Map<string, LiveSums>();
  for (const [name, said] of Object.entries(isObject(data) ? data : {})) {
    if (isObject(said)) {
      const latency = Object.entries(isObject(said["latency"]) ? said["latency"] : {}).map(([up, count]) => [Number(up), number(count)] as const);
      listeners.set(name, { calls: number(said["calls"]), errors: number(said["errors"]), refusals: number(said["refusals"]), bytes_in: number(said["bytes_in"]), bytes_out: number(said["bytes_out"]), total_us: number(said["total_us"]), latency });
    }
  }
  return listeners;
}

/** Each listener's open sessions, of `data` of the topic `listeners`, by plane. */
export function liveSessions(data: unknown): Map<string, { plane: string; sessions: number }> {
  const listeners = new Map<string, { plane: string; sessions: number }>();
  for (const [name, said] of Object.entries(isObject(data) ? data : {})) {
    if (isObject(said) && isObject(said["state"])) {
      listeners.set(name, { plane: String(said["plane"] ?? ""), sessions: number(said["state"]["sessions"]) });
    }
  }
  return listeners;
}

/** A record of the ledger, as far as the live tail shows it. */
export interface TailRecord {
  id: string;
  at: string;
  event: string;
  listener: string;
  session: string;
  user: string;
  database: string;
  application: string;
  class: string;
  verdict: string;
  fingerprint: string;
  text: string;
  totalUs: number | undefined;
  rows: number | undefined;
  sqlstate: string;
  rule: string;
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");

/** What stands in a record of the ledger; whatever is missing is empty. */
export function tailRecord(record: unknown): TailRecord | undefined {
  if (!isObject(record) || text(record["id"]) === "") {
    return undefined;
  }
  const principal = isObject(record["principal"]) ? record["principal"] : {};
  const timing = isObject(record["timing_us"]) ? record["timing_us"] : {};
  return {
    id: text(record["id"]),
    at: text(record["ts"]),
    event: text(record["event"]),
    listener: text(record["listener"]),
    session: text(record["session"]),
    user: text(principal["user"]),
    database: text(principal["database"]),
    application: text(principal["application"]),
    class: text(record["class"]),
    verdict: text(record["verdict"]),
    fingerprint: text(record["fingerprint"]),
    text: text(record["text"]),
    totalUs: typeof timing["total"] === "number" ? timing["total"] : undefined,
    rows: typeof record["rows"] === "number" ? record["rows"] : undefined,
    sqlstate: text(record["sqlstate"]),
    rule: text(record["rule"]),
  };
}

export interface TailFilter extends TrafficFilter {
  class?: string;
  verdict?: string;
  text?: string;
}

const TAIL_PART = 200;

/** The newest records since a moment, newest first: what a live tail asks for again and again. */
export async function newestRecords(workspace: string, from: string, { listener, ...filter }: TailFilter, signal?: AbortSignal): Promise<{ records: TailRecord[]; isCut: boolean; incomplete: readonly string[] }> {
  const query = { from, listeners: listener, events: "statement.outcome,statement.refused,statement.held,session.start", ...filter, limit: TAIL_PART };
  const found = await answer(api.GET("/api/v1/workspaces/{workspace}/ledger", { params: { path: { workspace }, query }, signal }));
  return {
    records: found.items.flatMap((item) => tailRecord(item.record) ?? []),
    isCut: Boolean(found.next),
    incomplete: found.incomplete.map((missing) => missing.reason),
  };
}

/** What the live topics `refusals` and `sessions` say, as rows of the tail; `id` is made of session and time. */
export function heardRecords(data: unknown, event: string, filter: TailFilter): TailRecord[] {
  const heard = (Array.isArray(data) ? data : []).flatMap((said: unknown): TailRecord[] => {
    if (!isObject(said)) {
      return [];
    }
    const caller = isObject(said["caller"]) ? said["caller"] : {};
    const verdict = text(said["verdict"]);
    return [
      {
        id: `${text(said["session"])} ${text(said["at"])} ${event}`,
        at: text(said["at"]),
        event: verdict === "hold" ? "statement.held" : event,
        listener: text(said["listener"]),
        session: text(said["session"]),
        user: text(caller["user"]),
        database: text(caller["database"]),
        application: text(caller["application"]),
        class: text(said["class"]),
        verdict,
        fingerprint: text(said["fingerprint"]),
        text: "",
        totalUs: undefined,
        rows: undefined,
        sqlstate: text(said["sqlstate"]),
        rule: text(said["rule"]),
      },
    ];
  });
  const names = ["listener", "user", "database", "application", "class", "verdict"] as const;
  return heard.filter((record) => names.every((name) => filter[name] === undefined || record[name] === filter[name]));
}
