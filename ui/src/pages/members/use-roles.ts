// Which roles can be given here: those that every workspace has, and its own?

import { useQuery } from "@tanstack/react-query";
import { rolesQuery, type Role } from "~/api/members";
import type { Capability } from "~/api/workspaces";
import { useWorkspace } from "~/parts/workspace";
import { capabilitiesOf, ROLES } from "./roles";

export interface Choice {
  role: Role;
  about: string;
  capabilities: Capability[];
}

export function useRoles(): Choice[] {
  const { data } = useQuery(rolesQuery(useWorkspace().slug));
  return [...ROLES.map((one) => ({ ...one, capabilities: capabilitiesOf(one.role) })), ...(data ?? []).map(({ name, description, capabilities }) => ({ role: name, about: description || "A role of this workspace.", capabilities }))];
}
