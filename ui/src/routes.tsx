// Which page stands at which path? Every page is a chunk of its own, loaded when it comes near.

import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect, Outlet } from "@tanstack/react-router";
import { queryClient } from "./api/queries";
import { whenThere } from "./api/reachability";
import { sessionQuery } from "./api/session";
import { workspacesQuery } from "./api/workspaces";
import { Failed } from "./ui/states";
import { PagePending } from "./parts/page";
import { NotFoundPage } from "./pages/not-found";
import { paths, safeNext } from "./paths";
import { remembered } from "./ui/remembered";

const root = createRootRoute({ component: Outlet, notFoundComponent: NotFoundPage, errorComponent: ({ error }) => <Failed error={error} onRetry={() => location.reload()} /> });

/** Pages without the shell: nobody is signed in yet, or it does not matter. */
const outside = createRoute({ getParentRoute: () => root, id: "outside", component: lazyRouteComponent(() => import("./pages/sign-in/outside"), "Outside") });

/** Pages inside the shell: somebody has to be signed in. */
const inside = createRoute({
  getParentRoute: () => root,
  id: "inside",
  beforeLoad: async ({ location: place }) => {
    const session = await queryClient.ensureQueryData(sessionQuery);
    if (session === null) {
      throw redirect({ href: paths.signIn(place.href) });
    }
  },
  component: lazyRouteComponent(() => import("./shell/shell"), "Shell"),
});

const start = createRoute({
  getParentRoute: () => root,
  path: "/",
  beforeLoad: async () => {
    const session = await queryClient.ensureQueryData(sessionQuery);
    if (session === null) {
      throw redirect({ href: paths.signIn() });
    }
    const workspaces = await queryClient.ensureQueryData(workspacesQuery);
    const last = remembered<string | null>("workspace", null);
    const known = workspaces.find((one) => one.slug === last) ?? workspaces.find((one) => one.kind === "gateway") ?? workspaces[0];
    throw redirect({ href: known ? paths.home(known.slug) : paths.profile, replace: true });
  },
});

const workspace = createRoute({ getParentRoute: () => inside, path: "/w/$workspace", component: lazyRouteComponent(() => import("./shell/workspace"), "WorkspaceOutlet") });

