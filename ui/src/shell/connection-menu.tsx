// Which databases can one choose to work with?

import { Link } from "@tanstack/react-router";
import { Plus } from "lucide-react";
import type { Connection } from "~/api/connections";
import { may, type Workspace } from "~/api/workspaces";
import { EnvironmentPill, environmentName } from "~/parts/environment";
import { paths } from "~/paths";
import type { LateProps } from "~/ui/late";
import { Menu, MENU_ITEM, MenuItem, MenuLabel, MenuLine } from "~/ui/menu";
import { PickList } from "./pick-list";
import { MENU_MAX } from "./picking";
import type { Scope } from "./scope";

interface ConnectionMenuProps extends LateProps {
  slug: string;
  scope: Scope;
  workspace: Workspace | undefined;
}

export function ConnectionMenu({ slug, scope, workspace, open, onOpenChange, children }: ConnectionMenuProps) {
  const makes = workspace !== undefined && may(workspace, "manage_connections");
  if (scope.connections.length > MENU_MAX) {
    const picks = [
      { key: "", text: "All connections", shown: <span className="flex-1">All connections</span>, choose: () => scope.choose(undefined) },
      ...scope.connections.map((one) => ({ key: one.id, text: `${one.name} ${one.environment} ${one.kind}`, shown: <Named connection={one} />, choose: () => scope.choose(one.id) })),
    ];
    const footer = makes && (
      <Link to={paths.newConnection(slug)} onClick={() => onOpenChange(false)} className={`${MENU_ITEM} hover:bg-hover focus-visible:bg-hover`}>
        <Plus className="size-3.5 text-ink-faint" aria-hidden="true" /> New connection
      </Link>
    );
    return (
      <PickList label="Connections" picks={picks} current={scope.connection?.id ?? ""} footer={footer} open={open} onOpenChange={onOpenChange}>
        {children}
      </PickList>
    );
  }
  return (
    <Menu align="start" open={open} onOpenChange={onOpenChange} trigger={children}>
      <MenuLabel>Connections</MenuLabel>
      <MenuItem onSelect={() => scope.choose(undefined)}>All connections</MenuItem>
      {scope.connections.map((connection) => (
        <MenuItem key={connection.id} onSelect={() => scope.choose(connection.id)}>
          <span className="flex items-center gap-2">
            <Named connection={connection} />
          </span>
        </MenuItem>
      ))}
      {makes && <MenuLine />}
      {makes && (
        <MenuItem asChild>
          <Link to={paths.newConnection(slug)}>
            <Plus className="size-3.5 text-ink-faint" aria-hidden="true" /> New connection
          </Link>
        </MenuItem>
      )}
    </Menu>
  );
}

function Named({ connection }: { connection: Connection }) {
  return (
    <>
      <span className="min-w-0 flex-1 truncate">{connection.name}</span>
      <EnvironmentPill environment={environmentName(connection.environment)} />
    </>
  );
}
