// How often and how fast is a query, and is that more than before?

import { useQuery } from "@tanstack/react-query";
import { ChartNoAxesColumn } from "lucide-react";
import { lazy, Suspense } from "react";
import { whenThere } from "~/api/reachability";
import { fingerprintQuery, type Fingerprint } from "~/api/fingerprints";
import type { Sums } from "~/api/traffic";
import type { Range } from "~/parts/range";
import { useWorkspace } from "~/parts/workspace";
import { Card, Figure } from "~/ui/card";
import { bytes, compact, duration } from "~/ui/format";
import { FirstTime, Note, Skeleton } from "~/ui/states";
import { change } from "./compare";
import { LatencyHistogram } from "./latency-histogram";
import { rangeBefore } from "./list";

// The charts are a library of their own: the other tabs do not wait for it.
const TrendCharts = lazy(() => whenThere(() => import("./trend-charts")).then((module) => ({ default: module.TrendCharts })));

export function OverviewTab({ found, range }: { found: Fingerprint; range: Range }) {
  const { slug } = useWorkspace();
  const before = useQuery({ ...fingerprintQuery(slug, found.statement.fingerprint, rangeBefore(range)), placeholderData: undefined });
  if (found.total.calls + found.total.refusals === 0) {
    return (
      <Card>
        <FirstTime icon={<ChartNoAxesColumn className="size-5" />} title="Not called in this time">
          Nobody sent this statement in the {range.isMoving ? range.label : "chosen time"}. Choose a longer range to see when it was.
        </FirstTime>
      </Card>
    );
  }
  return (
    <div className="flex min-w-0 flex-col gap-4">
      <Card title="Figures" note={before.data?.total.calls === 0 ? `${range.label}; not called in the same time before` : `${range.label}, against the same time before`}>
        <Figures total={found.total} before={before.data?.total} />
      </Card>
      <Card title="How long the calls took" note="durations on a scale where each step doubles">
        {found.latency.length === 0 ? <Note>No call ended in this time: all of them were refused or held.</Note> : <LatencyHistogram latency={found.latency} total={found.total} />}
      </Card>
      <Suspense fallback={<Skeleton className="h-64" />}>
        <TrendCharts found={found} />
      </Suspense>
    </div>
  );
}

function Figures({ total, before }: { total: Sums; before: Sums | undefined }) {
  // Nothing to compare with is said once, above.
  const isKnown = before !== undefined && before.calls > 0;
  const figure = (label: string, key: keyof Sums, show: (value: number) => string, isBad = false) => {
    const value = total[key];
    return <Figure key={key} label={label} value={value === null || value === undefined ? "–" : show(value)} note={change(value, before?.[key], isKnown)} tone={isBad && (value ?? 0) > 0 ? "danger" : undefined} />;
  };
  return (
    <dl className="grid grid-cols-[repeat(auto-fill,minmax(9.5rem,1fr))] gap-x-4 gap-y-5">
      {figure("Calls", "calls", compact)}
      {figure("Time in all", "total_us", duration)}
      {figure("p50", "p50_us", duration)}
      {figure("p95", "p95_us", duration)}
      {figure("p99", "p99_us", duration)}
      {figure("Mean", "mean_us", duration)}
      {figure("Longest", "max_us", duration)}
      {figure("Rows", "rows", compact)}
      {figure("Bytes of answers", "bytes_out", bytes)}
      {figure("Errors", "errors", compact, true)}
      {figure("Refusals", "refusals", compact, true)}
    </dl>
  );
}
