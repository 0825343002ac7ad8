// Which workspaces can one change to?

import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { Plus } from "lucide-react";
import { workspacesQuery } from "~/api/workspaces";
import { paths } from "~/paths";
import type { LateProps } from "~/ui/late";
import { Menu, MENU_ITEM, MenuItem, MenuLabel, MenuLine } from "~/ui/menu";
import { PickList } from "./pick-list";
import { MENU_MAX } from "./picking";

export function WorkspaceMenu({ slug, onNew, open, onOpenChange, children }: LateProps & { slug: string; onNew: () => void }) {
  const { data: workspaces = [] } = useQuery(workspacesQuery);
  const navigate = useNavigate();
  if (workspaces.length > MENU_MAX) {
    const picks = workspaces.map((one) => ({ key: one.slug, text: `${one.name} ${one.slug}`, shown: <span className="min-w-0 flex-1 truncate">{one.name}</span>, choose: () => void navigate({ to: paths.home(one.slug) }) }));
    const make = () => {
      onOpenChange(false);
      onNew();
    };
    const footer = (
      <button type="button" className={`${MENU_ITEM} w-full hover:bg-hover focus-visible:bg-hover`} onClick={make}>
        <Plus className="size-3.5 text-ink-faint" aria-hidden="true" /> New workspace
      </button>
    );
    return (
      <PickList label="Workspaces" picks={picks} current={slug} footer={footer} open={open} onOpenChange={onOpenChange}>
        {children}
      </PickList>
    );
  }
  return (
    <Menu align="start" open={open} onOpenChange={onOpenChange} trigger={children}>
      <MenuLabel>Workspaces</MenuLabel>
      {workspaces.map((workspace) => (
        <MenuItem key={workspace.id} asChild>
          <Link to={paths.home(workspace.slug)}>
            <span className="min-w-0 flex-1 truncate">{workspace.name}</span>
            <span className="text-xs text-ink-faint">{workspace.slug === slug ? "here" : workspace.role}</span>
          </Link>
        </MenuItem>
      ))}
      <MenuLine />
      <MenuItem icon={<Plus aria-hidden="true" />} onSelect={onNew}>
        New workspace
      </MenuItem>
    </Menu>
  );
}
