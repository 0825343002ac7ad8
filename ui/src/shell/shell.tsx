// What is around every page: rail, top bar, palette, and what is said about the connection to the server?

import { useQuery } from "@tanstack/react-query";
import { Outlet, useNavigate, useParams, useRouterState } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { onSignedOut } from "~/api/client";
import { whenThere } from "~/api/reachability";
import { sessionQuery } from "~/api/session";
import { workspacesQuery } from "~/api/workspaces";
import { EnvironmentContext } from "~/parts/environment";
import { remembered } from "~/ui/remembered";
import { useShortcuts } from "~/ui/shortcuts";
import { useAppliedAppearance } from "./appearance";
import { AwayBanner } from "./away-banner";
import { DESTINATIONS } from "./navigation";
import { Rail } from "./rail";
import { useScope } from "./scope";
import { TopBar } from "./top-bar";

const AHEAD_MS = 3_000;

// What opens is fetched when it does: the first screen does not wait for it.
const loads = {
  drawer: () => whenThere(() => import("./drawer")).then((module) => ({ default: module.Drawer })),
  shortcuts: () => whenThere(() => import("./shortcuts-dialog")).then((module) => ({ default: module.ShortcutsDialog })),
  signInAgain: () => whenThere(() => import("./sign-in-again")).then((module) => ({ default: module.SignInAgain })),
  palette: () => whenThere(() => import("./palette/palette")).then((module) => ({ default: module.Palette })),
};
const Drawer = lazy(loads.drawer);
const ShortcutsDialog = lazy(loads.shortcuts);
const SignInAgain = lazy(loads.signInAgain);
const Palette = lazy(loads.palette);
const TipStrip = lazy(() => whenThere(() => import("~/parts/tips/tip-strip")).then((module) => ({ default: module.TipStrip })));

/** Once the page stands: what has to be there also while the server is not. */
function useFetchedAhead(): void {
  useEffect(() => {
    const timer = setTimeout(() => Object.values(loads).forEach((load) => void load().catch(() => undefined)), AHEAD_MS);
    return () => clearTimeout(timer);
  }, []);
}

/** After going to another page its heading has the focus, and is read out; a changed filter or tab moves nothing. */
function useFocusOnHeading(): void {
  // Where one has arrived: while the page is on its way, the heading is still the one of the page before.
  const path = useRouterState({ select: (state) => (state.resolvedLocation ?? state.location).pathname });
  const index = useRouterState({ select: (state) => (state.resolvedLocation ?? state.location).state.__TSR_index });
  const before = useRef(path);
  const indexBefore = useRef(index);
  useEffect(() => {
    if (before.current === path) {
      return undefined;
    }
    before.current = path;
    const main = document.getElementById("main");
    // Whoever goes back finds the page as it was left; the table they came from takes the focus.
    const isReturn = index < indexBefore.current;
    indexBefore.current = index;
    if (!isReturn) {
      main?.scrollTo({ top: 0 });
    }
    const focus = (): boolean => {
      // Whoever has opened something meanwhile types there.
      if (document.querySelector("[role=dialog]") !== null) {
        return true;
      }
      if (isReturn && document.activeElement?.matches("main [data-row]")) {
        return true;
      }
      const heading = main?.querySelector<HTMLElement>("h1[tabindex]");
      heading?.focus({ preventScroll: true });
      return heading !== null && heading !== undefined;
    };
    if (main === null || focus()) {
      return undefined;
    }
    // The page's code is still on its way.
    const watch = new MutationObserver(() => focus() && watch.disconnect());
    watch.observe(main, { childList: true, subtree: true });
    return () => watch.disconnect();
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the place in the history changes with search parameters, too
  }, [path]);
}

/** The workspace of the page, or the last one on pages about the person. */
export function useSlug(): string {
  const { workspace } = useParams({ strict: false });
  const known = useQuery(workspacesQuery).data;
  const last = remembered<string | null>("workspace", null);
  return workspace ?? known?.find((one) => one.slug === last)?.slug ?? known?.[0]?.slug ?? "";
}

export function Shell() {
  useAppliedAppearance();
  useFocusOnHeading();
  useFetchedAhead();
  const slug = useSlug();
  const scope = useScope(slug);
  const navigate = useNavigate();
  const { data: session } = useQuery(sessionQuery);
  // Who was signed in, also when the server has just said that nobody is.
  const [email, setEmail] = useState<string>();
  if (session && session.person.email !== email) {
    setEmail(session.person.email);
  }
  const [palette, setPalette] = useState(false);
  const [drawer, setDrawer] = useState(false);
  const [help, setHelp] = useState(false);
  const [signedOut, setSignedOut] = useState(false);
  useEffect(() => onSignedOut(() => setSignedOut(true)), []);
  useShortcuts([
    { keys: "mod+k", label: "Find anything", run: () => setPalette((open) => !open), whileTyping: true },
    { keys: "?", label: "Show all shortcuts", run: () => setHelp(true) },
    ...DESTINATIONS.map((page) => ({ keys: page.keys, label: `Go to ${page.label}`, run: () => void navigate({ to: page.path(slug) }) })),
  ]);
  return (
    <EnvironmentContext value={scope.environment}>
      <a href="#main" className="sr-only z-50 rounded bg-brand text-brand-ink focus:!px-3 focus:!py-2 focus:not-sr-only focus:fixed focus:top-2 focus:left-2">
        Skip to the page
      </a>
      {scope.environment === "production" && <div className="fixed inset-x-0 top-0 z-30 h-0.75 bg-danger-solid" aria-hidden="true" />}
      <div className="flex h-dvh overflow-hidden">
        <Rail slug={slug} />
        <div className="flex min-w-0 flex-1 flex-col">
          <TopBar slug={slug} scope={scope} onMenu={() => setDrawer(true)} onFind={() => setPalette(true)} onHelp={() => setHelp(true)} />
          <AwayBanner />
          <main id="main" tabIndex={-1} className="scroll-thin min-h-0 flex-1 overflow-auto outline-none">
            <Outlet />
          </main>
          <Suspense>
            <TipStrip />
          </Suspense>
        </div>
      </div>
      <Suspense>
        {drawer && <Drawer slug={slug} open onClose={() => setDrawer(false)} />}
        {palette && <Palette slug={slug} onClose={() => setPalette(false)} />}
        {help && <ShortcutsDialog open onClose={() => setHelp(false)} />}
        {signedOut && email !== undefined && <SignInAgain open email={email} onDone={() => setSignedOut(false)} />}
      </Suspense>
    </EnvironmentContext>
  );
}
