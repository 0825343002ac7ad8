// Who belongs to a workspace: members, invitations, teams, and names on the wire?

import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { answer, api, versioned, type Schemas } from "./client";
import { queryClient } from "./queries";

export type Member = Schemas["MemberView"];
/** A role that every workspace has, or the name of one of its own. */
export type Role = string;
export type CustomRole = Schemas["RoleView"];
export type Invitation = Schemas["InvitationView"];
export type Team = Schemas["TeamView"];
export type TeamDraft = Schemas["TeamDraft"];
export type Principal = Schemas["PrincipalView"];
export type PrincipalDraft = Schemas["PrincipalDraft"];

const PAGE = 100;
const W = "/api/v1/workspaces/{workspace}";
const next = (page: { next?: string | null }): string | undefined => page.next ?? undefined;
const first = undefined as string | undefined;

export const membersQuery = (workspace: string) =>
  infiniteQueryOptions({
    queryKey: ["members", workspace],
    initialPageParam: first,
    queryFn: ({ pageParam }) => answer(api.GET(`${W}/members`, { params: { path: { workspace }, query: { limit: PAGE, cursor: pageParam } } })),
    getNextPageParam: next,
  });

export const invitationsQuery = (workspace: string) =>
  infiniteQueryOptions({
    queryKey: ["invitations", workspace],
    initialPageParam: first,
    queryFn: ({ pageParam }) => answer(api.GET(`${W}/invitations`, { params: { path: { workspace }, query: { limit: PAGE, cursor: pageParam } } })),
    getNextPageParam: next,
  });

export const teamsQuery = (workspace: string) =>
  infiniteQueryOptions({
    queryKey: ["teams", workspace],
    initialPageParam: first,
    queryFn: ({ pageParam }) => answer(api.GET(`${W}/teams`, { params: { path: { workspace }, query: { limit: PAGE, cursor: pageParam } } })),
    getNextPageParam: next,
  });

export const teamMembersQuery = (workspace: string, team: string) =>
  queryOptions({
    queryKey: ["teams", workspace, team, "members"],
    queryFn: () => answer(api.GET(`${W}/teams/{team}/members`, { params: { path: { workspace, team }, query: { limit: 200 } } })),
  });

export const principalsQuery = (workspace: string) =>
  infiniteQueryOptions({
    queryKey: ["principals", workspace],
    initialPageParam: first,
    queryFn: ({ pageParam }) => answer(api.GET(`${W}/principals`, { params: { path: { workspace }, query: { limit: PAGE, cursor: pageParam } } })),
    getNextPageParam: next,
  });

export const rolesQuery = (workspace: string) =>
  queryOptions({
    queryKey: ["roles", workspace],
    queryFn: async () => (await answer(api.GET(`${W}/roles`, { params: { path: { workspace } } }))).items,
  });

const refresh = (...key: string[]) => queryClient.invalidateQueries({ queryKey: key });

/** The member as they are now, with the version that a change goes to. */
export const memberVersion = (workspace: string, user: string) => versioned(api.GET(`${W}/members/{user}`, { params: { path: { workspace, user } } }));

export async function changeMember(workspace: string, user: string, etag: string, change: Schemas["MemberChange"]): Promise<Member> {
  const changed = await answer(api.PATCH(`${W}/members/{user}`, { params: { path: { workspace, user }, header: { "If-Match": etag } }, body: change }));
  await Promise.all([refresh("members", workspace), refresh("workspace", workspace)]);
  return changed;
}

export async function removeMember(workspace: string, user: string): Promise<void> {
  await answer(api.DELETE(`${W}/members/{user}`, { params: { path: { workspace, user } } }));
  await refresh("members", workspace);
}

export async function invite(workspace: string, draft: Schemas["InvitationDraft"]): Promise<Invitation> {
  const sent = await answer(api.POST(`${W}/invitations`, { params: { path: { workspace } }, body: draft }));
  await refresh("invitations", workspace);
  return sent;
}

