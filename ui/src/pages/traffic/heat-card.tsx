// At which hours of which days is there much traffic, is it slow, does it fail?

import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { heatmapQuery, type TrafficFilter } from "~/api/traffic";
import { HeatmapChart, type HeatmapCell } from "~/parts/charts/heatmap-chart";
import { usePageSearch } from "~/parts/search";
import { useWorkspace } from "~/parts/workspace";
import { Button } from "~/ui/button";
import { Card } from "~/ui/card";
import { Segments } from "~/ui/choice";
import { compact, duration } from "~/ui/format";
import { ErrorNote, Skeleton } from "~/ui/states";
import { useNow } from "~/ui/time";
import { heatOf, type Heat, type HeatMeasure } from "./heat-cells";

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const DAYS = { "7d": 7, "14d": 14, "30d": 30 } as const;
type Days = keyof typeof DAYS;
const SHOWN_MAX = 3;

const MEASURES: Record<HeatMeasure, { label: string; colour: string; format: (value: number) => string }> = {
  calls: { label: "Calls", colour: "series-1", format: (value) => `${compact(value)} calls` },
  p95: { label: "p95", colour: "series-2", format: (value) => (value === 0 ? "no calls" : `p95 ${duration(value)}`) },
  errors: { label: "Errors", colour: "series-5", format: (value) => `${compact(value)} errors` },
};

const dayFormat = new Intl.DateTimeFormat(undefined, { weekday: "short", day: "numeric", month: "short" });
const dayName = (day: Date): string => dayFormat.format(day);

const isMeasure = (word: string | undefined): word is HeatMeasure => word !== undefined && word in MEASURES;
const isDays = (word: string | undefined): word is Days => word !== undefined && word in DAYS;

export function HeatCard({ filter }: { filter: TrafficFilter }) {
  const { slug } = useWorkspace();
  const [search, set] = usePageSearch();
  const measure = isMeasure(search["heat"]) ? search["heat"] : "calls";
  const days: Days = isDays(search["days"]) ? search["days"] : "7d";
  const hour = Math.floor(useNow() / HOUR_MS);
  const times = useMemo(() => ({ from: new Date(hour * HOUR_MS - (DAYS[days] - 1) * DAY_MS).toISOString(), until: new Date((hour + 1) * HOUR_MS).toISOString() }), [hour, days]);
  const found = useQuery(heatmapQuery(slug, times, filter));
  const heat = useMemo(() => found.data && heatOf(found.data.points, found.data.step_minutes, measure, (hour + 1) * HOUR_MS - 1, dayName), [found.data, measure, hour]);
  const open = ({ from, until }: { from: number; until: number }) => {
    set({ from: new Date(from).toISOString(), until: new Date(until).toISOString(), range: undefined });
    scrollTo({ top: 0, behavior: "smooth" });
  };
  return (
    <Card
      title="Hours and days"
      note="by your clock"
      actions={
        <>
          <Segments label="Measure" value={measure} onChange={(next) => set({ heat: next === "calls" ? undefined : next }, "replace")} choices={(Object.keys(MEASURES) as HeatMeasure[]).map((value) => ({ value, label: MEASURES[value].label }))} />
          <Segments label="Days" value={days} onChange={(next: Days) => set({ days: next === "7d" ? undefined : next }, "replace")} choices={(Object.keys(DAYS) as Days[]).map((value) => ({ value, label: value }))} />
        </>
      }
    >
      {found.isPending && <Skeleton className="h-56" />}
      {found.error !== null && heat === undefined && <ErrorNote error={found.error} />}
      {heat && <Drawn heat={heat} measure={measure} onOpen={open} />}
    </Card>
  );
}

function Drawn({ heat, measure, onOpen }: { heat: Heat; measure: HeatMeasure; onOpen: (cell: Heat["cells"][number]) => void }) {
  const { colour, format } = MEASURES[measure];
  const place = (cell: { row: number; column: number }) => `${heat.rows[cell.row] ?? ""} ${heat.columns[cell.column] ?? ""}`;
  const cells = useMemo<HeatmapCell[]>(() => heat.cells.map((cell) => ({ ...cell, says: `${heat.rows[cell.row] ?? ""} ${heat.columns[cell.column] ?? ""}\n${format(cell.value)}` })), [heat, format]);
  const highest = [...heat.cells].filter((cell) => cell.value > 0).sort((one, other) => other.value - one.value).slice(0, SHOWN_MAX);
  const says = highest.length === 0 ? "Nothing in these days." : `Highest: ${highest.map((cell) => `${place(cell)}, ${format(cell.value)}`).join("; ")}.`;
  return (
    <>
      <HeatmapChart
        label={`${MEASURES[measure].label} by hour and day. ${says}`}
        columns={heat.columns}
        rows={heat.rows}
        cells={cells}
        colour={colour}
        onOpen={(cell) => {
          const found = heat.cells.find((one) => one.row === cell.row && one.column === cell.column);
          if (found) {
            onOpen(found);
          }
        }}
      />
      <div className="mt-2 flex flex-wrap items-center gap-1.5 text-xs text-ink-faint">
        {highest.length === 0 ? "No statement in these days." : "Highest"}
        {highest.map((cell) => (
          <Button key={cell.from} size="small" onClick={() => onOpen(cell)} title="Show this time">
            {place(cell)} · {format(cell.value)}
          </Button>
        ))}
      </div>
    </>
  );
}
