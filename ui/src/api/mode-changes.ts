// Which mode does a listener have for a stated time, and who asked for it?

import { queryOptions } from "@tanstack/react-query";
import { answer, api, type Schemas } from "./client";
import { queryClient } from "./queries";

export type ModeChange = Schemas["ModeChangeView"];
export type ModeChangeDraft = Schemas["ModeChangeDraft"];
export type Deal = "approve" | "deny" | "withdraw" | "end";

const AT = "/api/v1/workspaces/{workspace}/listeners/{listener}/mode-changes";

export const modeChangesQuery = (workspace: string, listener: string) =>
  queryOptions({
    queryKey: ["mode-changes", workspace, listener],
    refetchInterval: 5_000,
    queryFn: async () => (await answer(api.GET(AT, { params: { path: { workspace, listener } } }))).items,
  });

async function refresh(workspace: string): Promise<void> {
  await Promise.all(["mode-changes", "listeners"].map((part) => queryClient.invalidateQueries({ queryKey: [part, workspace] })));
}

/** Begins at once where nobody has to approve. */
export async function askMode(workspace: string, listener: string, draft: ModeChangeDraft): Promise<ModeChange> {
  const asked = await answer(api.POST(AT, { params: { path: { workspace, listener } }, body: draft }));
  await refresh(workspace);
  return asked;
}

export async function dealWith(workspace: string, listener: string, change: ModeChange, deal: Deal): Promise<void> {
  const params = { path: { workspace, listener, mode_change: change.id }, header: { "If-Match": `"${change.version}"` } };
  try {
    await answer(api.POST(`${AT}/{mode_change}/${deal}` as const, { params }));
  } finally {
    await refresh(workspace);
  }
}
