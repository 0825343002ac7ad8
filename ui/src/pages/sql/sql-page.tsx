// Where is a statement written, judged before it runs, run, and its result looked at?

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Database } from "lucide-react";
import { useEffect } from "react";
import { connectionsQuery, type Connection } from "~/api/connections";
import { Page } from "~/parts/page";
import { useMay, useWorkspace } from "~/parts/workspace";
import { paths } from "~/paths";
import { useScope } from "~/shell/scope";
import { Button } from "~/ui/button";
import { BareSelect } from "~/ui/choice";
import { Failed, FirstTime, NotAllowed, SkeletonRows } from "~/ui/states";
import { Desks } from "./desks";

export function SqlPage() {
  const workspace = useWorkspace();
  const mayRun = useMay("run_queries");
  const connections = useQuery({ ...connectionsQuery(workspace.slug), enabled: mayRun });
  const scope = useScope(workspace.slug);
  const only = connections.data?.length === 1 ? connections.data[0] : undefined;
  const connection = scope.connection ?? only;
  const isChosen = scope.connection !== undefined;
  const { choose } = scope;
  // Who works with the only one goes on with it when there is a second one.
  useEffect(() => {
    if (!isChosen && only !== undefined) {
      choose(only.id);
    }
    // eslint-disable-next-line react-hooks/exhaustive-deps -- what chooses is another one each time
  }, [isChosen, only?.id]);
  return (
    <Page title="SQL" about={connection?.kind === "sqlserver" ? "Tabs of statements. Each must be one SELECT of what is known to read only, and runs in a transaction that is rolled back." : "Tabs of statements, each judged by the rules before it runs, in a transaction that only reads."} actions={connections.data && connections.data.length > 1 && <Choice connections={connections.data} current={connection} onChoose={scope.choose} />}>
      {!mayRun ? (
        <NotAllowed what="the SQL page" capability="run_queries" />
      ) : connections.data ? (
        <Body slug={workspace.slug} connections={connections.data} connection={connection} onChoose={scope.choose} />
      ) : connections.error ? (
        <Failed error={connections.error} onRetry={() => void connections.refetch()} />
      ) : (
        <SkeletonRows />
      )}
    </Page>
  );
}

function Choice({ connections, current, onChoose }: { connections: readonly Connection[]; current: Connection | undefined; onChoose: (id: string) => void }) {
  return <BareSelect label="Connection" className="min-w-44" value={current?.id ?? ""} onChange={onChoose} choices={[...(current ? [] : [{ value: "", label: "Choose a connection" }]), ...connections.map((one) => ({ value: one.id, label: one.name, note: one.environment }))]} />;
}

function Body({ slug, connections, connection, onChoose }: { slug: string; connections: readonly Connection[]; connection: Connection | undefined; onChoose: (id: string) => void }) {
  if (connections.length === 0) {
    return (
      <FirstTime
        icon={<Database className="size-5" />}
        title="No database to ask yet"
        actions={
          <Button asChild variant="primary">
            <Link to={paths.newConnection(slug)}>New connection</Link>
          </Button>
        }
      >
        Statements run on a connection: a database with the name and password that it is asked with.
      </FirstTime>
    );
  }
  return <Desks key={slug} connections={connections} connection={connection} onChoose={onChoose} />;
}
