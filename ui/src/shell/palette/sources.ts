// What does the palette know: pages, actions, and everything with a name in the workspace?

import { useQueries, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import { connectionsQuery } from "~/api/connections";
import { knownFingerprintsQuery, namedQuery, namesQuery } from "~/api/find";
import { listenersQuery } from "~/api/listeners";
import { signOut } from "~/api/session";
import { may, workspaceQuery, workspacesQuery, type Workspace } from "~/api/workspaces";
import { paths } from "~/paths";
import { toast } from "~/ui/toast";
import { openHelp } from "~/parts/help/open";
import { useAppearance } from "../appearance";
import { DESTINATIONS } from "../navigation";
import { FindIndex, type Entry } from "./find-index";

/** One index for the page's life: opening the palette again does not build it again. */
const index = new FindIndex();

function useActions(slug: string, workspace: Workspace | undefined): Entry[] {
  const [appearance, setAppearance] = useAppearance();
  const navigate = useNavigate();
  const { data: workspaces } = useQuery(workspacesQuery);
  const leave = () =>
    void signOut()
      .then(() => navigate({ to: paths.signIn() }))
      .catch(() => toast({ title: "You could not be signed out.", tone: "danger" }));
  const action = (label: string, detail: string, run: () => void): Entry => ({ kind: "action", label, detail, run });
  const go = (label: string, detail: string, path: string): Entry => ({ kind: "action", label, detail, path });
  const allowed = (capability: Parameters<typeof may>[1]) => workspace !== undefined && may(workspace, capability);
  return [
    ...(allowed("manage_connections") ? [go("New connection", "connect a database", paths.newConnection(slug))] : []),
    ...(allowed("manage_members") ? [go("Invite somebody", "send an invitation", `${paths.members(slug)}?tab=invitations`)] : []),
    ...(allowed("run_queries") ? [go("New query", "write SQL", paths.sql(slug))] : []),
    go("New token", "let a program use the API", paths.tokens),
    go("Your profile", "name, password, signed-in sessions", paths.profile),
    action(`Theme: ${appearance.theme === "dark" ? "light" : "dark"}`, "change how the console looks", () => setAppearance({ ...appearance, theme: appearance.theme === "dark" ? "light" : "dark" })),
    action("Theme: as the system", "change how the console looks", () => setAppearance({ ...appearance, theme: "system" })),
    action(`Density: ${appearance.density === "compact" ? "comfortable" : "compact"}`, "change how high rows are", () => setAppearance({ ...appearance, density: appearance.density === "compact" ? "comfortable" : "compact" })),
    action("Copy link", "to this page as it is now", () => void navigator.clipboard?.writeText(location.href).then(() => toast({ title: "Link copied" }))),
    ...(workspaces ?? []).filter((one) => one.slug !== slug).map((one) => go(`Workspace: ${one.name}`, "change to it", paths.home(one.slug))),
    action("Sign out", "end this session", leave),
  ];
}

/** The index of a workspace, and whether some of it is still on its way. */
export function useFindIndex(slug: string): { index: FindIndex; loading: boolean; version: number } {
  const { data: workspace } = useQuery(workspaceQuery(slug));
  const actions = useActions(slug, workspace);
  const sees = (capability: Parameters<typeof may>[1]) => workspace !== undefined && may(workspace, capability);
  const connections = useQuery(connectionsQuery(slug));
  const listeners = useQuery({ ...listenersQuery(slug), refetchInterval: false, enabled: sees("view_traffic") });
  const named = useQuery({ ...namedQuery(slug), enabled: workspace !== undefined });
  const fingerprints = useQuery({ ...knownFingerprintsQuery(slug), enabled: sees("view_traffic") });
  const guides = useQuery({ queryKey: ["guides"], staleTime: Infinity, queryFn: async () => (await import("~/parts/help/tasks")).tasks() });
  const snapshots = (connections.data ?? []).filter((one) => one.last_snapshot);
  const names = useQueries({ queries: snapshots.map((one) => namesQuery(slug, one.id)) });
  const version = [connections, listeners, named, fingerprints, guides, ...names].reduce((sum, one) => sum + one.dataUpdatedAt, 0);
  useMemo(() => {
    fill(slug, workspace, { connections: connections.data, listeners: listeners.data, named: named.data, fingerprints: fingerprints.data });
    index.keep(new Set(["pages", "actions", "connections", "listeners", "queries", "rule sets", "people", "fingerprints", "guides", ...snapshots.map((one) => one.id)]));
    index.put("guides", (guides.data ?? []).map((one) => ({ kind: "guide", label: one.label, detail: one.detail, run: () => openHelp(one.guide) })));
    names.forEach((one, at) => {
      const connection = snapshots[at];
      if (one.data && connection) {
        index.putRelations(connection.id, one.data, connection.name, (key) => paths.table(slug, connection.id, key));
      }
    });
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the version tells when any of it changed
  }, [slug, workspace, version]);
  index.put("actions", actions);
  return { index, loading: [connections, listeners, named, fingerprints, ...names].some((one) => one.isLoading), version };
}

interface Known {
  connections: { id: string; name: string; environment: string }[] | undefined;
  listeners: { name: string }[] | undefined;
  named: { queries: { id: string; title: string; description: string }[]; ruleSets: { id: string; name: string }[]; members: { user: string; name: string; email: string }[] } | undefined;
  fingerprints: { fingerprint: string; text: string }[] | undefined;
}

function fill(slug: string, workspace: Workspace | undefined, known: Known): void {
  const pages = DESTINATIONS.filter((page) => page.capability === undefined || (workspace && may(workspace, page.capability)));
  index.put("pages", pages.map((page) => ({ kind: "page", label: page.label, detail: page.about, path: page.path(slug), keys: page.keys })));
  index.put("connections", (known.connections ?? []).map((one) => ({ kind: "connection", label: one.name, detail: one.environment, path: paths.connection(slug, one.id) })));
  index.put("listeners", (known.listeners ?? []).map((one) => ({ kind: "listener", label: one.name, detail: "its traffic", path: `${paths.traffic(slug)}?listener=${encodeURIComponent(one.name)}` })));
  index.put("queries", (known.named?.queries ?? []).map((one) => ({ kind: "saved query", label: one.title, detail: one.description, path: paths.savedQuery(slug, one.id) })));
  index.put("rule sets", (known.named?.ruleSets ?? []).map((one) => ({ kind: "rule set", label: one.name, path: paths.ruleSet(slug, one.id) })));
  index.put("people", (known.named?.members ?? []).map((one) => ({ kind: "person", label: one.name, detail: one.email, path: `${paths.members(slug)}?member=${encodeURIComponent(one.user)}` })));
  index.put("fingerprints", (known.fingerprints ?? []).map((one) => ({ kind: "fingerprint", label: one.text.replaceAll(/\s+/g, " ").slice(0, 300), detail: one.fingerprint, path: paths.query(slug, one.fingerprint) })));
}
