// What was judged in these moments? Asked of the ledger again and again, or, without the right to, heard live.

import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useLive } from "~/api/live";
import { heardRecords, newestRecords, type TailFilter, type TailRecord } from "~/api/traffic";
import { useMay, useWorkspace } from "~/parts/workspace";
import { waitingCount, withNewer } from "./tail-rows";

const LOOK_MS = 2_000;
/** Where the tail begins, and how far each look reaches back: records are kept a moment after they happened. */
const FIRST_MS = 60_000;
const OVERLAP_MS = 3_000;

export interface TailState {
  /** `undefined` while nothing was looked at yet. */
  rows: readonly TailRecord[] | undefined;
  /** How many wait because the rows are held. */
  waiting: number;
  show: () => void;
  /** More came between two looks than one look gets. */
  isCut: boolean;
  incomplete: readonly string[];
  error: unknown;
  retry: () => void;
  updatedAt: number | undefined;
}

const NOTHING: readonly TailRecord[] = [];

/** The tail; while `held`, what is new waits; while `paused`, nothing is asked. */
export function useTail(filter: TailFilter, paused: boolean, held: boolean): TailState {
  const { slug } = useWorkspace();
  const mayLedger = useMay("view_ledger");
  const [all, setAll] = useState(NOTHING);
  const [shown, setShown] = useState(NOTHING);
  const [asked, setAsked] = useState(filter);
  const since = useRef<number>(undefined);
  if (asked !== filter) {
    setAsked(filter);
    setAll(NOTHING);
    setShown(NOTHING);
  }
  useEffect(() => {
    since.current = undefined;
  }, [filter]);
  const looked = useQuery({
    queryKey: ["traffic", slug, "tail", filter],
    enabled: mayLedger && !paused,
    refetchInterval: paused ? false : LOOK_MS,
    refetchIntervalInBackground: false,
    staleTime: 0,
    gcTime: 0,
    queryFn: ({ signal }) => newestRecords(slug, new Date(since.current ?? Date.now() - FIRST_MS).toISOString(), filter, signal),
  });
  const take = (arrived: readonly TailRecord[]) => {
    const newest = Math.max(0, ...arrived.map((record) => Date.parse(record.at)).filter(Number.isFinite));
    since.current = newest > 0 ? Math.max(since.current ?? 0, newest - OVERLAP_MS) : since.current;
    setAll((before) => withNewer(before, arrived));
  };
  useEffect(() => {
    if (looked.data) {
      take(looked.data.records);
    }
  }, [looked.data]);
  useLive(slug, "refusals", ({ data }) => take(heardRecords(data, "statement.refused", filter)), !mayLedger && !paused);
  useLive(slug, "sessions", ({ data }) => take(heardRecords(data, "session.start", filter)), !mayLedger && !paused);
  if (!held && shown !== all) {
    setShown(all);
  }
  return {
    rows: mayLedger && looked.data === undefined && all.length === 0 ? undefined : shown,
    waiting: held ? waitingCount(all, shown) : 0,
    show: () => setShown(all),
    isCut: looked.data?.isCut ?? false,
    incomplete: looked.data?.incomplete ?? [],
    error: looked.error,
    retry: () => void looked.refetch(),
    updatedAt: looked.dataUpdatedAt || undefined,
  };
}
