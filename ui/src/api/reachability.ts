// Does the API answer, and since when not?

import { useSyncExternalStore } from "react";

export type Reachability = { state: "there" } | { state: "away"; since: number; nextTryAt: number };

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;

let current: Reachability = { state: "there" };
let wait = FIRST_WAIT_MS;
let timer: ReturnType<typeof setTimeout> | undefined;
const listeners = new Set<() => void>();
const returns = new Set<() => void>();

function set(next: Reachability): void {
  current = next;
  listeners.forEach((listener) => listener());
}

/** Whether the API says that it is well. */
const isHealthy = (): Promise<boolean> =>
  fetch("/api/v1/health", { cache: "no-store" }).then(
    (response) => response.ok,
    () => false,
  );

async function look(): Promise<void> {
  timer = undefined;
  if (await isHealthy()) {
    answered();
    return;
  }
  wait = Math.min(wait * 2, LONGEST_WAIT_MS);
  plan();
}

function plan(): void {
  const since = current.state === "away" ? current.since : Date.now();
  // Pages that lost the same server do not come back in the same moment.
  const after = wait * (0.75 + Math.random() / 2);
  set({ state: "away", since, nextTryAt: Date.now() + after });
  timer = setTimeout(() => void look(), after);
}

/** Some request got no answer. */
export function unanswered(): void {
  if (timer === undefined) {
    wait = FIRST_WAIT_MS;
    plan();
  }
}

/** A live connection was cut: that may be it alone, where something in between lets no such connection through. */
export async function doubted(): Promise<void> {
  if (current.state === "there" && !(await isHealthy())) {
    unanswered();
  }
}

/** Some request got an answer. */
export function answered(): void {
  if (current.state === "away") {
    clearTimeout(timer);
    timer = undefined;
    set({ state: "there" });
    returns.forEach((listener) => listener());
  }
}

/** Tries at once. */
export function tryNow(): void {
  clearTimeout(timer);
  void look();
}

/** Calls when the API is there again. */
export function onReturn(listener: () => void): () => void {
  returns.add(listener);
  return () => returns.delete(listener);
}

/**
 * Code that is fetched when it is needed. While nobody answers it waits for the return instead of failing; where the
 * server is there and the code is not (a newer version has other files), it fails as it would have.
 */
export async function whenThere<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if (await isHealthy()) {
      throw error;
    }
    unanswered();
    await new Promise<void>((resolve) => {
      const stop = onReturn(() => {
        stop();
        resolve();
      });
    });
    return load();
  }
}

export function useReachability(): Reachability {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => current,
  );
}
