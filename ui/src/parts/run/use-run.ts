// What comes back from the statement that is run, while it comes?

import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { cancelRun, type Cell, type ResultColumn, type RunListener, type RunSource } from "~/api/runs";
import type { Schemas } from "~/api/client";

export interface Result {
  /** Another one for each run. */
  key: number;
  phase: "running" | "done" | "failed" | "cancelled";
  /** The text that was run. */
  sql: string;
  engine: string;
  /** What it was asked of and with: it can be asked again as a file. */
  source: RunSource | undefined;
  startedAt: number;
  columns: readonly ResultColumn[] | undefined;
  /** Grows while rows come; `count` says how many there were when the page was last drawn. */
  rows: Cell[][];
  count: number;
  notices: readonly string[];
  warnings: readonly string[];
  done: Schemas["DoneView"] | undefined;
  error: unknown;
}

/** Rows come faster than anybody reads: the page is drawn this often. */
const DRAWN_EVERY_MS = 120;

export type Start = (listener: RunListener, signal: AbortSignal) => Promise<void>;

export interface Running {
  result: Result | undefined;
  start: (sql: string, engine: string, run: Start) => void;
  cancel: () => void;
}

/** One run at a time; another one takes its place, and who leaves the page ends it. */
export function useRun(workspace: string): Running {
  const [result, setResult] = useState<Result>();
  const current = useRef<{ abort: AbortController; run: string | undefined; key: number } | undefined>(undefined);
  const client = useQueryClient();
  useEffect(() => () => current.current?.abort.abort(), []);

  const start = useCallback(
    (sql: string, engine: string, run: Start) => {
      current.current?.abort.abort();
      const mine = { abort: new AbortController(), run: undefined as string | undefined, key: (current.current?.key ?? 0) + 1 };
      current.current = mine;
      const live: Result = { key: mine.key, phase: "running", sql, engine, source: undefined, startedAt: Date.now(), columns: undefined, rows: [], count: 0, notices: [], warnings: [], done: undefined, error: undefined };
      const draw = drawing(() => current.current === mine && setResult({ ...live, count: live.rows.length }));
      draw.now();
      const end = (phase: Result["phase"], error?: unknown) => {
        live.phase = mine.abort.signal.aborted ? "cancelled" : phase;
        live.error = mine.abort.signal.aborted ? undefined : error;
        draw.now();
        void client.invalidateQueries({ queryKey: ["runs", workspace] });
      };
      const listener: RunListener = {
        asked: (source) => {
          live.source = source;
        },
        started: (about) => {
          mine.run = about.id;
          live.warnings = about.warnings;
        },
        columns: (columns) => {
          live.columns = columns;
          draw.soon();
        },
        rows: (rows) => {
          for (const row of rows) {
            live.rows.push(row);
          }
          draw.soon();
        },
        notice: (message) => {
          live.notices = [...live.notices, message];
        },
        done: (done) => {
          live.done = done;
        },
      };
      run(listener, mine.abort.signal).then(
        () => end("done"),
        (error: unknown) => end("failed", error),
      );
    },
    [client, workspace],
  );

  const cancel = useCallback(() => {
    const running = current.current;
    running?.abort.abort();
    if (running?.run !== undefined) {
      // Leaving the stream ends the run; asking says so in the history at once. It may have ended by itself.
      cancelRun(workspace, running.run).catch(() => undefined);
    }
  }, [workspace]);
  return { result, start, cancel };
}

function drawing(draw: () => void): { now: () => void; soon: () => void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const now = () => {
    clearTimeout(timer);
    timer = undefined;
    draw();
  };
  return {
    now,
    soon: () => {
      timer ??= setTimeout(now, DRAWN_EVERY_MS);
    },
  };
}
