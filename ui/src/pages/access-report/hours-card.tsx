// When was it touched: which hours of which days?

import { useMemo } from "react";
import type { AccessReport } from "~/api/access-report";
import { HeatmapChart } from "~/parts/charts/heatmap-chart";
import { usePageSearch } from "~/parts/search";
import { Card } from "~/ui/card";
import { Segments } from "~/ui/choice";
import { compact } from "~/ui/format";
import { NothingFound } from "~/ui/states";
import { hoursOf } from "./hours";

const MEASURES = [
  { value: "statements", label: "Ran" },
  { value: "refused", label: "Did not pass" },
] as const;
type Measure = (typeof MEASURES)[number]["value"];
const TOLD = 3;

export function HoursCard({ hours }: { hours: AccessReport["hours"] }) {
  const [search, set] = usePageSearch();
  const measure: Measure = search["heat"] === "refused" ? "refused" : "statements";
  const drawn = useMemo(() => hoursOf(hours), [hours]);
  const cells = useMemo(() => {
    const says = (value: number) => (measure === "refused" ? `${compact(value)} did not pass` : `${compact(value)} ran`);
    return drawn.cells.map((cell) => ({ column: cell.column, row: cell.row, value: cell[measure], says: `${drawn.rows[cell.row] ?? ""} ${drawn.columns[cell.column] ?? ""}:00\n${says(cell[measure])}` }));
  }, [drawn, measure]);
  const most = cells.filter((cell) => cell.value > 0).sort((one, other) => other.value - one.value).slice(0, TOLD);
  const told = most.map((cell) => cell.says.replace("\n", ", ")).join("; ");
  return (
    <Card title="Hours and days" note="by your clock" actions={<Segments label="Measure" value={measure} onChange={(next) => set({ heat: next === "statements" ? undefined : next }, "replace")} choices={MEASURES} />}>
      {hours.length === 0 ? (
        <NothingFound what="hours" />
      ) : (
        <>
          <HeatmapChart label={told === "" ? "Nothing in these hours." : `By hour and day. Most: ${told}.`} columns={drawn.columns} rows={drawn.rows} cells={cells} colour={measure === "refused" ? "series-5" : "series-1"} />
          <p className="mt-2 text-xs text-ink-faint">{told === "" ? "Nothing in these hours." : `Most: ${told}.`}</p>
        </>
      )}
    </Card>
  );
}
