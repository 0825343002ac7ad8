// Which databases and listeners does the workspace reach, and how are they?

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Database, Plus } from "lucide-react";
import { useRef, type ReactNode } from "react";
import { connectionsQuery, type Connection } from "~/api/connections";
import { useLive } from "~/api/live";
import { queryClient } from "~/api/queries";
import { paths } from "~/paths";
import { FilterInput } from "~/parts/filter-input";
import { Page } from "~/parts/page";
import { usePageSearch } from "~/parts/search";
import { useMay, useWorkspace } from "~/parts/workspace";
import { Button } from "~/ui/button";
import { Card } from "~/ui/card";
import { useShortcuts } from "~/ui/shortcuts";
import { Failed, FirstTime, NothingFound, NotAllowed, Skeleton } from "~/ui/states";
import { ConnectionCard } from "./connection-card";
import { Listeners } from "./listeners";
import { kindName } from "./words";

/** Health is told as often as it is looked at; the list is asked again at most this often. */
const REFRESH_MS = 2_000;
/** With more, a filter is worth its place. */
const FILTER_FROM = 7;
/** With more, cards do not ask each for its snapshot. */
const SNAPSHOTS_MAX = 24;

const fits = (connection: Connection, words: string): boolean =>
  [connection.name, connection.host, connection.database, connection.user, connection.environment, connection.via, connection.file, kindName(connection.kind)].some((text) => text?.toLowerCase().includes(words.toLowerCase()));

export function ConnectionsPage() {
  const workspace = useWorkspace();
  const mayManage = useMay("manage_connections");
  const mayView = useMay("view");
  const mayTraffic = useMay("view_traffic");
  const refreshedAt = useRef(0);
  useLive(workspace.slug, "health", () => {
    if (Date.now() - refreshedAt.current > REFRESH_MS) {
      refreshedAt.current = Date.now();
      void queryClient.invalidateQueries({ queryKey: connectionsQuery(workspace.slug).queryKey, exact: true });
    }
  }, mayTraffic);
  const { data: connections, error, refetch } = useQuery({ ...connectionsQuery(workspace.slug), refetchInterval: 30_000, enabled: mayView });
  useShortcuts([{ keys: "r", label: "Refresh", run: () => void refetch() }]);
  const add = mayManage && (
    <Button asChild variant="primary">
      <Link to={paths.newConnection(workspace.slug)}>
        <Plus className="size-3.5" aria-hidden="true" /> New connection
      </Link>
    </Button>
  );
  return (
    <Page title="Connections" about="Databases this workspace asks and watches, and the listeners of the gateway that belong to it." actions={add} bar={(connections?.length ?? 0) >= FILTER_FROM && <FilterInput main name="words" label="Filter connections" className="w-72 max-w-full" />}>
      {mayView ? <Cards connections={connections} error={error} onRetry={() => void refetch()} add={add} /> : <NotAllowed what="the connections" capability="view" />}
      <Listeners connections={connections ?? []} />
    </Page>
  );
}

function Cards({ connections, error, onRetry, add }: { connections: readonly Connection[] | undefined; error: unknown; onRetry: () => void; add: ReactNode }) {
  const [search, set] = usePageSearch();
  if (connections === undefined) {
    return error ? <Failed error={error} onRetry={onRetry} /> : <CardSkeletons />;
  }
  if (connections.length === 0) {
    return (
      <Card>
        <FirstTime icon={<Database className="size-5" />} title="No databases yet" actions={add}>
          A connection is a database this workspace knows: PostgreSQL, MySQL, MariaDB, SQL Server, or a SQLite file. Its health is watched here, its schema is read, and queries are asked through it.
          {!add && " Somebody with the capability manage_connections can make one."}
        </FirstTime>
      </Card>
    );
  }
  const words = search["words"] ?? "";
  const shown = connections.filter((one) => words === "" || fits(one, words));
  if (shown.length === 0) {
    return <NothingFound what="connections" onClear={() => set({ words: undefined })} />;
  }
  return (
    <ul className="grid grid-cols-[repeat(auto-fill,minmax(min(20rem,100%),1fr))] gap-3">
      {shown.map((connection) => (
        <li key={connection.id} className="min-w-0">
          <ConnectionCard connection={connection} withSnapshot={connections.length <= SNAPSHOTS_MAX} />
        </li>
      ))}
    </ul>
  );
}

function CardSkeletons() {
  return (
    <div role="status" aria-label="Loading" className="grid grid-cols-[repeat(auto-fill,minmax(min(20rem,100%),1fr))] gap-3">
      {[0, 1, 2].map((card) => (
        <Skeleton key={card} className="h-44 rounded-lg" />
      ))}
    </div>
  );
}
