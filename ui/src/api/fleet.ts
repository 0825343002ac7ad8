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

export type Drain = Schemas["DrainedView"];
export type DrainDraft = Schemas["DrainDraft"];
export type PlaneRestart = Schemas["PlaneRestartView"];
export type PlaneStep = Schemas["PlaneStepView"];

const STEP_MS = 1_000;

async function planesChanged(): Promise<void> {
  await Promise.all(["fleet", "planes"].map((part) => queryClient.invalidateQueries({ queryKey: [part] })));
}

export async function drainPlane(plane: string, body: DrainDraft): Promise<void> {
  await answer(api.POST("/api/v1/planes/{plane}/drain", { params: { path: { plane } }, body }));
  await planesChanged();
}

export async function undrainPlane(plane: string, reason: string): Promise<void> {
  await answer(api.POST("/api/v1/planes/{plane}/undrain", { params: { path: { plane } }, body: { reason } }));
  await planesChanged();
}

const lookAtRestarts = async ({ signal }: { signal: AbortSignal }): Promise<PlaneRestart[]> => (await answer(api.GET("/api/v1/plane-restarts", { signal }))).items;

/** The restarts of data planes, latest first; while one runs it is looked at every second. */
export const planeRestartsQuery = queryOptions({
  queryKey: ["planes", "restarts"],
  queryFn: lookAtRestarts,
  refetchInterval: ({ state }) => (state.data?.some((one) => one.standing === "running") ? STEP_MS : LOOK_MS),
});

export async function restartPlanes(reason: string, planes: string[]): Promise<void> {
  await answer(api.POST("/api/v1/plane-restarts", { body: { reason, planes } }));
  await planesChanged();
}

export async function cancelRestart(restart: string): Promise<void> {
  await answer(api.POST("/api/v1/plane-restarts/{restart}/cancel", { params: { path: { restart } } }));
  await planesChanged();
}