export async function revokeInvitation(workspace: string, invitation: string): Promise<void> {
  await answer(api.DELETE(`${W}/invitations/{invitation}`, { params: { path: { workspace, invitation } } }));
  await refresh("invitations", workspace);
}

export const teamVersion = (workspace: string, team: string) => versioned(api.GET(`${W}/teams/{team}`, { params: { path: { workspace, team } } }));

export async function createTeam(workspace: string, draft: TeamDraft): Promise<Team> {
  const made = await answer(api.POST(`${W}/teams`, { params: { path: { workspace } }, body: draft }));
  await refresh("teams", workspace);
  return made;
}

export async function changeTeam(workspace: string, team: string, etag: string, draft: TeamDraft): Promise<Team> {
  const changed = await answer(api.PUT(`${W}/teams/{team}`, { params: { path: { workspace, team }, header: { "If-Match": etag } }, body: draft }));
  await refresh("teams", workspace);
  return changed;
}

export async function deleteTeam(workspace: string, team: string): Promise<void> {
  await answer(api.DELETE(`${W}/teams/{team}`, { params: { path: { workspace, team } } }));
  await refresh("teams", workspace);
}

export async function addToTeam(workspace: string, team: string, user: string): Promise<void> {
  await answer(api.PUT(`${W}/teams/{team}/members/{user}`, { params: { path: { workspace, team, user } } }));
  await refresh("teams", workspace, team);
}

export async function removeFromTeam(workspace: string, team: string, user: string): Promise<void> {
  await answer(api.DELETE(`${W}/teams/{team}/members/{user}`, { params: { path: { workspace, team, user } } }));
  await refresh("teams", workspace, team);
}

export const principalVersion = (workspace: string, principal: string) => versioned(api.GET(`${W}/principals/{principal}`, { params: { path: { workspace, principal } } }));

export async function createPrincipal(workspace: string, draft: PrincipalDraft): Promise<Principal> {
  const made = await answer(api.POST(`${W}/principals`, { params: { path: { workspace } }, body: draft }));
  await refresh("principals", workspace);
  return made;
}

export async function changePrincipal(workspace: string, principal: string, etag: string, draft: PrincipalDraft): Promise<Principal> {
  const changed = await answer(api.PUT(`${W}/principals/{principal}`, { params: { path: { workspace, principal }, header: { "If-Match": etag } }, body: draft }));
  await refresh("principals", workspace);
  return changed;
}

export async function deletePrincipal(workspace: string, principal: string): Promise<void> {
  await answer(api.DELETE(`${W}/principals/{principal}`, { params: { path: { workspace, principal } } }));
  await refresh("principals", workspace);
}

export async function createRole(workspace: string, draft: Schemas["RoleDraft"]): Promise<void> {
  await answer(api.POST(`${W}/roles`, { params: { path: { workspace } }, body: draft }));
  await refresh("roles", workspace);
}

/** Changes a role that still is what was `shown`; the server refuses it where somebody else was faster. */
export async function changeRole(workspace: string, shown: CustomRole, { description, capabilities }: Pick<CustomRole, "description" | "capabilities">): Promise<void> {
  const { name: role } = shown;
  const { data, etag } = await versioned(api.GET(`${W}/roles/{role}`, { params: { path: { workspace, role } } }));
  const isSame = data.description === shown.description && data.capabilities.join() === shown.capabilities.join();
  try {
    await answer(api.PUT(`${W}/roles/{role}`, { params: { path: { workspace, role }, header: { "If-Match": isSame ? etag : '"0"' } }, body: { description, capabilities } }));
  } finally {
    await Promise.all([refresh("roles", workspace), refresh("members", workspace), refresh("workspace", workspace)]);
  }
}

export async function deleteRole(workspace: string, role: string): Promise<void> {
  await answer(api.DELETE(`${W}/roles/{role}`, { params: { path: { workspace, role } } }));
  await refresh("roles", workspace);
}
