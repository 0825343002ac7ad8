// Which listeners does a workspace have, and how are they?

import { queryOptions } from "@tanstack/react-query";
import { answer, api, type Schemas } from "./client";

export type Listener = Schemas["ListenerView"];

export const listenersQuery = (workspace: string) =>
  queryOptions({
    queryKey: ["listeners", workspace],
    refetchInterval: 15_000,
    queryFn: async () => (await answer(api.GET("/api/v1/workspaces/{workspace}/listeners", { params: { path: { workspace } } }))).items,
  });

/** The environment that a listener's planes say it has; the most guarded if they differ. */
export function environmentOf(listener: Listener): string {
  const said = listener.planes.flatMap((plane) => (plane.state ? [plane.state.environment] : []));
  return said.find((environment) => environment === "production") ?? said[0] ?? "";
}
