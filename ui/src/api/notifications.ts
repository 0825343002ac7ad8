// What is the person told of without asking, and what of it have they read?

import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { answer, api, type Schemas } from "./client";
import { queryClient } from "./queries";

export type Notification = Schemas["NotificationView"];
export type NotificationKind = Schemas["NotificationKind"];
export type NotificationTone = Schemas["NotificationTone"];
export type Mark = Schemas["MarkWord"];
export type NotificationSettings = Schemas["NotificationSettingsView"];

/** Where a live message does not arrive, because another node has the news, they come with the next look. */
const LOOK_MS = 60_000;
/** What the panel below the bell shows. */
const LATEST = 8;

export interface NotificationFilter {
  kind?: NotificationKind;
  unread?: boolean;
}

export const notificationsQuery = (workspace: string, filter: NotificationFilter) =>
  infiniteQueryOptions({
    queryKey: ["notifications", workspace, "list", filter],
    initialPageParam: undefined as string | undefined,
    placeholderData: keepPreviousData,
    refetchInterval: LOOK_MS,
    queryFn: ({ pageParam, signal }) => answer(api.GET("/api/v1/workspaces/{workspace}/notifications", { params: { path: { workspace }, query: { ...filter, limit: 100, cursor: pageParam } }, signal })),
    getNextPageParam: (last) => last.next ?? undefined,
  });

export const latestNotificationsQuery = (workspace: string) =>
  queryOptions({
    queryKey: ["notifications", workspace, "latest"],
    refetchInterval: LOOK_MS,
    queryFn: async ({ signal }) => (await answer(api.GET("/api/v1/workspaces/{workspace}/notifications", { params: { path: { workspace }, query: { limit: LATEST } }, signal }))).items,
  });

/** How the person is told, and how much they have not read. */
export const notificationSettingsQuery = (workspace: string) =>
  queryOptions({
    queryKey: ["notifications", workspace, "settings"],
    refetchInterval: LOOK_MS,
    queryFn: ({ signal }) => answer(api.GET("/api/v1/workspaces/{workspace}/notifications/settings", { params: { path: { workspace } }, signal })),
  });

/** Something is new: what is shown of it is asked for again. */
export const notificationsChanged = (workspace: string): Promise<void> => queryClient.invalidateQueries({ queryKey: ["notifications", workspace] });

/** Marks these as read or not; `read_and_before`: all up to the latest of them. */
export async function markNotifications(workspace: string, notifications: readonly string[], mark: Mark): Promise<void> {
  await answer(api.POST("/api/v1/workspaces/{workspace}/notifications/marks", { params: { path: { workspace } }, body: { notifications: [...notifications], mark } }));
  await notificationsChanged(workspace);
}

export async function changeNotificationSettings(workspace: string, change: Schemas["NotificationSettingsDraft"]): Promise<void> {
  await answer(api.PUT("/api/v1/workspaces/{workspace}/notifications/settings", { params: { path: { workspace } }, body: change }));
  await notificationsChanged(workspace);
}
