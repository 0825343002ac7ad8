// Which connection does the person work with, and which environment is that?

import { useQuery } from "@tanstack/react-query";
import { useRouterState, useSearch } from "@tanstack/react-router";
import { useEffect } from "react";
import { connectionsQuery, type Connection } from "~/api/connections";
import { listenersQuery } from "~/api/listeners";
import { may, workspaceQuery } from "~/api/workspaces";
import type { EnvironmentName } from "~/parts/environment";
import { useRemembered } from "~/ui/remembered";
import { environmentOn } from "./environment-scope";

const NONE: Record<string, string> = {};

export interface Scope {
  /** The chosen one; pages about a database begin with it. */
  connection: Connection | undefined;
  connections: readonly Connection[];
  environment: EnvironmentName;
  choose: (connection: string | undefined) => void;
}

/** The environment is that of what the page shows, which need not be the chosen connection: nobody takes production for less. */
export function useScope(workspace: string): Scope {
  const [chosen, setChosen] = useRemembered<Record<string, string>>("connection", NONE);
  const connections = useQuery({ ...connectionsQuery(workspace), enabled: workspace !== "" }).data ?? [];
  const here = useQuery({ ...workspaceQuery(workspace), enabled: workspace !== "" }).data;
  const listeners = useQuery({ ...listenersQuery(workspace), enabled: here !== undefined && may(here, "view_traffic") }).data ?? [];
  const connection = connections.find((one) => one.id === chosen[workspace]);
  const path = useRouterState({ select: (state) => state.location.pathname });
  const search: Partial<Record<string, string>> = useSearch({ strict: false });
  const environment = environmentOn({ path, search, chosen: connection, connections, listeners });
  // A link that names a connection sets it: whoever opens it sees what was meant.
  const linked = search["connection"];
  const isKnown = connections.some((one) => one.id === linked);
  useEffect(() => {
    if (linked !== undefined && isKnown && chosen[workspace] !== linked) {
      setChosen({ ...chosen, [workspace]: linked });
    }
    // eslint-disable-next-line react-hooks/exhaustive-deps -- choosing another one afterwards is the person's
  }, [linked, isKnown]);
  const choose = (id: string | undefined) => setChosen({ ...chosen, [workspace]: id ?? "" });
  return { connection, connections, environment, choose };
}
