// Where is one, in which environment, and what is always at hand?

import { Menu as MenuIcon, Search } from "lucide-react";
import { lazy, Suspense } from "react";
import { whenThere } from "~/api/reachability";
import { EnvironmentPill } from "~/parts/environment";
import { IconButton } from "~/ui/button";
import { Keys } from "~/ui/keys";
import { ConnectionSwitcher } from "./connection-switcher";
import { PersonMenu } from "./person-menu";
import type { Scope } from "./scope";
import { WorkspaceSwitcher } from "./workspace-switcher";

// What has happened can wait until the page stands.
const Notifications = lazy(() => whenThere(() => import("./notifications")).then((module) => ({ default: module.Notifications })));

interface TopBarProps {
  slug: string;
  scope: Scope;
  onMenu: () => void;
  onFind: () => void;
  onHelp: () => void;
}

export function TopBar({ slug, scope, onMenu, onFind, onHelp }: TopBarProps) {
  return (
    <header className="flex h-13 shrink-0 items-center gap-2 border-b border-line bg-surface px-4 max-sm:px-2">
      <span className="sm:hidden">
        <IconButton label="Pages" onClick={onMenu}>
          <MenuIcon className="size-4" aria-hidden="true" />
        </IconButton>
      </span>
      <WorkspaceSwitcher slug={slug} />
      <span className="text-line-strong max-sm:hidden" aria-hidden="true">
        /
      </span>
      <ConnectionSwitcher slug={slug} scope={scope} />
      <EnvironmentPill environment={scope.environment} />
      <div className="ml-auto flex items-center gap-1">
        <button
          type="button"
          onClick={onFind}
          className="mr-1 flex h-8 w-64 items-center gap-2 rounded-md border border-line bg-canvas px-2.5 text-left text-[13px] text-ink-faint hover:border-line-strong max-lg:w-8 max-lg:justify-center max-lg:border-transparent max-lg:bg-transparent max-lg:px-0"
        >
          <Search className="size-3.5 shrink-0" aria-hidden="true" />
          <span className="flex-1 max-lg:sr-only">Find anything</span>
          <span className="max-lg:hidden">
            <Keys keys="mod+k" />
          </span>
        </button>
        <Suspense fallback={<span className="h-8 w-17 shrink-0" aria-hidden="true" />}>
          <Notifications slug={slug} />
        </Suspense>
        <PersonMenu onHelp={onHelp} />
      </div>
    </header>
  );
}
