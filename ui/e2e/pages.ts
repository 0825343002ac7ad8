// Which pages are there, and how is each one reached? Every route of src/routes.tsx has its line here.

import { WORKSPACE, type Known } from "./harness/stage.ts";

export interface PageUnderTest {
  /** As in src/routes.tsx. */
  route: string;
  /** The name of its pictures. */
  name: string;
  path: (known: Known) => string;
  /** What its heading says. */
  heading: RegExp;
  /** Nobody is signed in. */
  outside?: true;
}

const door = (route: string, heading: RegExp): PageUnderTest => ({ route, name: route.slice(1), path: () => route, heading, outside: true });
const top = (route: string, heading: RegExp): PageUnderTest => ({ route, name: route.slice(1), path: () => route, heading });
const inside = (route: string, name: string, heading: RegExp, rest: (known: Known) => string = () => route): PageUnderTest => ({ route, name, path: (known) => `/w/${WORKSPACE}${rest(known)}`, heading });

export const PAGES: readonly PageUnderTest[] = [
  door("/sign-in", /^Sign in$/),
  door("/register", /^New account$/),
  door("/setup", /^This link does not open anything$/),
  door("/forgotten-password", /^Forgotten password$/),
  door("/reset-password", /^New password$/),
  door("/invitation", /^This invitation is not valid any more$/),
  door("/confirm-email", /^Confirm your e-mail$/),
  top("/profile", /^Profile$/),
  top("/tokens", /^Tokens$/),
  top("/instance", /^Instance$/),
  inside("/", "home", /\w/, () => ""),
  inside("/welcome", "welcome", /^Welcome$/),
  inside("/sql", "sql", /^SQL$/),
  inside("/saved-queries", "saved-queries", /^Saved queries$/),
  inside("/saved-queries/$query", "saved-query", /^Orders by state/, (known) => `/saved-queries/${known.query}`),
  inside("/tables", "tables", /^Tables$/),
  inside("/tables/$connection/$key", "table", /orders/, (known) => `/tables/${known.connection}/${encodeURIComponent(known.table)}`),
  inside("/diagram", "diagram", /^Diagram$/),
  inside("/schema-history", "schema-history", /^Schema history$/),
  inside("/schema-import", "schema-import", /^Import a schema$/),
  inside("/traffic", "traffic", /^Traffic$/),
  inside("/queries", "queries", /^Queries$/),
  inside("/queries/$fingerprint", "query", /\w/, (known) => `/queries/${known.fingerprint}`),
  inside("/sessions", "sessions", /^Sessions$/),
  inside("/connections", "connections", /^Connections$/),
  inside("/connections/new", "new-connection", /^New connection$/),
  inside("/connections/$connection", "connection", /^shop/, (known) => `/connections/${known.connection}`),
  inside("/rule-sets", "rule-sets", /^Rule sets$/),
  inside("/rule-sets/$ruleSet", "rule-set", /^careful/, (known) => `/rule-sets/${known.ruleSet}`),
  inside("/audit", "audit", /^Audit$/),
  inside("/audit/$record", "record", /\w/, (known) => `/audit/${known.record}`),
  inside("/access-report", "access-report", /^Access report$/, () => "/access-report?table=orders"),
  inside("/activity", "activity", /^Activity$/),
  inside("/members", "members", /^Members$/),
  inside("/privacy", "privacy", /^Privacy$/),
  inside("/fleet", "fleet", /^Fleet$/),
  inside("/notifications", "notifications", /^Notifications$/),
  inside("/settings", "settings", /^Settings$/),
];
