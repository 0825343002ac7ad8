// How did a query go over the range: how often, how fast, how often wrong?

import { useMemo } from "react";
import type { Fingerprint } from "~/api/fingerprints";
import { TimeChart, type ChartData } from "~/parts/charts/time-chart";
import { usePageSearch } from "~/parts/search";
import { Card } from "~/ui/card";
import { compact, count, duration } from "~/ui/format";

const CURSOR = "query";
/** Marks of an axis may stand between whole numbers. */
const few = (value: number): string => (Number.isInteger(value) ? compact(value) : value.toFixed(1));

export function TrendCharts({ found }: { found: Fingerprint }) {
  const [, set] = usePageSearch();
  const { trend, total, step_minutes: minutes } = found;
  const data = useMemo(() => {
    const seconds = trend.map((point) => Date.parse(point.at) / 1_000);
    const column = (value: (sums: Fingerprint["total"]) => number | null | undefined) => trend.map((point) => value(point.sums) ?? null);
    return {
      calls: [seconds, column((sums) => sums.calls)] as ChartData,
      latency: [seconds, column((sums) => sums.p50_us), column((sums) => sums.p95_us), column((sums) => sums.p99_us)] as ChartData,
      wrong: [seconds, column((sums) => sums.errors), column((sums) => sums.refusals)] as ChartData,
    };
  }, [trend]);
  const brush = (from: number, until: number) => set({ from: new Date(from).toISOString(), until: new Date(until).toISOString(), range: undefined });
  const step = `in ${count(minutes, "minute")} each`;
  return (
    <div className="grid min-w-0 gap-4 lg:grid-cols-3">
      <Card title="Latency" note={step}>
        <TimeChart
          label="Latency over the range"
          says={`p50 ${duration(total.p50_us)}, p95 ${duration(total.p95_us)}, p99 ${duration(total.p99_us)} over all of it`}
          series={[{ label: "p50", colour: "series-3" }, { label: "p95", colour: "series-2" }, { label: "p99", colour: "series-5", dash: [4, 3] }]}
          data={data.latency}
          format={(value) => duration(Math.round(value))}
          cursor={CURSOR}
          onBrush={brush}
        />
      </Card>
      <Card title="Calls" note={step}>
        <TimeChart label="Calls over the range" says={`${count(total.calls, "call")} in all`} series={[{ label: "calls", colour: "series-1", filled: true }]} data={data.calls} format={compact} cursor={CURSOR} onBrush={brush} />
      </Card>
      <Card title="Errors and refusals" note={step}>
        <TimeChart
          label="Errors and refusals over the range"
          says={`${count(total.errors, "error")} and ${count(total.refusals, "refusal")} in all`}
          series={[{ label: "errors", colour: "series-5" }, { label: "refusals", colour: "series-4", dash: [4, 3] }]}
          data={data.wrong}
          format={few}
          cursor={CURSOR}
          onBrush={brush}
        />
      </Card>
    </div>
  );
}
