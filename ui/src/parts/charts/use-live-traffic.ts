// What goes through the listeners in these seconds? Begun with minutes of the store, moved on by live messages.

import { useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { useLive, useLiveState } from "~/api/live";
import { listenersQuery, type Listener } from "~/api/listeners";
import { liveSessions, liveTraffic, recentMinutesQuery, type LiveSums } from "~/api/traffic";
import { useWorkspace } from "~/parts/workspace";
import { LiveWindow } from "./live-window";

const TICK_MS = 1_000;
/** After so many seconds without a message nothing happened: planes tell more often than that while statements end. */
const SILENCE_SECONDS = 6;

const secondOf = (milliseconds: number): number => Math.round(milliseconds / 1_000);

export interface LiveTraffic {
  /** Changed in place; read it anew when `version` is another. */
  window: LiveWindow;
  version: number;
  sessions: number | undefined;
  error: unknown;
  /** Whether minutes or seconds have arrived. */
  hasBegun: boolean;
}

function together(sums: Iterable<LiveSums>): LiveSums {
  const all = { calls: 0, errors: 0, refusals: 0, bytes_in: 0, bytes_out: 0, total_us: 0 };
  const latency: (readonly [number, number])[] = [];
  for (const one of sums) {
    for (const name of Object.keys(all) as (keyof typeof all)[]) {
      all[name] += one[name];
    }
    latency.push(...one.latency);
  }
  return { ...all, latency };
}

const sessionsOf = (listeners: readonly Listener[], only: string | undefined): number =>
  listeners.filter((one) => only === undefined || one.name === only).flatMap((one) => one.planes).reduce((sum, plane) => sum + (plane.is_connected ? (plane.state?.sessions ?? 0) : 0), 0);

/** The last `minutes` by second, of one listener or all; while `paused` it is collected, but not told. */
export function useLiveTraffic(minutes: number, listener?: string, paused = false): LiveTraffic {
  const { slug } = useWorkspace();
  const make = useCallback(() => new LiveWindow(minutes * 60, secondOf(Date.now())), [minutes]);
  const [held, setHeld] = useState(() => ({ listener, window: make() }));
  const window = held.window;
  if (held.listener !== listener) {
    setHeld({ listener, window: make() });
  }
  const [version, setVersion] = useState(0);
  const live = useLiveState(slug);
  const seed = useQuery(recentMinutesQuery(slug, minutes, listener === undefined ? {} : { listener }));
  const listeners = useQuery(listenersQuery(slug)).data;
  const counted = useRef(new Map<string, number>());

  useEffect(() => {
    if (seed.data && !seed.isPlaceholderData) {
      window.seed(seed.data.points, secondOf(Date.now()));
      setVersion((before) => before + 1);
    }
  }, [window, seed.data, seed.isPlaceholderData]);

  useEffect(() => {
    if (listeners) {
      window.setSessions(sessionsOf(listeners, listener));
      counted.current.clear();
      for (const one of listeners) {
        one.planes.forEach((plane) => counted.current.set(`${one.name} ${plane.plane}`, plane.is_connected ? (plane.state?.sessions ?? 0) : 0));
      }
    }
  }, [window, listeners, listener]);

  useLive(slug, "traffic", ({ at, data }) => {
    const said = liveTraffic(data);
    const looked = [...said].filter(([name]) => listener === undefined || name === listener).map(([, sums]) => sums);
    if (looked.length > 0) {
      window.add(secondOf(Date.parse(at)), together(looked));
    }
  });

  useLive(slug, "listeners", ({ data }) => {
    liveSessions(data).forEach(({ plane, sessions }, name) => counted.current.set(`${name} ${plane}`, sessions));
    const sum = [...counted.current].filter(([key]) => listener === undefined || key.startsWith(`${listener} `)).reduce((all, [, sessions]) => all + sessions, 0);
    window.setSessions(sum);
  });

  useEffect(() => {
    const timer = setInterval(() => {
      const second = secondOf(Date.now());
      window.advance(second);
      if (live === "live") {
        window.settle(second - SILENCE_SECONDS);
      } else {
        window.lose(second);
      }
      if (!paused) {
        setVersion((before) => before + 1);
      }
    }, TICK_MS);
    return () => clearInterval(timer);
  }, [window, live, paused]);

  const sessions = window.columns.sessions[window.size - 1] ?? undefined;
  return { window, version, sessions, error: seed.error, hasBegun: seed.data !== undefined || seed.error !== null };
}
