// What did the gateway do itself?

import { queryOptions } from "@tanstack/react-query";
import { answer, api, type Schemas } from "./client";

export type GatewayEvent = Schemas["EventView"];

/** The latest events: changed rules and modes, limits that were hit, changes of schemas. */
export const eventsQuery = (workspace: string) =>
  queryOptions({
    queryKey: ["events", workspace],
    refetchInterval: 30_000,
    queryFn: async () => (await answer(api.GET("/api/v1/workspaces/{workspace}/events", { params: { path: { workspace }, query: { limit: 20 } } }))).items,
  });
