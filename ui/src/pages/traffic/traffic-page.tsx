// What goes through the listeners: now, over time, and statement by statement?

import { lazy, Suspense, useState } from "react";
import { whenThere } from "~/api/reachability";
import { LiveControl } from "~/parts/live-control";
import { Page } from "~/parts/page";
import { RangePicker, RANGES, useRange, type RangeName } from "~/parts/range";
import { usePageSearch } from "~/parts/search";
import { useMay } from "~/parts/workspace";
import { Card } from "~/ui/card";
import { NotAllowed, SkeletonRows } from "~/ui/states";
import { Tabs } from "~/ui/tabs";
import { useNow } from "~/ui/time";
import { ErrorsCard } from "./errors-card";
import { HeatCard } from "./heat-card";
import { HistoryCharts } from "./history-charts";
import { LiveCharts } from "./live-charts";
import { TopList } from "./top-lists";
import { TrafficFilters, useTrafficFilter } from "./traffic-filters";

/** The table of it is not for who looks at the charts. */
const Tail = lazy(() => whenThere(() => import("./tail")).then((module) => ({ default: module.Tail })));

const MINUTE_MS = 60_000;
/** Chosen when nothing else is. */
const LIVE_RANGE = "5m";
/** What the charts show by the second, in minutes. */
const LIVE_MINUTES = [5, 15];
const RANGE_NAMES = Object.keys(RANGES) as RangeName[];

const TABS = [
  { value: "", label: "Charts" },
  { value: "tail", label: "Live tail" },
];

export function TrafficPage() {
  const mayTraffic = useMay("view_traffic");
  const [search] = usePageSearch();
  const tab = search["tab"] === "tail" ? "tail" : "";
  if (!mayTraffic) {
    return (
      <Page title="Traffic">
        <Card>
          <NotAllowed what="the traffic of this workspace" capability="view_traffic" />
        </Card>
      </Page>
    );
  }
  return tab === "tail" ? <TailPage /> : <ChartsPage />;
}

const ABOUT = "Statements, latency, errors, sessions and bytes of every listener.";

function ChartsPage() {
  const [search] = usePageSearch();
  const [paused, setPaused] = useState(false);
  const filter = useTrafficFilter();
  const range = useRange(LIVE_RANGE, Math.floor(useNow() / MINUTE_MS));
  const minutes = range.milliseconds / MINUTE_MS;
  const isLive = range.isMoving && LIVE_MINUTES.includes(minutes);
  const byListenerOnly = filter.user === undefined && filter.database === undefined && filter.application === undefined;
  return (
    <Page
      title="Traffic"
      about={ABOUT}
      actions={
        <>
          {isLive && byListenerOnly && <LiveControl paused={paused} onPause={setPaused} />}
          <RangePicker otherwise={LIVE_RANGE} ranges={RANGE_NAMES} />
        </>
      }
      bar={<Bar tab="" range={range} />}
    >
      {isLive && byListenerOnly ? <LiveCharts key={minutes} minutes={minutes} listener={filter.listener} paused={paused} /> : <HistoryCharts range={range} filter={filter} isLive={isLive} />}
      <div className="grid items-start gap-4 xl:grid-cols-2">
        <div className="flex min-w-0 flex-col gap-4">
          <TopList group="application" range={range} filter={filter} />
          <ErrorsCard range={range} filter={filter} isAskedFor={search["focus"] === "errors"} />
        </div>
        <div className="flex min-w-0 flex-col gap-4">
          <HeatCard filter={filter} />
          <TopList group="user" range={range} filter={filter} />
          <TopList group="database" range={range} filter={filter} />
        </div>
      </div>
    </Page>
  );
}

function TailPage() {
  const [paused, setPaused] = useState(false);
  const range = useRange("24h");
  return (
    <Page title="Traffic" about={ABOUT} actions={<LiveControl paused={paused} onPause={setPaused} />} bar={<Bar tab="tail" range={range} />}>
      <Suspense fallback={<SkeletonRows />}>
        <Tail paused={paused} />
      </Suspense>
    </Page>
  );
}

function Bar({ tab, range }: { tab: string; range: { from: string; until: string } }) {
  return (
    <>
      <Tabs label="Views of traffic" tabs={TABS} current={tab} />
      <div className="grid grid-cols-2 items-center gap-2 sm:flex sm:flex-wrap">
        <TrafficFilters range={range} withStatements={tab === "tail"} />
      </div>
    </>
  );
}
