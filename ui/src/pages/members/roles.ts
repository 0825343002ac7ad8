// What does each role allow, and what changes with another one?

import type { Role } from "~/api/members";
import type { Capability } from "~/api/workspaces";
import { CAPABILITIES } from "~/parts/capabilities";

export const ROLES: readonly { role: Role; about: string }[] = [
  { role: "viewer", about: "Looks: figures and statements, nothing else." },
  { role: "editor", about: "Works: runs and saves queries, drafts rules, proposes changes." },
  { role: "admin", about: "Runs the workspace: connections, members, rules in force, production." },
  { role: "owner", about: "Owns it: can delete it, and makes other owners." },
];

/** Capabilities that belong together, as the matrix shows them. */
export const GROUPS: readonly { label: string; capabilities: readonly Capability[] }[] = [
  { label: "Look", capabilities: ["view", "view_traffic", "view_ledger", "view_activity"] },
  { label: "Query", capabilities: ["run_queries", "save_queries", "use_production"] },
  { label: "Change and decide", capabilities: ["propose_changes", "approve_changes", "edit_rules", "publish_rules"] },
  { label: "Run the workspace", capabilities: ["manage_connections", "control_sessions", "manage_members", "manage_workspace", "own_workspace"] },
];

const rank = (role: Role): number => ROLES.findIndex((one) => one.role === role);

/** What a role that every workspace has allows by itself. */
export const capabilitiesOf = (role: Role): Capability[] => CAPABILITIES.filter((one) => rank(one.from) <= rank(role)).map((one) => one.capability);

/** What somebody with a role and more beyond it may do. */
export const allOf = (own: readonly Capability[], extra: readonly Capability[]): Capability[] => CAPABILITIES.map((one) => one.capability).filter((one) => own.includes(one) || extra.includes(one));

/** Which capabilities come and which go. */
export function difference(before: readonly Capability[], after: readonly Capability[]): { comes: Capability[]; goes: Capability[] } {
  return { comes: after.filter((one) => !before.includes(one)), goes: before.filter((one) => !after.includes(one)) };
}

/** Nobody gives or takes what they do not have. */
export const mayGive = (own: readonly Capability[], wanted: readonly Capability[]): boolean => wanted.every((one) => own.includes(one));

export const allows = (capability: Capability): string => CAPABILITIES.find((one) => one.capability === capability)?.allows ?? capability;
