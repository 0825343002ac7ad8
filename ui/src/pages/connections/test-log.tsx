// Does the connection work now, and who changed or asked it before?

import { useInfiniteQuery, useMutation } from "@tanstack/react-query";
import { History, PlugZap } from "lucide-react";
import { activityQuery, type ActivityEntry } from "~/api/activity";
import { testConnection, type Connection } from "~/api/connections";
import { EnvironmentPill, environmentName, onEnvironment } from "~/parts/environment";
import { listed } from "~/parts/list";
import { useMay, useWorkspace } from "~/parts/workspace";
import { Badge } from "~/ui/badge";
import { Button } from "~/ui/button";
import { Card } from "~/ui/card";
import { ErrorNote, FirstTime, NotAllowed } from "~/ui/states";
import type { Column } from "~/ui/table/columns";
import { DataTable } from "~/ui/table/data-table";
import { RelativeTime } from "~/ui/time";
import { TestProgress, TestResult } from "./test-result";

export function TestLog({ connection }: { connection: Connection }) {
  return (
    <div className="flex flex-col gap-4">
      <Test connection={connection} />
      <Log connection={connection} />
    </div>
  );
}

function Test({ connection }: { connection: Connection }) {
  const { slug } = useWorkspace();
  const mayManage = useMay("manage_connections");
  const mayProduction = useMay("use_production");
  const environment = environmentName(connection.environment);
  const isBarred = environment === "production" && !mayProduction;
  const test = useMutation({ mutationFn: () => testConnection(slug, connection.id) });
  if (!mayManage) {
    return null;
  }
  return (
    <Card
      title="Test"
      note="resolves the name, connects, logs in, asks the smallest question; at most 10 seconds"
      actions={
        <Button variant="primary" size="small" icon={<PlugZap className="size-3.5" aria-hidden="true" />} busy={test.isPending} disabled={isBarred} title={isBarred ? "A test of a production database needs the capability use_production." : undefined} onClick={() => test.mutate()}>
          {`Run a test${onEnvironment(environment)}`}
        </Button>
      }
    >
      {test.isPending && <TestProgress />}
      {test.error && <ErrorNote error={test.error} />}
      {test.data && !test.isPending && <TestResult result={test.data} />}
      {test.isIdle && (
        <p className="text-[13px] text-ink-soft">
          {isBarred ? "A test of a production database needs the capability use_production." : <>The connection is tried as it is saved, with the password that is kept. Nothing is changed on <EnvironmentPill environment={environment} className="mx-0.5" /> {connection.name}.</>}
        </p>
      )}
    </Card>
  );
}

const COLUMNS: Column<ActivityEntry>[] = [
  { id: "at", header: "When", width: 120, value: (row) => row.at, cell: (row) => <RelativeTime at={row.at} /> },
  { id: "action", header: "What", width: 210, grow: true, value: (row) => row.action, cell: (row) => row.action.replaceAll("_", " ") },
  { id: "outcome", header: "Outcome", width: 110, value: (row) => row.outcome, cell: (row) => <Badge tone={row.outcome === "done" ? "ok" : "danger"}>{row.outcome}</Badge> },
  { id: "actor", header: "Who", width: 180, value: (row) => row.actor_name, cell: (row) => row.actor_name ?? <span className="text-ink-faint">by itself</span> },
  { id: "address", header: "Address", width: 140, value: (row) => row.address, cell: (row) => <span className="font-mono text-xs">{row.address}</span> },
];

function Log({ connection }: { connection: Connection }) {
  const { slug } = useWorkspace();
  const allowed = useMay("view_activity");
  const query = useInfiniteQuery({ ...activityQuery(slug, { target_kind: "connection", target: connection.id }), enabled: allowed });
  return (
    <Card title="What people did with it" note="changes and queries, newest first; tests are not kept" flush>
      {allowed ? (
        <DataTable
          label="What people did with the connection"
          id="connection-log"
          columns={COLUMNS}
          {...listed(query)}
          rowKey={(row) => row.id}
          empty={
            <FirstTime icon={<History className="size-5" />} title="Nothing yet">
              Each change and query is noted here with who did it.
            </FirstTime>
          }
        />
      ) : (
        <NotAllowed what="what people did" capability="view_activity" />
      )}
    </Card>
  );
}
