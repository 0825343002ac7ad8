// Which services and agents act in a workspace by tokens of their own?

import { infiniteQueryOptions } from "@tanstack/react-query";
import { answer, api, versioned, type Schemas } from "./client";
import { queryClient } from "./queries";
import type { MadeToken } from "./tokens";

export type Machine = Schemas["MachineView"];
export type MachineDraft = Schemas["MachineDraft"];
export type MachineChange = Schemas["MachineChange"];

const M = "/api/v1/workspaces/{workspace}/machines";
const ONE = `${M}/{machine}` as const;
const next = (page: { next?: string | null }): string | undefined => page.next ?? undefined;

export const machinesQuery = (workspace: string) =>
  infiniteQueryOptions({
    queryKey: ["machines", workspace],
    queryFn: ({ pageParam }) => answer(api.GET(M, { params: { path: { workspace }, query: { limit: 200, cursor: pageParam } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: next,
  });

export const machineTokensQuery = (workspace: string, machine: string) =>
  infiniteQueryOptions({
    queryKey: ["machines", workspace, machine, "tokens"],
    queryFn: ({ pageParam }) => answer(api.GET(`${ONE}/tokens`, { params: { path: { workspace, machine }, query: { limit: 200, cursor: pageParam } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: next,
  });

const refresh = (workspace: string) => queryClient.invalidateQueries({ queryKey: ["machines", workspace] });

export const machineVersion = (workspace: string, machine: string) => versioned(api.GET(ONE, { params: { path: { workspace, machine } } }));

export async function createMachine(workspace: string, draft: MachineDraft): Promise<Machine> {
  const made = await answer(api.POST(M, { params: { path: { workspace } }, body: draft }));
  await refresh(workspace);
  return made;
}

export async function changeMachine(workspace: string, machine: string, etag: string, wanted: MachineChange): Promise<void> {
  await answer(api.PUT(ONE, { params: { path: { workspace, machine }, header: { "If-Match": etag } }, body: wanted }));
  await refresh(workspace);
}

export async function deleteMachine(workspace: string, machine: string): Promise<void> {
  await answer(api.DELETE(ONE, { params: { path: { workspace, machine } } }));
  await refresh(workspace);
}

export async function createMachineToken(workspace: string, machine: string, name: string): Promise<MadeToken> {
  const made = await answer(api.POST(`${ONE}/tokens`, { params: { path: { workspace, machine } }, body: { name, expires_in_days: null } }));
  await refresh(workspace);
  return made;
}

export async function revokeMachineToken(workspace: string, machine: string, token: string): Promise<void> {
  await answer(api.DELETE(`${ONE}/tokens/{token}`, { params: { path: { workspace, machine, token } } }));
  await refresh(workspace);
}
