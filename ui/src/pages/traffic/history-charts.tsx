// What went through the listeners in a range of time?

import { useQuery } from "@tanstack/react-query";
import { ChartLine } from "lucide-react";
import { useMemo } from "react";
import { seriesQuery, type TrafficFilter } from "~/api/traffic";
import type { Range } from "~/parts/range";
import { usePageSearch } from "~/parts/search";
import { useWorkspace } from "~/parts/workspace";
import { Button } from "~/ui/button";
import { Card } from "~/ui/card";
import { Failed, FirstTime, NothingFound, Note, Skeleton } from "~/ui/states";
import { ChartGrid } from "./chart-grid";
import { figuresOf, stepWords } from "./history-figures";
import { NO_FILTERS } from "./traffic-filters";

export function HistoryCharts({ range, filter, isLive }: { range: Range; filter: TrafficFilter; isLive: boolean }) {
  const { slug } = useWorkspace();
  const [, set] = usePageSearch();
  const series = useQuery(seriesQuery(slug, range, filter));
  const points = series.data?.points;
  const step = series.data?.step_minutes ?? 1;
  const figures = useMemo(() => (points ? figuresOf(points, step, series.dataUpdatedAt) : undefined), [points, step, series.dataUpdatedAt]);
  if (series.error !== null && figures === undefined) {
    return <Card><Failed error={series.error} onRetry={() => void series.refetch()} /></Card>;
  }
  if (figures === undefined || points === undefined) {
    return <ChartSkeletons />;
  }
  if (points.every(({ sums }) => sums.calls === 0 && sums.refusals === 0)) {
    const isFiltered = Object.keys(filter).length > 0;
    return <Card>{isFiltered ? <NothingFound what="statements" onClear={() => set(NO_FILTERS)} /> : <NothingYet onWiden={() => set({ range: "30d", from: undefined, until: undefined })} isWidest={range.label === "last 30d"} />}</Card>;
  }
  return (
    <div className="flex flex-col gap-2">
      {isLive && <Note>What users, databases and applications do is told by the minute: these charts move each minute. With a listener alone, or no filter, they move each second, and open sessions are drawn, too.</Note>}
      <ChartGrid figures={figures} version={series.dataUpdatedAt} />
      <p className="text-xs text-ink-faint">
        {range.label}, {stepWords(step)} a point. Drag over a chart to look at a part of the time.
      </p>
    </div>
  );
}

function NothingYet({ onWiden, isWidest }: { onWiden: () => void; isWidest: boolean }) {
  return (
    <FirstTime icon={<ChartLine className="size-5" />} title="No statement in this time" actions={!isWidest && <Button onClick={onWiden}>Show the last 30d</Button>}>
      Charts are drawn of the statements that go through the listeners of this workspace.
    </FirstTime>
  );
}

function ChartSkeletons() {
  return (
    <div role="status" aria-label="Loading the charts" className="grid gap-4 md:grid-cols-2 xl:grid-cols-6">
      {["xl:col-span-3", "xl:col-span-3", "xl:col-span-2", "xl:col-span-2", "xl:col-span-2"].map((width, index) => (
        <Skeleton key={index} className={`${width} ${index < 2 ? "h-72" : "h-60"}`} />
      ))}
    </div>
  );
}
