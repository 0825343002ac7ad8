// What went wrong with a request, in the words of the API?

import type { components } from "./schema";

export type Problem = components["schemas"]["Problem"];

/** An answer of the API that is no success (RFC 9457). */
export class ProblemError extends Error {
  readonly problem: Problem;
  /** Seconds after which it may be tried again, when the API says so. */
  readonly retryAfter: number | undefined;

  constructor(problem: Problem, retryAfter?: number) {
    super(problem.detail || problem.title);
    this.name = "ProblemError";
    this.problem = problem;
    this.retryAfter = retryAfter;
  }

  get status(): number {
    return this.problem.status;
  }

  get code(): string {
    return this.problem.code;
  }

  /** What is wrong with one field of what was sent. */
  field(name: string): string | undefined {
    const found = this.problem.errors?.find((error) => error.field === name || error.field.endsWith(`.${name}`));
    return found && [found.message, found.hint].filter(Boolean).join(": ");
  }
}

/** The API did not answer at all, or something before it answered in its place. */
export class UnreachableError extends Error {
  constructor(cause?: unknown) {
    super("Dragoman does not answer.", { cause });
    this.name = "UnreachableError";
  }
}

export const isProblem = (error: unknown, ...codes: string[]): error is ProblemError =>
  error instanceof ProblemError && (codes.length === 0 || codes.includes(error.code));

/** What is wrong with one field of what was sent, if that is what went wrong. */
export const fieldProblem = (error: unknown, field: string): string | undefined => (isProblem(error) ? error.field(field) : undefined);

/** Title, explanation and next step of any error, for a person. */
export function explain(error: unknown): { title: string; detail?: string; hint?: string; code?: string; requestId?: string } {
  if (error instanceof ProblemError) {
    const { title, detail, hint, code, request_id } = error.problem;
    return { title: detail || title, hint: hint ?? undefined, code, requestId: request_id ?? undefined };
  }
  if (error instanceof UnreachableError) {
    return { title: error.message, hint: "It is tried again by itself; what is on the page stays.", code: "unreachable" };
  }
  return { title: "The page failed.", detail: error instanceof Error ? error.message : String(error), hint: "Reload the page; if it fails again, tell who runs Dragoman.", code: "console" };
}
