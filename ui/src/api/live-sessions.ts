// Which sessions live now, what do they do, who waits for whom, and how is one stopped? Which have ended?

import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { answer, api, type Schemas } from "./client";
import type { Capability } from "./workspaces";

/** What it takes to cancel and to terminate. */
export const CONTROL_SESSIONS: Capability = "control_sessions";

/** The API leaves out what it does not know; its description lets it be `null` as well. */
export type Told<T> = { [Name in keyof T]: Exclude<T[Name], null> };

export type SessionState = Schemas["LiveSessionState"];
/** Whom a session waits for. Without `session` it is a process of the server that did not come through the gateway. */
export type Blocker = Told<Schemas["BlockerView"]>;
export type CurrentStatement = Told<Schemas["CurrentStatementView"]>;
export type LiveSession = Omit<Told<Schemas["LiveSessionView"]>, "current" | "blocked_by"> & { current?: CurrentStatement; blocked_by?: Blocker[] };
/** `at` is the moment of the answer: ages are counted up to it. */
export type LiveSessions = Omit<Schemas["LiveSessionsView"], "items"> & { items: LiveSession[] };
/** What was stopped. */
export type Controlled = Schemas["ControlledView"];

const POLL_MS = 2_000;

/** All sessions that live now, asked again every two seconds unless `paused`. */
export const liveSessionsQuery = (workspace: string, paused = false) =>
  queryOptions({
    queryKey: ["live-sessions", workspace],
    refetchInterval: paused ? false : POLL_MS,
    staleTime: paused ? Infinity : 0,
    refetchOnWindowFocus: !paused,
    queryFn: async ({ signal }) => (await answer(api.GET("/api/v1/workspaces/{workspace}/live-sessions", { params: { path: { workspace } }, signal }))) as LiveSessions,
  });

const said = (reason: string) => (reason.trim() === "" ? {} : { reason: reason.trim() });

/** Asks the server to give up the session's statement; the session goes on. */
export const cancelStatement = (workspace: string, session: string, reason: string): Promise<Controlled> =>
  answer(api.POST("/api/v1/workspaces/{workspace}/live-sessions/{session}/cancel", { params: { path: { workspace, session } }, body: said(reason) }));

/** Ends the session: its transaction is rolled back by the server. */
export const terminateSession = (workspace: string, session: string, reason: string): Promise<Controlled> =>
  answer(api.POST("/api/v1/workspaces/{workspace}/live-sessions/{session}/terminate", { params: { path: { workspace, session } }, body: said(reason) }));

export type PastSession = Schemas["WireSessionView"];

export interface PastFilter {
  listener?: string;
  user?: string;
  application?: string;
  /** RFC 3339: those that began before. */
  before?: string;
}

/** Sessions that have ended, those that began last first. */
export const pastSessionsQuery = (workspace: string, filter: PastFilter) =>
  infiniteQueryOptions({
    queryKey: ["past-sessions", workspace, filter],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      answer(api.GET("/api/v1/workspaces/{workspace}/sessions", { params: { path: { workspace }, query: { ...filter, live: false, limit: 100, cursor: pageParam } }, signal })),
    getNextPageParam: (last) => last.next ?? undefined,
  });