type Module = Record<string, unknown>;
/** "Rule sets" of `RuleSetsPage`: what stands above a page that cannot come yet. */
const titleOf = (name: string): string => (name === "SqlPage" ? "SQL" : name.replace(/Page$/, "").replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`));
const page = (load: () => Promise<Module>, name: string) => ({ component: lazyRouteComponent(() => whenThere(load as () => Promise<Record<string, never>>), name), pendingComponent: () => <PagePending title={titleOf(name)} /> });
const at = (path: string, load: () => Promise<Module>, name: string) => createRoute({ getParentRoute: () => workspace, path, ...page(load, name) });
const atTop = (path: string, load: () => Promise<Module>, name: string) => createRoute({ getParentRoute: () => inside, path, ...page(load, name) });
const atDoor = (path: string, load: () => Promise<Module>, name: string) => createRoute({ getParentRoute: () => outside, path, ...page(load, name) });

/** Who is signed in already goes on to where the link leads. */
const signIn = createRoute({
  getParentRoute: () => outside,
  path: "/sign-in",
  beforeLoad: async ({ search }: { search: Record<string, string | undefined> }) => {
    const session = await queryClient.ensureQueryData(sessionQuery).catch(() => null);
    if (session !== null) {
      throw redirect({ href: safeNext(search["next"]), replace: true });
    }
  },
  ...page(() => import("./pages/sign-in/sign-in-page"), "SignInPage"),
});

const doors = [
  signIn,
  atDoor("/register", () => import("./pages/sign-in/register-page"), "RegisterPage"),
  atDoor("/setup", () => import("./pages/sign-in/set-up-page"), "SetUpPage"),
  atDoor("/forgotten-password", () => import("./pages/sign-in/forgotten-page"), "ForgottenPage"),
  atDoor("/reset-password", () => import("./pages/sign-in/reset-password-page"), "ResetPasswordPage"),
  atDoor("/invitation", () => import("./pages/sign-in/invitation-page"), "InvitationPage"),
  atDoor("/confirm-email", () => import("./pages/sign-in/confirm-email-page"), "ConfirmEmailPage"),
];

const personal = [
  atTop("/profile", () => import("./pages/profile/profile-page"), "ProfilePage"),
  atTop("/tokens", () => import("./pages/tokens/tokens-page"), "TokensPage"),
  atTop("/instance", () => import("./pages/settings/instance-page"), "InstancePage"),
];

const shared = [
  at("/", () => import("./pages/home/home-page"), "HomePage"),
  at("/welcome", () => import("./pages/home/welcome-page"), "WelcomePage"),
  at("/sql", () => import("./pages/sql/sql-page"), "SqlPage"),
  at("/saved-queries", () => import("./pages/saved-queries/saved-queries-page"), "SavedQueriesPage"),
  at("/saved-queries/$query", () => import("./pages/saved-queries/saved-query-page"), "SavedQueryPage"),
  at("/tables", () => import("./pages/tables/tables-page"), "TablesPage"),
  at("/tables/$connection/$key", () => import("./pages/tables/table-page"), "TablePage"),
  at("/diagram", () => import("./pages/diagram/diagram-page"), "DiagramPage"),
  at("/schema-history", () => import("./pages/schema-history/schema-history-page"), "SchemaHistoryPage"),
  at("/schema-import", () => import("./pages/schema-import/schema-import-page"), "SchemaImportPage"),
  at("/traffic", () => import("./pages/traffic/traffic-page"), "TrafficPage"),
  at("/queries", () => import("./pages/queries/queries-page"), "QueriesPage"),
  at("/queries/$fingerprint", () => import("./pages/queries/query-page"), "QueryPage"),
  at("/sessions", () => import("./pages/sessions/sessions-page"), "SessionsPage"),
  at("/connections", () => import("./pages/connections/connections-page"), "ConnectionsPage"),
  at("/connections/new", () => import("./pages/connections/new-connection-page"), "NewConnectionPage"),
  at("/connections/$connection", () => import("./pages/connections/connection-page"), "ConnectionPage"),
  at("/rule-sets", () => import("./pages/rule-sets/rule-sets-page"), "RuleSetsPage"),
  at("/rule-sets/$ruleSet", () => import("./pages/rule-sets/rule-set-page"), "RuleSetPage"),
  at("/audit", () => import("./pages/audit/audit-page"), "AuditPage"),
  at("/audit/$record", () => import("./pages/audit/record-page"), "RecordPage"),
  at("/access-report", () => import("./pages/access-report/access-report-page"), "AccessReportPage"),
  at("/activity", () => import("./pages/activity/activity-page"), "ActivityPage"),
  at("/members", () => import("./pages/members/members-page"), "MembersPage"),
  at("/privacy", () => import("./pages/privacy/privacy-page"), "PrivacyPage"),
  at("/fleet", () => import("./pages/fleet/fleet-page"), "FleetPage"),
  at("/notifications", () => import("./pages/notifications/notifications-page"), "NotificationsPage"),
  at("/settings", () => import("./pages/settings/settings-page"), "SettingsPage"),
];

const tree = root.addChildren([start, outside.addChildren(doors), inside.addChildren([...personal, workspace.addChildren(shared)])]);

/** Values in the query string are plain texts: URLs stay readable and can be written by hand. */
const parseSearch = (text: string): Record<string, string> => Object.fromEntries(new URLSearchParams(text));
const stringifySearch = (search: Record<string, unknown>): string => {
  const said = Object.entries(search).filter(([, value]) => value !== undefined && value !== null && value !== "");
  const text = new URLSearchParams(said.map(([key, value]) => [key, String(value)])).toString();
  return text === "" ? "" : `?${text}`;
};

export const router = createRouter({ routeTree: tree, parseSearch, stringifySearch, defaultPreload: "intent", defaultPreloadStaleTime: 0, defaultPendingMs: 100, defaultPendingMinMs: 0, scrollRestoration: true, defaultNotFoundComponent: NotFoundPage, defaultErrorComponent: ({ error }) => <Failed error={error} onRetry={() => location.reload()} /> });
