// Where is each page and each object? The one maker of the console's own URLs.

const part = encodeURIComponent;

/** A path with what stands behind `?`; what is empty is left out. */
export function withSearch(path: string, search: Record<string, string | undefined>): string {
  const said = Object.entries(search).filter((entry): entry is [string, string] => Boolean(entry[1]));
  return said.length === 0 ? path : `${path}?${new URLSearchParams(said).toString()}`;
}

const inside = (workspace: string, rest = "") => `/w/${part(workspace)}${rest}`;

export const paths = {
  root: "/",
  signIn: (next?: string) => withSearch("/sign-in", { next }),
  register: "/register",
  setUp: "/setup",
  forgotten: "/forgotten-password",
  resetPassword: "/reset-password",
  invitation: "/invitation",
  confirmEmail: "/confirm-email",
  profile: "/profile",
  tokens: "/tokens",
  instance: "/instance",
  home: (workspace: string) => inside(workspace),
  welcome: (workspace: string) => inside(workspace, "/welcome"),
  sql: (workspace: string) => inside(workspace, "/sql"),
  savedQueries: (workspace: string) => inside(workspace, "/saved-queries"),
  savedQuery: (workspace: string, query: string) => inside(workspace, `/saved-queries/${part(query)}`),
  tables: (workspace: string) => inside(workspace, "/tables"),
  /** `key` is the object's, as the schema's list tells it. */
  table: (workspace: string, connection: string, key: string) => inside(workspace, `/tables/${part(connection)}/${part(key)}`),
  diagram: (workspace: string) => inside(workspace, "/diagram"),
  schemaHistory: (workspace: string) => inside(workspace, "/schema-history"),
  schemaImport: (workspace: string) => inside(workspace, "/schema-import"),
  traffic: (workspace: string) => inside(workspace, "/traffic"),
  queries: (workspace: string) => inside(workspace, "/queries"),
  query: (workspace: string, fingerprint: string) => inside(workspace, `/queries/${part(fingerprint)}`),
  sessions: (workspace: string) => inside(workspace, "/sessions"),
  connections: (workspace: string) => inside(workspace, "/connections"),
  newConnection: (workspace: string) => inside(workspace, "/connections/new"),
  connection: (workspace: string, connection: string) => inside(workspace, `/connections/${part(connection)}`),
  fleet: (workspace: string) => inside(workspace, "/fleet"),
  ruleSets: (workspace: string) => inside(workspace, "/rule-sets"),
  ruleSet: (workspace: string, ruleSet: string) => inside(workspace, `/rule-sets/${part(ruleSet)}`),
  audit: (workspace: string) => inside(workspace, "/audit"),
  auditRecord: (workspace: string, record: string) => inside(workspace, `/audit/${part(record)}`),
  accessReport: (workspace: string) => inside(workspace, "/access-report"),
  activity: (workspace: string) => inside(workspace, "/activity"),
  members: (workspace: string) => inside(workspace, "/members"),
  privacy: (workspace: string) => inside(workspace, "/privacy"),
  notifications: (workspace: string) => inside(workspace, "/notifications"),
  settings: (workspace: string) => inside(workspace, "/settings"),
} as const;

/** A path of the console to go on to; nothing that leads elsewhere. */
export function safeNext(next: string | undefined): string {
  return next !== undefined && /^\/(?![/\\])/.test(next) && !next.startsWith("/sign-in") ? next : "/";
}
