// How does a whole result become a file: how far is it, how did it end?

import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { cancelRun, exportResult, showRun, type ExportFormat, type Run, type RunSource } from "~/api/runs";
import { save } from "../save";

export interface Export {
  format: ExportFormat;
  phase: "running" | "done" | "failed" | "cancelled";
  startedAt: number;
  bytes: number;
  /** The file's name, once it is there. */
  name: string | undefined;
  /** How the run of it went, once that is known. */
  run: Run | undefined;
  error: unknown;
}

export interface Exporting {
  current: Export | undefined;
  start: (format: ExportFormat, sql: string, source: RunSource) => void;
  cancel: () => void;
  /** Nothing of the last one is shown any more. */
  forget: () => void;
}

/** Bytes come faster than anybody reads. */
const DRAWN_EVERY_MS = 200;
/** By then a browser has left a stream it was told to leave. */
const LEFT_AFTER_MS = 250;

/** One at a time; who leaves the page ends it. */
export function useExport(workspace: string): Exporting {
  const [current, setCurrent] = useState<Export>();
  const going = useRef<{ abort: AbortController; run: string } | undefined>(undefined);
  const client = useQueryClient();
  useEffect(() => () => going.current?.abort.abort(), []);

  const start = useCallback(
    (format: ExportFormat, sql: string, source: RunSource) => {
      going.current?.abort.abort();
      const mine = { abort: new AbortController(), run: "" };
      going.current = mine;
      let state: Export = { format, phase: "running", startedAt: Date.now(), bytes: 0, name: undefined, run: undefined, error: undefined };
      let drawnAt = 0;
      const put = (change: Partial<Export>, isSoon = false) => {
        state = { ...state, ...change };
        if (going.current === mine && (!isSoon || Date.now() - drawnAt >= DRAWN_EVERY_MS)) {
          drawnAt = Date.now();
          setCurrent(state);
        }
      };
      const work = async () => {
        const input = { format, sql, connection: source.connection, parameters: source.parameters && [...source.parameters], saved_query: source.saved_query };
        const told = (run: string, bytes: number) => {
          mine.run = run;
          put({ bytes }, true);
        };
        try {
          const { file, name, run } = await exportResult(workspace, input, told, mine.abort.signal);
          save(file, name);
          put({ phase: "done", name, bytes: file.size });
          put({ run: await outcome(workspace, run) });
        } catch (error) {
          put(mine.abort.signal.aborted ? { phase: "cancelled" } : { phase: "failed", error });
          put({ run: await outcome(workspace, mine.run) });
        }
        void client.invalidateQueries({ queryKey: ["runs", workspace] });
      };
      put({});
      void work();
    },
    [client, workspace],
  );

  const cancel = useCallback(() => {
    const { abort, run } = going.current ?? {};
    abort?.abort();
    if (run) {
      // Leaving the stream ends it; asking says so in the history at once. It may have ended by itself. A browser that
      // has not left yet when the answer breaks off calls that an error.
      setTimeout(() => void cancelRun(workspace, run).catch(() => undefined), LEFT_AFTER_MS);
    }
  }, [workspace]);
  const forget = useCallback(() => setCurrent(undefined), []);
  return { current, start, cancel, forget };
}

/** What the history says of it; nothing where it cannot be asked. */
async function outcome(workspace: string, run: string): Promise<Run | undefined> {
  return run === "" ? undefined : showRun(workspace, run).catch(() => undefined);
}
