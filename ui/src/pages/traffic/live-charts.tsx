// What goes through the listeners in these seconds?

import { useMemo } from "react";
import { QUANTILE_SECONDS, smoothed } from "~/parts/charts/live-window";
import { useLiveTraffic } from "~/parts/charts/use-live-traffic";
import { ErrorNote } from "~/ui/states";
import { begun } from "./live-begun";
import { ChartGrid, type ChartFigures } from "./chart-grid";

export function LiveCharts({ minutes, listener, paused }: { minutes: number; listener: string | undefined; paused: boolean }) {
  const { window, version, error } = useLiveTraffic(minutes, listener, paused);
  const figures = useMemo<ChartFigures>(() => {
    const { calls, errors, refusals, bytesIn, bytesOut, sessions, p50, p95, p99 } = window.columns;
    // The first seconds that were heard are too few for a mean: they would be drawn as a fall that never was.
    const isTooFew = begun(calls);
    const shown = (column: readonly (number | null)[]) => column.map((value, at) => (isTooFew[at] ? null : value));
    const mean = (column: readonly (number | null)[]) => shown(smoothed(column));
    return { p50: shown(p50), p95: shown(p95), p99: shown(p99), calls: mean(calls), errors: mean(errors), refusals: mean(refusals), bytesIn: mean(bytesIn), bytesOut: mean(bytesOut), seconds: window.seconds, last: { kind: "sessions", values: sessions, since: knownSince(window.seconds, sessions) } };
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the window is changed in place: the version tells when
  }, [window, version]);
  return (
    <div className="flex flex-col gap-2">
      {error !== null && error !== undefined && <ErrorNote error={error} />}
      <ChartGrid figures={figures} version={version} bridged />
      <p className="text-xs text-ink-faint">
        By the second since this page was opened, by the minute before. Each second shows the mean of the last {QUANTILE_SECONDS}. Drag over a chart to look at a part of the time.
      </p>
    </div>
  );
}

/** The store keeps no number of sessions: it is counted from the opening of the page on. */
function knownSince(seconds: readonly number[], column: readonly (number | null)[]): number | undefined {
  const first = column.findIndex((value) => value !== null);
  return first > 0 ? seconds[first] : undefined;
}
