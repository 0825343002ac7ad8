// How is the whole result taken away as a file?

import { ChevronDown, Download, Square, X } from "lucide-react";
import { useEffect, useState } from "react";
import type { ExportFormat, RunSource } from "~/api/runs";
import { Button, IconButton } from "~/ui/button";
import { bytes, count } from "~/ui/format";
import { Menu, MenuItem, MenuLabel } from "~/ui/menu";
import { Spinner } from "~/ui/spinner";
import { ErrorNote } from "~/ui/states";
import type { Export, Exporting } from "./use-export";

const FORMATS: readonly { format: ExportFormat; label: string }[] = [
  { format: "csv", label: "CSV" },
  { format: "json", label: "JSON, one array" },
  { format: "ndjson", label: "JSON, an object a line" },
  { format: "parquet", label: "Parquet" },
];

export function ExportMenu({ exporting, sql, source }: { exporting: Exporting; sql: string; source: RunSource | undefined }) {
  return (
    <Menu
      trigger={
        <Button size="small" variant="quiet" disabled={source === undefined} busy={exporting.current?.phase === "running"} icon={<Download className="size-3.5" aria-hidden="true" />}>
          Export <ChevronDown className="size-3" aria-hidden="true" />
        </Button>
      }
    >
      <MenuLabel>Runs it again, read-only, up to a million rows</MenuLabel>
      {FORMATS.map(({ format, label }) => (
        <MenuItem key={format} onSelect={() => source && exporting.start(format, sql, source)}>
          Export as {label}
        </MenuItem>
      ))}
    </Menu>
  );
}

/** How far it is, and how it ended. */
export function ExportLine({ exporting }: { exporting: Exporting }) {
  const { current } = exporting;
  if (current === undefined) {
    return null;
  }
  const { phase, error, run } = current;
  return (
    <div className="border-t border-line px-3 py-2 text-xs text-ink-soft">
      {phase === "failed" ? (
        <div className="flex flex-col gap-1.5">
          <ErrorNote error={error} />
          <p>
            No file was made{run?.error_class ? `: the run ended with ${run.error_class}` : ""}.
            <Forget exporting={exporting} />
          </p>
        </div>
      ) : (
        <div role="status" className="flex flex-wrap items-center gap-x-3 gap-y-1">
          {phase === "running" ? (
            <Progress current={current} onCancel={exporting.cancel} />
          ) : (
            <>
              <Outcome current={current} />
              <Forget exporting={exporting} />
            </>
          )}
        </div>
      )}
    </div>
  );
}

function Forget({ exporting }: { exporting: Exporting }) {
  return (
    <IconButton label="Put this line away" size="small" onClick={exporting.forget}>
      <X className="size-3.5" aria-hidden="true" />
    </IconButton>
  );
}

function Progress({ current, onCancel }: { current: Export; onCancel: () => void }) {
  const [now, setNow] = useState(current.startedAt);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, []);
  return (
    <>
      <Spinner />
      <span className="tabular-nums">
        Exporting as {current.format}: {bytes(current.bytes)} in {(Math.max(0, now - current.startedAt) / 1_000).toFixed(0)} s
      </span>
      <Button size="small" onClick={onCancel} icon={<Square className="size-3" aria-hidden="true" />}>
        Cancel export
      </Button>
    </>
  );
}

function Outcome({ current: { phase, name, bytes: size, run } }: { current: Export }) {
  if (phase === "cancelled") {
    return <span>You cancelled the export: no file was made.</span>;
  }
  return (
    <>
      <span className="font-medium text-ok">Exported</span>
      <span>
        {run ? `${count(run.rows, "row")}, ` : ""}
        {bytes(size)}, in {name}
      </span>
      {run?.truncated && <span className="font-medium text-warn">cut by the limit of {run.truncated === "rows" ? count(run.rows, "row") : "bytes"}: there is more</span>}
    </>
  );
}
