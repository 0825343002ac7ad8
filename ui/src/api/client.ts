// How is the API asked? The only place that sends requests; `src/api` is the only folder that knows paths.

import createClient, { type Middleware } from "openapi-fetch";
import { ProblemError, UnreachableError, type Problem } from "./problem";
import { answered, unanswered } from "./reachability";
import type { components, paths } from "./schema";

/** The types of the API's answers and drafts: `Schemas["ConnectionView"]`. */
export type Schemas = components["schemas"];

/** Where the API can be read. */
export const API_DOCS = "/api/docs";

let csrf: string | undefined;
let whenSignedOut: () => void = () => undefined;
let signedOut = false;
const whenSignedIn = new Set<() => void>();

/** What changes must carry, told with the session (RFC 6265bis does not stop forms of other sites). */
export function setCsrf(token: string | null | undefined): void {
  csrf = token ?? undefined;
  if (csrf !== undefined && signedOut) {
    signedOut = false;
    whenSignedIn.forEach((listener) => listener());
  }
}

/** Whether the API said that nobody is signed in any more, and nobody has signed in since. */
export const isSignedOut = (): boolean => signedOut;

/** Called when somebody signs in again over the page. */
export function onSignedIn(listener: () => void): () => void {
  whenSignedIn.add(listener);
  return () => whenSignedIn.delete(listener);
}

/** Called when a request is refused because nobody is signed in any more. */
export function onSignedOut(listener: () => void): void {
  whenSignedOut = listener;
}

const carry: Middleware = {
  onRequest({ request }) {
    if (csrf !== undefined && request.method !== "GET") {
      request.headers.set("X-CSRF-Token", csrf);
    }
    return request;
  },
};

/** Paths, parameters, bodies and answers are typed by the API's description. Give its calls to {@link answer}. */
export const api = createClient<paths>({ baseUrl: globalThis.location?.origin ?? "http://localhost", credentials: "same-origin" });
api.use(carry);

type Call<T> = Promise<{ data?: T; error?: unknown; response: Response }>;

/** The data of a call; throws {@link ProblemError} or {@link UnreachableError}. */
export async function answer<T>(call: Call<T>): Promise<T> {
  return (await whole(call)).data;
}

/** The data of a call with the version it has (`ETag`), to send back as `If-Match`. */
export async function versioned<T>(call: Call<T>): Promise<{ data: T; etag: string }> {
  const { data, response } = await whole(call);
  return { data, etag: response.headers.get("ETag") ?? "" };
}

async function whole<T>(call: Call<T>): Promise<{ data: T; response: Response }> {
  let result;
  try {
    result = await call;
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") {
      throw error;
    }
    unanswered();
    throw new UnreachableError(error);
  }
  const { data, error, response } = result;
  if (response.ok) {
    answered();
    return { data: data as T, response };
  }
  throw failure(error, response);
}

/** The error of an answer that is no success; also for answers read by `fetch` itself. */
export function failure(error: unknown, response: Response): ProblemError | UnreachableError {
  if (!isProblemBody(error)) {
    // A proxy in between that has nobody behind it.
    if (response.status >= 502) {
      unanswered();
      return new UnreachableError();
    }
    return new ProblemError({ code: `http_${response.status}`, detail: `The server answered ${response.status}.`, status: response.status, title: response.statusText, type: "about:blank" });
  }
  answered();
  if (response.status === 401 && error.code === "unauthenticated") {
    signedOut = true;
    whenSignedOut();
  }
  const after = Number(response.headers.get("Retry-After"));
  return new ProblemError(error, Number.isFinite(after) && after > 0 ? after : undefined);
}

function isProblemBody(error: unknown): error is Problem {
  return typeof error === "object" && error !== null && "code" in error && "status" in error;
}

/** A request that the generated client has no shape for: streams and downloads. */
export async function request(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  if (csrf !== undefined && init.method !== undefined && init.method !== "GET") {
    headers.set("X-CSRF-Token", csrf);
  }
  let response;
  try {
    response = await fetch(path, { ...init, headers, credentials: "same-origin" });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") {
      throw error;
    }
    unanswered();
    throw new UnreachableError(error);
  }
  if (!response.ok) {
    throw failure(await response.json().catch(() => undefined), response);
  }
  answered();
  return response;
}
