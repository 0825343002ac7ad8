// With which database does one work?

import { useQuery } from "@tanstack/react-query";
import { ChevronsUpDown, Database } from "lucide-react";
import { workspaceQuery, type Workspace } from "~/api/workspaces";
import { late } from "~/ui/late";
import { MENU_MAX } from "./picking";
import type { Scope } from "./scope";

const Connections = late<{ slug: string; scope: Scope; workspace: Workspace | undefined }>(() => import("./connection-menu").then((module) => module.ConnectionMenu), "menu");

export function ConnectionSwitcher({ slug, scope }: { slug: string; scope: Scope }) {
  const { data: workspace } = useQuery({ ...workspaceQuery(slug), enabled: slug !== "" });
  const name = scope.connection?.name ?? "All connections";
  return (
    <Connections
      slug={slug}
      scope={scope}
      workspace={workspace}
      trigger={(state) => (
        <button type="button" {...state} aria-label={`Connection: ${name}`} aria-haspopup={scope.connections.length > MENU_MAX ? "dialog" : "menu"} className="flex h-8 min-w-0 items-center gap-1.5 rounded-md px-2 text-[13px] font-medium hover:bg-hover">
          <Database className="size-3.5 shrink-0 text-ink-faint" aria-hidden="true" />
          <span className="truncate max-sm:sr-only">{name}</span>
          <ChevronsUpDown className="size-3.5 shrink-0 text-ink-faint" aria-hidden="true" />
        </button>
      )}
    />
  );
}
