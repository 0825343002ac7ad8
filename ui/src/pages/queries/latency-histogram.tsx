// How are the durations of a query spread, and where are p50, p95 and p99?

import type { LatencyStep } from "~/api/fingerprints";
import type { Sums } from "~/api/traffic";
import { compact, count, duration } from "~/ui/format";
import { barsOf, placeOf, ticksOf } from "./histogram";

const HEIGHT = 160;

export function LatencyHistogram({ latency, total }: { latency: readonly LatencyStep[]; total: Sums }) {
  const bars = barsOf(latency);
  const highest = Math.max(...bars.map((bar) => bar.count), 1);
  const marks = [
    { name: "p50", us: total.p50_us, colour: "var(--series-3)" },
    { name: "p95", us: total.p95_us, colour: "var(--series-2)" },
    { name: "p99", us: total.p99_us, colour: "var(--series-5)" },
  ].flatMap(({ name, us, colour }) => (us === null || us === undefined ? [] : [{ name, us, colour, at: placeOf(us, bars) ?? 0 }]));
  const says = `${count(total.calls, "call")}; ${marks.map((mark) => `${mark.name} ${duration(mark.us)}`).join(", ")}; longest ${duration(total.max_us)}`;
  return (
    <div>
      <div className="mb-2 flex flex-wrap gap-x-4 gap-y-1 text-xs text-ink-soft">
        {marks.map((mark) => (
          <span key={mark.name} className="inline-flex items-center gap-1.5">
            <span aria-hidden="true" className="h-3 w-0.5" style={{ background: mark.colour }} />
            {mark.name} <b className="font-semibold text-ink tabular-nums">{duration(mark.us)}</b>
          </span>
        ))}
        <span className="ml-auto text-ink-faint">most in a bar: {compact(highest)}</span>
      </div>
      <div role="img" aria-label={`How long the calls took. ${says}`} className="relative border-b border-line-strong" style={{ height: HEIGHT }}>
        <div className="absolute inset-0 flex items-end gap-px">
          {bars.map((bar) => (
            <span key={bar.from} className="group/bar flex h-full min-w-0 flex-1 items-end" title={`${duration(Math.round(bar.from))} to ${duration(Math.round(bar.until))}: ${count(bar.count, "call")}`}>
              {/* What is there is seen, however few they are. */}
              <span className="w-full rounded-t-sm bg-brand group-hover/bar:bg-brand-strong" style={{ height: bar.count === 0 ? 0 : `max(2px, ${(bar.count / highest) * 100}%)` }} />
            </span>
          ))}
        </div>
        {marks.map((mark) => (
          <span key={mark.name} aria-hidden="true" className="pointer-events-none absolute inset-y-0 w-0.5" style={{ left: `${mark.at * 100}%`, background: mark.colour }} />
        ))}
      </div>
      <div aria-hidden="true" className="relative mx-4 h-5 text-2xs text-ink-faint tabular-nums">
        {ticksOf(bars).map((tick) => (
          <span key={tick} className="absolute top-1 -translate-x-1/2 whitespace-nowrap" style={{ left: `calc(${(placeOf(tick, bars) ?? 0) * 100}% + ${((placeOf(tick, bars) ?? 0) - 0.5) * 2}rem)` }}>
            {tickWords(tick)}
          </span>
        ))}
      </div>
    </div>
  );
}

/** Round values without the digits that `duration` adds. */
const tickWords = (us: number): string => (us < 1_000 ? `${us} µs` : us < 1_000_000 ? `${us / 1_000} ms` : `${us / 1_000_000} s`);
