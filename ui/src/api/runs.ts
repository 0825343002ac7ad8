// How are queries run, judged and explained, and what was run before?

import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { answer, api, request, type Schemas } from "./client";
import { ProblemError, UnreachableError, type Problem } from "./problem";

export type RunLine = Schemas["RunLine"];
export type RunInput = Schemas["RunInput"];
export type Run = Schemas["RunView"];
export type ResultColumn = Schemas["ColumnView"];
/** `span` of the objection is in bytes of the text. */
export type Check = Omit<Schemas["CheckView"], "objection"> & { objection?: (Omit<Schemas["ObjectionView"], "span"> & { span: readonly number[] }) | null };
/** `text` is the plan as the database writes it for people. */
export type PlanAnswer = Schemas["PlanView"] & { text?: string | null };
/** A value of a result: how it is to be read is told by its column's `kind`. */
export type Cell = string | number | boolean | null;

export type ExportFormat = Schemas["ExportFormat"];
export type ExportInput = Schemas["ExportInput"];

/** Of what a result is: enough to ask for it again as a file. */
export interface RunSource {
  connection: string;
  parameters?: readonly (string | null)[];
  saved_query?: string;
}

/** What comes back from a run, in the order in which it comes. */
export interface RunListener {
  asked: (source: RunSource) => void;
  started: (run: { id: string; rowsMax: number; timeoutMs: number; warnings: readonly string[] }) => void;
  columns: (columns: readonly ResultColumn[]) => void;
  rows: (rows: Cell[][]) => void;
  notice: (message: string) => void;
  done: (done: Schemas["DoneView"]) => void;
}

const base = (workspace: string) => `/api/v1/workspaces/${encodeURIComponent(workspace)}`;

/** Runs a statement and tells what comes while it comes; throws what ends it early. */
export function run(workspace: string, input: RunInput, listener: RunListener, signal: AbortSignal): Promise<void> {
  listener.asked({ connection: input.connection, parameters: input.parameters ?? undefined, saved_query: input.saved_query ?? undefined });
  return stream(`${base(workspace)}/runs`, input, listener, signal);
}

/** The same for a saved query. */
export function runSaved(workspace: string, query: string, input: Schemas["SavedRunInput"], listener: RunListener, signal: AbortSignal): Promise<void> {
  return stream(`${base(workspace)}/queries/${encodeURIComponent(query)}/runs`, input, listener, signal);
}

async function stream(path: string, body: unknown, listener: RunListener, signal: AbortSignal): Promise<void> {
  const response = await request(path, { method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" }, signal });
  let isEnded = false;
  for await (const text of lines(response)) {
    isEnded = tell(JSON.parse(text) as RunLine, listener) || isEnded;
  }
  if (!isEnded) {
    // The stream broke off: what came is not the whole result.
    throw new UnreachableError();
  }
}

function tell(line: RunLine, listener: RunListener): boolean {
  switch (line.kind) {
    case "run":
      listener.started({ id: line.id, rowsMax: line.rows_max, timeoutMs: line.timeout_ms, warnings: line.warnings });
      return false;
    case "columns":
      listener.columns(line.columns);
      return false;
    case "rows":
      listener.rows(line.rows as Cell[][]);
      return false;
    case "notice":
      listener.notice(line.message);
      return false;
    case "done":
      listener.done(line);
      return true;
    case "problem":
      throw new ProblemError(line as Problem);
  }
}

/** The lines of an answer as they arrive. */
export async function* lines(response: Response): AsyncGenerator<string> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const part = await reader?.read();
    if (part === undefined || part.done) {
      break;
    }
    const cut = (rest + part.value).split("\n");
    rest = cut.pop() ?? "";
    yield* cut.filter((line) => line !== "");
  }
  if (rest !== "") {
    yield rest;
  }
}

/** A result as a file. */
export interface Exported {
  file: Blob;
  name: string;
  run: string;
}

/** Runs a statement and takes its result as a file, told how much of it is there. What breaks off on the way is no file. */
export async function exportResult(workspace: string, input: ExportInput, told: (run: string, bytes: number) => void, signal: AbortSignal): Promise<Exported> {
  const response = await request(`${base(workspace)}/exports`, { method: "POST", body: JSON.stringify(input), headers: { "Content-Type": "application/json" }, signal });
  const run = response.headers.get("Run") ?? "";
  const name = /filename="([^"]+)"/.exec(response.headers.get("Content-Disposition") ?? "")?.[1] ?? `result.${input.format}`;
  const parts: BlobPart[] = [];
  let bytes = 0;
  told(run, bytes);
  const reader = response.body?.getReader();
  for (;;) {
    const part = await reader?.read().catch(brokenOff);
    if (part === undefined || part.done) {
      break;
    }
    parts.push(part.value);
    bytes += part.value.byteLength;
    told(run, bytes);
  }
  return { file: new Blob(parts, { type: response.headers.get("Content-Type") ?? "" }), name, run };
}

function brokenOff(error: unknown): never {
  if (error instanceof DOMException && error.name === "AbortError") {
    throw error;
  }
  throw new ProblemError({ code: "broken_off", title: "The result broke off on the way.", detail: "The result broke off on the way.", hint: "The history says how the run ended. Ask for less, or try again.", status: 200, type: "about:blank" });
}

/** How one of them went. */
export const showRun = (workspace: string, run: string): Promise<Run> => answer(api.GET("/api/v1/workspaces/{workspace}/runs/{run}", { params: { path: { workspace, run } } }));

export const cancelRun = (workspace: string, run: string): Promise<unknown> => answer(api.DELETE("/api/v1/workspaces/{workspace}/runs/{run}", { params: { path: { workspace, run } } }));

/** Whether a text may run, and what it does. No database is asked. */
export const checkQuery = (workspace: string, connection: string, sql: string) =>
  queryOptions({
    queryKey: ["check", workspace, connection, sql],
    staleTime: 60_000,
    gcTime: 60_000,
    queryFn: ({ signal }) => answer(api.POST("/api/v1/workspaces/{workspace}/check", { params: { path: { workspace } }, body: { connection, sql }, signal })),
  });

export const explainQuery = (workspace: string, input: Schemas["ExplainInput"], signal?: AbortSignal): Promise<PlanAnswer> =>
  answer(api.POST("/api/v1/workspaces/{workspace}/explain", { params: { path: { workspace } }, body: input, signal }));

export type RunState = "running" | "done" | "failed" | "cancelled" | "refused";

/** One's own runs, latest first. */
export const runsQuery = (workspace: string, filter: { connection?: string; saved_query?: string; state?: RunState }) =>
  infiniteQueryOptions({
    queryKey: ["runs", workspace, filter],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) => answer(api.GET("/api/v1/workspaces/{workspace}/runs", { params: { path: { workspace }, query: { ...filter, limit: 50, cursor: pageParam } } })),
    getNextPageParam: (page) => page.next ?? undefined,
  });
