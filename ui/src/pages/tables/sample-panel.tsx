// What do some rows of the table look like? Nothing is read before somebody asks.

import { Eye } from "lucide-react";
import { useQuery } from "@tanstack/react-query";
import { connectionsQuery } from "~/api/connections";
import { run } from "~/api/runs";
import type { SchemaEntry } from "~/api/tables";
import { environmentName, onEnvironment } from "~/parts/environment";
import { ResultPanel } from "~/parts/run/result-panel";
import { useRun } from "~/parts/run/use-run";
import { useVerdict, VerdictLine } from "~/parts/run/verdict-line";
import { useMay, useWorkspace } from "~/parts/workspace";
import { Button } from "~/ui/button";
import { Card } from "~/ui/card";
import { NotAllowed } from "~/ui/states";
import { sampleText } from "./sample";

const ROWS = 20;

export function SamplePanel({ connection, entry }: { connection: string; entry: SchemaEntry }) {
  const { slug } = useWorkspace();
  const mayRun = useMay("run_queries");
  const mayUseProduction = useMay("use_production");
  const known = useQuery(connectionsQuery(slug)).data?.find((one) => one.id === connection);
  const running = useRun(slug);
  const engine = known?.kind ?? "postgres";
  const sql = sampleText(entry, engine, ROWS);
  const environment = environmentName(known?.environment);
  const isBarred = environment === "production" && !mayUseProduction;
  const checked = useVerdict(slug, known && mayRun && !isBarred ? connection : undefined, sql);
  if (!mayRun) {
    return <NotAllowed what="rows of the table" capability="run_queries" />;
  }
  const start = () => running.start(sql, engine, (listener, signal) => run(slug, { connection, sql, rows_max: ROWS }, listener, signal));
  return (
    <Card flush>
      <div className="flex flex-wrap items-center gap-3 border-b border-line px-4 py-2.5">
        <Button variant="primary" onClick={start} disabled={known === undefined || isBarred} busy={running.result?.phase === "running"} icon={<Eye className="size-3.5" aria-hidden="true" />}>
          {`Show ${ROWS} rows, read-only${onEnvironment(environment)}`}
        </Button>
        <code className="min-w-0 truncate font-mono text-xs text-ink-soft">{sql}</code>
        <div className="min-w-0 basis-full">{isBarred ? <p className="text-xs text-ink-soft">Production needs the capability use_production: an admin can give it to you under Members.</p> : <VerdictLine checked={checked} isEmpty={false} />}</div>
      </div>
      {running.result === undefined ? (
        <p className="px-4 py-8 text-center text-[13px] text-ink-soft">Nothing was read yet. The rows come in the order in which the database finds them; who asks is on record, as with any statement.</p>
      ) : (
        <ResultPanel result={running.result} onCancel={running.cancel} table={entry.name} />
      )}
    </Card>
  );
}
