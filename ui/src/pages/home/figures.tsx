// How much is there right now, and how much was there in the range?

import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Listener } from "~/api/listeners";
import type { Sums } from "~/api/traffic";
import { useLiveTraffic } from "~/parts/charts/use-live-traffic";
import type { Range } from "~/parts/range";
import { Sparkline } from "~/parts/sparkline";
import { useWorkspace } from "~/parts/workspace";
import { paths, withSearch } from "~/paths";
import { classes } from "~/ui/classes";
import { compact, count, duration, percent, rate } from "~/ui/format";
import { Skeleton } from "~/ui/states";
import { rangeSearch } from "~/parts/range-search";
import { averaged, recentRate } from "./rates";
import { STOPPED } from "./stopped";

const LIVE_MINUTES = 5;
/** A point of the sparkline is so many seconds. */
const POINT_SECONDS = 5;

export function Figures({ range, total, listeners }: { range: Range; total: Sums | undefined; listeners: readonly Listener[] | undefined }) {
  const { slug } = useWorkspace();
  const live = useLiveTraffic(LIVE_MINUTES);
  const search = rangeSearch(range);
  const now = recentRate(live.window.columns.calls);
  const points = averaged(live.window.columns.calls, POINT_SECONDS);
  const asked = (total?.calls ?? 0) + (total?.refusals ?? 0);
  const up = listeners?.filter((one) => one.planes.some((plane) => plane.is_connected && plane.state)).length;
  return (
    <div className="grid grid-cols-2 gap-3 sm:grid-cols-3 xl:grid-cols-[1.4fr_repeat(4,minmax(0,1fr))]">
      <Tile to={paths.traffic(slug)} label="Statements/s now" value={now === undefined ? undefined : rate(now)} note={total && `${compact(total.calls)} in the ${range.label}`} className="max-sm:col-span-2">
        <Sparkline values={points} label={`Statements per second over the last ${LIVE_MINUTES} minutes, now ${now === undefined ? "unknown" : rate(now)}`} width={112} height={34} />
      </Tile>
      <Tile to={withSearch(paths.queries(slug), { ...search, sort: "p95" })} label="Latency p95" value={total && duration(total.p95_us)} note={total?.p50_us === undefined || total.p50_us === null ? "no statement ended" : `half are below ${duration(total.p50_us)}`} />
      <Tile to={withSearch(paths.traffic(slug), { ...search, focus: "errors" })} label="Errors" value={total && compact(total.errors)} note={total && (total.calls === 0 ? "none" : `${smallShare(total.errors / total.calls)} of calls`)} tone={total && total.errors > 0 ? "warn" : undefined} />
      <Tile to={withSearch(paths.audit(slug), { ...search, events: STOPPED })} label="Refusals" value={total && compact(total.refusals)} note={total && (total.refusals === 0 ? "no statement was refused" : `${smallShare(total.refusals / Math.max(asked, 1))} of statements`)} tone={total && total.refusals > 0 ? "danger" : undefined} />
      <Tile to={paths.sessions(slug)} label="Open sessions" value={live.sessions === undefined ? undefined : compact(live.sessions)} note={up === undefined ? undefined : `on ${count(up, "listener")}`} />
    </div>
  );
}

/** A share that is there is not written as none. */
const smallShare = (share: number): string => (share > 0 && share < 0.001 ? "below 0.1%" : percent(share));

interface TileProps {
  to: string;
  label: string;
  /** `undefined` while nothing has arrived. */
  value: string | undefined;
  note?: ReactNode;
  tone?: "warn" | "danger";
  className?: string;
  children?: ReactNode;
}

/** A figure that leads to its page. */
function Tile({ to, label, value, note, tone, className, children }: TileProps) {
  return (
    <Link to={to} className={classes("flex min-w-0 items-end justify-between gap-3 rounded-lg border border-line bg-surface px-4 py-3 transition-colors hover:border-line-strong hover:bg-hover", className)}>
      <span className="min-w-0">
        <span className="block truncate text-xs text-ink-faint">{label}</span>
        {value === undefined ? (
          <Skeleton className="mt-1.5 h-7 w-16" />
        ) : (
          <span className={classes("mt-0.5 block text-2xl font-semibold tracking-tight tabular-nums", tone === "danger" ? "text-danger" : tone === "warn" ? "text-warn" : "text-ink")}>{value}</span>
        )}
        <span className="mt-0.5 block truncate text-xs text-ink-faint">{note ?? "\u00a0"}</span>
      </span>
      {children}
    </Link>
  );
}
