// What is seen of a run: progress, rows, how it ended?

import { Pin, Play, Square } from "lucide-react";
import { useEffect, useState } from "react";
import { Button } from "~/ui/button";
import { Segments } from "~/ui/choice";
import { bytes, count, duration, integer } from "~/ui/format";
import { FirstTime, Note } from "~/ui/states";
import { Spinner } from "~/ui/spinner";
import { LazyGrid } from "../grid/lazy-grid";
import { LazyChart } from "../result-chart/lazy-chart";
import { usePageSearch } from "../search";
import { useWorkspace } from "../workspace";
import { ExportLine, ExportMenu } from "./export-menu";
import { RunProblem } from "./run-problem";
import { useExport } from "./use-export";
import type { Result } from "./use-run";

/** The chart that is kept with what was run. */
interface KeptChart {
  chart: string;
  /** Keeps another one; nothing for who may not. */
  onKeep: ((chart: string) => void) | undefined;
}

interface ResultPanelProps {
  result: Result | undefined;
  onCancel: () => void;
  /** What INSERTs are into. */
  table?: string;
  height?: string;
  kept?: KeptChart;
}

type View = "rows" | "chart";

/** `?view=` says whether rows or a chart are shown, `?chart=` which chart. */
export function ResultPanel({ result, onCancel, table, height, kept }: ResultPanelProps) {
  const { slug } = useWorkspace();
  const [search, setSearch] = usePageSearch();
  const exporting = useExport(slug);
  if (result === undefined) {
    return (
      <FirstTime icon={<Play className="size-5" />} title="The result will be here">
        Run the statement with Ctrl+Enter. It is judged first, and only reads.
      </FirstTime>
    );
  }
  const { columns, warnings, notices, rows, count: came } = result;
  const view: View = (search["view"] ?? (kept?.chart ? "chart" : "rows")) === "chart" ? "chart" : "rows";
  const chosen = search["chart"] ?? kept?.chart;
  const isCut = result.phase !== "running" && (result.phase !== "done" || Boolean(result.done?.truncated));
  const status = (
    <>
      <Segments<View>
        label="How the result is shown"
        value={view}
        onChange={(next) => setSearch({ view: next }, "replace")}
        choices={[
          { value: "rows", label: "Rows" },
          { value: "chart", label: "Chart" },
        ]}
      />
      <Done done={result.done} />
    </>
  );
  const actions = result.phase === "running" ? null : <ExportMenu exporting={exporting} sql={result.sql} source={result.source} />;
  return (
    <div className="flex flex-col">
      <Ending result={result} onCancel={onCancel} />
      {[...warnings, ...notices].length > 0 && (
        <div className="flex flex-col gap-2 px-3 pb-2">
          {[...warnings, ...notices].map((message, index) => (
            <Note key={index} tone="info">
              <span dir="auto">{message}</span>
            </Note>
          ))}
        </div>
      )}
      {columns !== undefined && (result.phase !== "failed" || came > 0) && (
        <>
          {view === "rows" ? (
            <LazyGrid key={result.key} label="Result" columns={columns} rows={rows} count={came} engine={result.engine} table={table} height={height} status={status} actions={actions} isCut={isCut} />
          ) : (
            <>
              <div className="flex min-h-9 flex-wrap items-center gap-x-3 gap-y-1 px-3 py-1 text-xs text-ink-soft">
                {status}
                <span className="ml-auto flex items-center gap-1">
                  <KeepChart chosen={search["chart"]} kept={kept} onKept={() => setSearch({ chart: undefined }, "replace")} />
                  {actions}
                </span>
              </div>
              <LazyChart columns={columns} rows={rows} count={came} isCut={isCut} chosen={chosen} onChoose={(chart) => setSearch({ chart, view: "chart" }, "replace")} />
            </>
          )}
          <ExportLine exporting={exporting} />
        </>
      )}
    </div>
  );
}

/** Offered where the chart that is seen is not the one that is kept. */
function KeepChart({ chosen, kept, onKept }: { chosen: string | undefined; kept: KeptChart | undefined; onKept: () => void }) {
  if (kept?.onKeep === undefined || chosen === undefined || chosen === kept.chart) {
    return null;
  }
  const { onKeep } = kept;
  return (
    <Button
      size="small"
      variant="quiet"
      icon={<Pin className="size-3.5" aria-hidden="true" />}
      onClick={() => {
        onKeep(chosen);
        onKept();
      }}
    >
      Keep this chart with the query
    </Button>
  );
}

/** Nothing shows of what takes less. */
const QUIET_MS = 1_000;

function Ending({ result, onCancel }: { result: Result; onCancel: () => void }) {
  if (result.phase === "running") {
    return <Progress result={result} onCancel={onCancel} />;
  }
  if (result.phase === "failed") {
    return (
      <div className="p-3">
        <RunProblem error={result.error} sql={result.sql} />
        {result.count > 0 && <p className="mt-2 text-xs text-ink-soft">{count(result.count, "row")} came before; they are not the whole result.</p>}
      </div>
    );
  }
  if (result.phase === "cancelled") {
    return (
      <div className="p-3">
        <Note tone="warn">You cancelled it. {result.count > 0 ? `${count(result.count, "row")} came before; they are not the whole result.` : "No rows came before."}</Note>
      </div>
    );
  }
  return null;
}

/** How a whole result ended, beside its number of rows. */
function Done({ done }: { done: Result["done"] }) {
  return (
    done && (
      <span role="status" className="flex flex-wrap items-center gap-x-3">
        <span className="font-medium text-ok">Done in {duration(done.elapsed_us)}</span>
        <span>{bytes(done.bytes)}</span>
        {done.truncated && <span className="font-medium text-warn">cut by the limit of {done.truncated === "rows" ? count(done.rows, "row") : "bytes"}: there is more</span>}
      </span>
    )
  );
}

function Progress({ result, onCancel }: { result: Result; onCancel: () => void }) {
  const [now, setNow] = useState(result.startedAt);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 250);
    return () => clearInterval(timer);
  }, []);
  const elapsed = Math.max(0, now - result.startedAt);
  if (elapsed < QUIET_MS) {
    return <div role="status" aria-label="Running" className="h-8" />;
  }
  return (
    <div role="status" className="flex flex-wrap items-center gap-3 px-3 py-2 text-[13px] text-ink-soft">
      <Spinner />
      <span className="tabular-nums">
        Running for {(elapsed / 1_000).toFixed(0)} s, {integer(result.count)} {result.count === 1 ? "row" : "rows"} so far
      </span>
      <Button size="small" onClick={onCancel} icon={<Square className="size-3" aria-hidden="true" />}>
        Cancel
      </Button>
    </div>
  );
}
