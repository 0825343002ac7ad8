// Where is a statement written, what do the rules say to it, and what can be done with it?

import { AlignLeft, BookmarkPlus, Gauge, ListTree, Play, Square } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import type { Connection } from "~/api/connections";
import { CodeEditor } from "~/parts/editor/editor";
import { environmentName, onEnvironment } from "~/parts/environment";
import { ParameterFields } from "~/parts/run/parameter-fields";
import { mistakesOf } from "~/parts/run/run-problem";
import { useMay, useWorkspace } from "~/parts/workspace";
import { Button, IconButton } from "~/ui/button";
import { toast } from "~/ui/toast";
import type { DeskState } from "./desk";
import { LimitsFields } from "./limits";
import { SaveDialog } from "./save-dialog";
import { StatementVerdict } from "./statement-verdict";
import { canMeasure } from "./use-plan";

export function Writing({ desk, connection, isShown }: { desk: DeskState; connection: Connection | undefined; isShown: boolean }) {
  const { slug } = useWorkspace();
  const { sheet, targets, verdicts, count, engine, query, limits, editor } = desk;
  const seesTraffic = useMay("view_traffic");
  useEffect(() => {
    if (isShown) {
      editor.current?.focus();
    }
  }, [isShown, editor]);
  const current = targets.statements.length > 1 ? targets.target?.span : undefined;
  const schema = useMemo(() => connection && { workspace: slug, connection: connection.id, seesTraffic }, [slug, connection, seesTraffic]);
  return (
    <>
      <div className="h-52 min-h-28 relative z-10 isolate resize-y overflow-hidden">
        <CodeEditor
          label="Statement"
          language="sql"
          engine={engine}
          schema={schema}
          value={sheet.text}
          onChange={desk.type}
          onSelect={desk.setChosen}
          onRun={desk.start}
          onRunAll={desk.startAll}
          onFormat={() => void desk.format()}
          onEscape={desk.cancel}
          handle={editor}
          current={current}
          mistakes={useMistakes(desk)}
          hint="SELECT …"
          autoFocus
        />
      </div>
      {count > 0 && (
        <div className="border-t border-line px-4 py-3">
          <ParameterFields count={count} parameters={query?.parameters} engine={engine} values={desk.values} onChange={desk.setValues} />
        </div>
      )}
      <div className="flex min-h-10 items-center border-t border-line px-4 py-2">
        {connection ? <StatementVerdict kind={connection.kind} verdicts={verdicts} targets={targets} limits={limits} /> : <p className="text-xs text-ink-soft">Choose a connection: it says which rules judge, and where the statement runs.</p>}
      </div>
      <Actions desk={desk} connection={connection} />
    </>
  );
}

/** What the server said of the statement that was run, as long as it stands there; else what the rules say. */
function useMistakes({ running, ran, sheet, verdicts }: DeskState) {
  const { result } = running;
  const error = result?.phase === "failed" ? result.error : undefined;
  return useMemo(() => {
    const at = ran === undefined || sheet.text.slice(ran.span.from, ran.span.to) !== ran.sql ? undefined : ran.span.from;
    const said = error === undefined || at === undefined || ran === undefined ? [] : mistakesOf(error, ran.sql).map((one) => ({ ...one, from: one.from + at, to: one.to + at }));
    return said.length > 0 ? [...said, ...verdicts.mistakes.filter((one) => said.every((other) => other.from !== one.from))] : verdicts.mistakes;
  }, [error, ran, sheet.text, verdicts.mistakes]);
}

function Actions({ desk, connection }: { desk: DeskState; connection: Connection | undefined }) {
  const { block, running, plan, verdicts, targets, engine, sheet } = desk;
  const isEmpty = sheet.text.trim() === "";
  const isRunning = running.result?.phase === "running";
  const isRefused = verdicts.checked.isCurrent && verdicts.checked.check?.objection;
  return (
    <div className="flex flex-wrap items-center gap-2 border-t border-line px-4 py-2.5">
      <Button variant={isRefused ? "secondary" : "primary"} onClick={desk.start} disabled={block !== undefined} title={block} busy={isRunning} icon={<Play className="size-3.5" aria-hidden="true" />}>
        Run read-only{onEnvironment(environmentName(connection?.environment))}
      </Button>
      {(isRunning || plan.isMeasuring) && <Ending since={running.result?.startedAt} onCancel={desk.cancel} />}
      <Button onClick={() => desk.explain(false)} disabled={block !== undefined} title={block ?? "How the database would go about it; nothing runs."} busy={plan.isPending && !plan.isMeasuring} icon={<ListTree className="size-3.5" aria-hidden="true" />}>
        Explain
      </Button>
      {canMeasure(engine) && (
        <Button onClick={() => desk.explain(true)} disabled={block !== undefined} title={block ?? "EXPLAIN ANALYZE: runs it once, throws its rows away, and says where the time went."} busy={plan.isMeasuring} icon={<Gauge className="size-3.5" aria-hidden="true" />}>
          Measure
        </Button>
      )}
      <IconButton label="Format" shortcut="Alt+Shift+F" onClick={() => void desk.format()} disabled={targets.statements.length === 0}>
        <AlignLeft className="size-4" aria-hidden="true" />
      </IconButton>
      <Save desk={desk} connection={connection} />
      {block !== undefined && !isEmpty && <span className="text-xs text-ink-soft">{block}</span>}
      <span className="ml-auto max-sm:ml-0">
        <LimitsFields limits={desk.limits} onChange={desk.setLimits} />
      </span>
    </div>
  );
}

/** What ends in a blink needs no button. */
const QUIET_MS = 400;
const TICK_MS = 100;

function Ending({ since, onCancel }: { since: number | undefined; onCancel: () => void }) {
  const [begun] = useState(() => since ?? Date.now());
  const [now, setNow] = useState(begun);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  const elapsed = now - begun;
  return elapsed < QUIET_MS ? null : (
    <Button onClick={onCancel} title="Ends it at the server too. Escape does the same." icon={<Square className="size-3.5" aria-hidden="true" />}>
      Cancel after <span className="min-w-9 text-right tabular-nums">{(elapsed / 1_000).toFixed(1)} s</span>
    </Button>
  );
}

function Save({ desk, connection }: { desk: DeskState; connection: Connection | undefined }) {
  const { sheet, engine } = desk;
  const maySave = useMay("save_queries");
  const [isOpen, setOpen] = useState(false);
  const sql = desk.targets.target?.kind === "selection" ? desk.targets.target.sql : sheet.text;
  return (
    <>
      <Button onClick={() => setOpen(true)} disabled={!maySave || sql.trim() === ""} title={maySave ? undefined : "Needs the capability save_queries."} icon={<BookmarkPlus className="size-3.5" aria-hidden="true" />}>
        Save as query
      </Button>
      <SaveDialog
        open={isOpen}
        onClose={() => setOpen(false)}
        sql={sql}
        connection={connection?.id}
        engine={engine}
        onSaved={(saved) => {
          setOpen(false);
          desk.keepAs(saved.id);
          toast({ title: `Saved as “${saved.title}”`, tone: "ok" });
        }}
      />
    </>
  );
}
