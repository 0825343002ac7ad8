// What does each capability allow, in a person's words, and which role has it first?

import type { Role } from "~/api/members";
import type { Capability } from "~/api/workspaces";

interface Meaning {
  capability: Capability;
  /** What it allows, in words. */
  allows: string;
  /** The least role that has it. */
  from: Role;
}

/** From the least to the most; docs/access.md is made from the same, and a test compares both. */
export const CAPABILITIES: readonly Meaning[] = [
  { capability: "view", from: "viewer", allows: "See the workspace, its connections, schemas, saved queries and members" },
  { capability: "view_traffic", from: "viewer", allows: "See statements, sessions, refusals and figures of its listeners" },
  { capability: "run_queries", from: "editor", allows: "Run queries, read-only, on connections that are not production" },
  { capability: "save_queries", from: "editor", allows: "Save, change and share queries" },
  { capability: "use_production", from: "admin", allows: "Run queries and read live schemas on production connections" },
  { capability: "propose_changes", from: "editor", allows: "Propose changes of schemas, and another mode of a listener for a while" },
  { capability: "approve_changes", from: "admin", allows: "Approve changes that others propose" },
  { capability: "edit_rules", from: "editor", allows: "Write drafts of rule sets and try them" },
  { capability: "publish_rules", from: "admin", allows: "Publish rule sets to listeners" },
  { capability: "view_ledger", from: "admin", allows: "Search the ledger: every statement on record" },
  { capability: "manage_connections", from: "admin", allows: "Make, change, test and delete connections" },
  { capability: "control_sessions", from: "admin", allows: "Cancel what sessions of the listeners run, and end sessions" },
  { capability: "view_activity", from: "admin", allows: "See what people did" },
  { capability: "manage_members", from: "admin", allows: "Invite, change and remove members, teams and names on the wire" },
  { capability: "manage_workspace", from: "admin", allows: "Change the workspace's name and settings" },
  { capability: "own_workspace", from: "owner", allows: "Delete the workspace; make and unmake owners" },
];
