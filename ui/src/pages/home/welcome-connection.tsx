// Which database does the workspace look at?

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { connectionsQuery } from "~/api/connections";
import { ConnectionForm } from "~/pages/connections/connection-form";
import { EnvironmentPill, environmentName } from "~/parts/environment";
import { useMay, useWorkspace } from "~/parts/workspace";
import { paths } from "~/paths";
import { Status } from "~/ui/badge";
import { Button } from "~/ui/button";
import { Card } from "~/ui/card";
import { Failed, Note, SkeletonRows } from "~/ui/states";

export function ConnectionStep({ onDone }: { onDone: () => void }) {
  const workspace = useWorkspace();
  const mayConnect = useMay("manage_connections");
  const { data: connections, error, refetch } = useQuery(connectionsQuery(workspace.slug));
  if (error && !connections) {
    return <Failed error={error} onRetry={() => void refetch()} />;
  }
  if (!connections) {
    return <SkeletonRows rows={4} />;
  }
  return (
    <div className="flex flex-col gap-4">
      <p className="max-w-2xl text-[13px] text-ink-soft">
        A connection lets the console read the schema, explain statements and run queries that cannot write. Applications do not need it: they use the listeners.
      </p>
      {connections.length > 0 && (
        <Card title="Already there">
          <ul className="flex flex-col gap-2">
            {connections.map((connection) => (
              <li key={connection.id} className="flex flex-wrap items-center gap-3 text-[13px]">
                <Link to={paths.connection(workspace.slug, connection.id)} className="font-medium underline-offset-2 hover:underline">
                  {connection.name}
                </Link>
                <EnvironmentPill environment={environmentName(connection.environment)} />
                <Status tone={connection.health.condition === "well" ? "ok" : connection.health.condition === "unknown" ? "neutral" : "danger"}>{connection.health.condition}</Status>
              </li>
            ))}
          </ul>
        </Card>
      )}
      {mayConnect ? (
        <Card title={connections.length > 0 ? "Another one" : "Connect a database"}>
          <ConnectionForm workspace={workspace} onSaved={onDone} />
        </Card>
      ) : (
        <Note>Making connections needs the capability manage_connections. An admin of this workspace can make one.</Note>
      )}
      <div>
        <Button variant={connections.length > 0 ? "primary" : "quiet"} onClick={onDone}>
          {connections.length > 0 ? "Go on" : "Skip for now"}
        </Button>
      </div>
    </div>
  );
}
