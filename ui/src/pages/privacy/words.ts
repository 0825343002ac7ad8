// What is kept, about whom, where and for how long, in words?

import type { KeptKind, Periods } from "~/api/privacy";
import { count } from "~/ui/format";

export interface KeptThing {
  what: string;
  /** What of it is about people. */
  about: string;
  where: "state" | "ledger" | "nowhere";
  period: string;
  /** How it is changed, or that it is not. */
  change: string;
}

const SET = "by admin.retention";

const daysOr = (days: number, ever: string): string => (days ? count(days, "day") : ever);

/** What the control plane keeps; the ledger has rows of its own. */
export function keptThings(periods: Periods): KeptThing[] {
  return [
    {
      what: "Traffic",
      about: "How often which database user and application ran which statement, without its values",
      where: "state",
      period: `by the minute ${count(periods.traffic_minutes_hours, "hour")}, by the hour ${count(periods.traffic_hours_days, "day")}, by the day ${count(periods.traffic_days_days, "day")}`,
      change: SET,
    },
    { what: "Sessions and refusals", about: "Who was connected from which address and when, and what was refused", where: "state", period: count(periods.traffic_events_days, "day"), change: SET },
    { what: "Runs", about: "What somebody ran in the console, with its text, values in it as well", where: "state", period: `${count(periods.run_days, "day")}; their sums ${daysOr(periods.connection_usage_days, "as long as the connection")}`, change: SET },
    { what: "Saved queries", about: "Their texts, who owns and who changed them, each version", where: "state", period: "until they are deleted", change: "by their owners" },
    { what: "Viewpoints", about: "Who made and changed which picture of a schema", where: "state", period: "until they are deleted", change: "by who may change them" },
    { what: "Notices", about: "What a workspace is told of, and who has read it", where: "state", period: count(periods.notice_days, "day"), change: SET },
    { what: "Recently opened", about: "What somebody opened last, in each workspace", where: "state", period: `the last ${periods.recent}`, change: "" },
    { what: "Activity", about: "What people did in the console, from which address", where: "state", period: `${daysOr(periods.activity_days, "for ever")}; after an account is erased, under an id that leads to no name`, change: SET },
    { what: "Accounts and sign-in", about: "E-mail, name, a hash of the password, linked accounts, tokens without their secrets", where: "state", period: `until the account is erased; ended tokens ${daysOr(periods.token_days, "as well")}`, change: "under Profile" },
    { what: "Invitations", about: "Whose e-mail was invited, by whom", where: "state", period: `when ended, ${daysOr(periods.invitation_days, "as long as the workspace")}`, change: SET },
    { what: "Sessions of the console", about: "Browser and address of who is signed in", where: "state", period: `${count(periods.session_hours, "hour")} without use`, change: "admin.session_hours in the settings" },
    { what: "Schemas", about: "Names of tables and columns; a sample of rows is shown when somebody asks and is not kept", where: "state", period: `the last ${periods.schema_snapshots} snapshots of a connection`, change: "" },
    { what: "Rows and results", about: "What queries return goes to the browser of who asked", where: "nowhere", period: "not kept", change: "" },
  ];
}

export const WHERE: Record<KeptThing["where"], string> = { state: "the control plane's state", ledger: "the ledger of the data plane", nowhere: "nowhere" };

/** What is kept of oneself; what the API may tell besides is shown by its word. */
const KINDS: Record<string, { label: string; fate: string }> = {
  sessions: { label: "Places where you are signed in", fate: "go" },
  tokens: { label: "Tokens", fate: "go" },
  identities: { label: "Linked accounts", fate: "go" },
  memberships: { label: "Workspaces you are in", fate: "you leave them; your personal one goes with all in it" },
  invitations: { label: "Invitations to your e-mail", fate: "go" },
  principals: { label: "Database users linked to you", fate: "stay, and lead to nobody" },
  queries: { label: "Saved queries of yours", fate: "private ones go; shared ones stay, under an id without a name" },
  runs: { label: "Runs, with their texts", fate: "go" },
  viewpoints: { label: "Viewpoints of diagrams that you made", fate: "stay, under an id without a name" },
  notices: { label: "Notices you have read, and how you want to be told", fate: "go" },
  favourites: { label: "Favourites", fate: "go" },
  recent: { label: "Recently opened", fate: "go" },
  access_reviews: { label: "Access reviews you have done", fate: "stay, under an id without a name" },
  groups: { label: "What groups of a sign-in service gave you", fate: "go" },
  machines: { label: "Services and agents you answer for", fate: "are disabled until somebody else does" },
  mode_changes: { label: "Changes of a mode you asked for or decided", fate: "stay, under an id without a name" },
  restarts: { label: "Restarts of data planes you asked for", fate: "stay, under an id without a name" },
  activity: { label: "Entries of the activity", fate: "stay, under an id that leads to no name" },
};

export const kindOf = ({ kind }: Pick<KeptKind, "kind">): { label: string; fate: string } => KINDS[kind] ?? { label: kind.replaceAll("_", " "), fate: "see the documentation" };

export const RECORD_WORDS: Record<string, string> = { text: "the text as it came", parameters: "its parameters", hashes: "keyed hashes of its parameters", error: "the server's error" };
