// Which data planes are there, and how is each of them?

import { queryOptions } from "@tanstack/react-query";
import { answer, api, type Schemas } from "./client";
import { queryClient } from "./queries";

export type Fleet = Schemas["FleetView"];
export type FleetPlane = Schemas["PlaneView"];
export type Standing = Schemas["StandingWord"];
export type FleetListener = Schemas["PlaneListenerView"];

const LOOK_MS = 10_000;

/** Those that carry listeners of a workspace, with these only. */
export const fleetQuery = (workspace: string) =>
  queryOptions({
    queryKey: ["fleet", workspace],
    refetchInterval: LOOK_MS,
    queryFn: ({ signal }) => answer(api.GET("/api/v1/workspaces/{workspace}/fleet", { params: { path: { workspace } }, signal })),
  });

/** All of the instance, for its admins. */
export const wholeFleetQuery = queryOptions({
  queryKey: ["planes", "fleet"],
  refetchInterval: LOOK_MS,
  queryFn: ({ signal }) => answer(api.GET("/api/v1/planes", { signal })),
});

/** What is shown of a workspace's data planes is asked for again. */
export const fleetChanged = (workspace: string): Promise<void> => queryClient.invalidateQueries({ queryKey: ["fleet", workspace] });
