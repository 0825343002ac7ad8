// How does one change to another workspace?

import { useQuery } from "@tanstack/react-query";
import { ChevronsUpDown } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { whenThere } from "~/api/reachability";
import { workspacesQuery } from "~/api/workspaces";
import { late } from "~/ui/late";
import { MENU_MAX } from "./picking";

const Workspaces = late<{ slug: string; onNew: () => void }>(() => import("./workspace-menu").then((module) => module.WorkspaceMenu), "menu");
const NewWorkspace = lazy(() => whenThere(() => import("~/pages/settings/new-workspace")).then((module) => ({ default: module.NewWorkspace })));

export function WorkspaceSwitcher({ slug }: { slug: string }) {
  const { data: workspaces } = useQuery(workspacesQuery);
  // Where it was asked for: once it is made, one is in the new one, and nothing is asked any more.
  const [makingIn, setMakingIn] = useState<string>();
  const name = workspaces?.find((one) => one.slug === slug)?.name ?? slug;
  return (
    <>
      <Workspaces
        slug={slug}
        onNew={() => setMakingIn(slug)}
        trigger={(state) => (
          <button type="button" {...state} aria-label={`Workspace: ${name}`} aria-haspopup={(workspaces?.length ?? 0) > MENU_MAX ? "dialog" : "menu"} className="flex h-8 min-w-0 items-center gap-1.5 rounded-md px-2 text-[13px] font-medium hover:bg-hover">
            <span className="truncate">{name}</span>
            <ChevronsUpDown className="size-3.5 shrink-0 text-ink-faint" aria-hidden="true" />
          </button>
        )}
      />
      <Suspense>{makingIn === slug && <NewWorkspace open onClose={() => setMakingIn(undefined)} />}</Suspense>
    </>
  );
}
