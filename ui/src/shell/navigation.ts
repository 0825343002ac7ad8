// Which pages does the rail lead to, in which groups, and what do they need?

import { BookOpenText, ChartLine, Database, DoorOpen, FileSearch, Gauge, History, House, ListTree, ScrollText, Server, Settings, ShieldCheck, SquareTerminal, Table2, Users, Waypoints, type LucideIcon } from "lucide-react";
import type { Capability } from "~/api/workspaces";
import { paths } from "~/paths";

export interface Destination {
  label: string;
  path: (workspace: string) => string;
  icon: LucideIcon;
  /** Keys that lead there from anywhere. */
  keys: string;
  /** Without it the page is not in the rail. */
  capability?: Capability;
  /** What one finds there, for the palette. */
  about: string;
}

export interface Group {
  label: string;
  icon: LucideIcon;
  pages: readonly Destination[];
}

const home: Destination = { label: "Home", path: paths.home, icon: House, keys: "g h", about: "health, traffic now, slow queries, refusals" };

export const GROUPS: readonly Group[] = [
  { label: "Home", icon: House, pages: [home] },
  {
    label: "Explore",
    icon: SquareTerminal,
    pages: [
      { label: "SQL", path: paths.sql, icon: SquareTerminal, keys: "g e", capability: "run_queries", about: "ask a database, read-only" },
      { label: "Saved queries", path: paths.savedQueries, icon: BookOpenText, keys: "g v", about: "queries with a name, kept and shared" },
    ],
  },
  {
    label: "Understand",
    icon: Table2,
    pages: [
      { label: "Tables", path: paths.tables, icon: Table2, keys: "g b", about: "tables and columns, as they are used" },
      { label: "Diagram", path: paths.diagram, icon: Waypoints, keys: "g d", about: "how tables hang together, by keys and by joins" },
      { label: "Schema history", path: paths.schemaHistory, icon: History, keys: "g i", about: "what changed in a schema, and how bad it is" },
    ],
  },
  {
    label: "Operate",
    icon: Gauge,
    pages: [
      { label: "Traffic", path: paths.traffic, icon: ChartLine, keys: "g t", capability: "view_traffic", about: "statements, latency, errors, now and over time" },
      { label: "Queries", path: paths.queries, icon: ListTree, keys: "g q", capability: "view_traffic", about: "every fingerprint: which are slow, who runs them" },
      { label: "Sessions", path: paths.sessions, icon: DoorOpen, keys: "g s", capability: "view_traffic", about: "who is connected, what they do, who blocks whom" },
      { label: "Connections", path: paths.connections, icon: Database, keys: "g c", about: "databases this workspace reaches" },
      { label: "Fleet", path: paths.fleet, icon: Server, keys: "g f", capability: "view_traffic", about: "data planes: are they there, what do they run" },
    ],
  },
  { label: "Change", icon: ShieldCheck, pages: [{ label: "Rule sets", path: paths.ruleSets, icon: ShieldCheck, keys: "g r", about: "what the gateway allows and refuses" }] },
  {
    label: "Govern",
    icon: ScrollText,
    pages: [
      { label: "Audit", path: paths.audit, icon: FileSearch, keys: "g a", capability: "view_ledger", about: "every statement on record, and what was decided" },
      { label: "Access report", path: paths.accessReport, icon: ScrollText, keys: "g o", capability: "view_ledger", about: "who touched a table, what somebody touched" },
      { label: "Activity", path: paths.activity, icon: History, keys: "g y", capability: "view_activity", about: "what people did here" },
      { label: "Members", path: paths.members, icon: Users, keys: "g m", about: "people, roles, teams, invitations" },
      { label: "Privacy", path: paths.privacy, icon: ShieldCheck, keys: "g p", about: "what is kept about people, and for how long" },
      { label: "Settings", path: paths.settings, icon: Settings, keys: "g x", about: "this workspace" },
    ],
  },
];

export const DESTINATIONS: readonly Destination[] = GROUPS.flatMap((group) => group.pages);
