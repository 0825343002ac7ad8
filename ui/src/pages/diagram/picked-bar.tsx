// What can be done with the table one has chosen in the picture?

import { Link } from "@tanstack/react-router";
import { Crosshair, EyeOff, Table2, Waypoints } from "lucide-react";
import { useWorkspace } from "~/parts/workspace";
import { paths } from "~/paths";
import { Button } from "~/ui/button";
import { count } from "~/ui/format";
import type { DrawnNode } from "./drawing";
import { qualified } from "./graph";

interface PickedBarProps {
  connection: string;
  node: DrawnNode | undefined;
  /** Shown while nothing is chosen. */
  about: string;
  onCentre: (key: string) => void;
  onAdd: (key: string) => void;
  onHide: (key: string) => void;
  onOpenGroup: (id: string) => void;
}

/** As high with a choice as without one: nothing below it moves. */
export function PickedBar({ connection, node, about, onCentre, onAdd, onHide, onOpenGroup }: PickedBarProps) {
  const { slug } = useWorkspace();
  return (
    <div className="flex min-h-12 flex-wrap items-center gap-2 border-b border-line px-3 py-2">
      {node === undefined && <p className="text-xs text-ink-soft">{about}</p>}
      {node?.kind === "cluster" && (
        <>
          <span className="min-w-0 truncate font-mono text-[13px] font-semibold">{node.name}</span>
          <span className="text-xs text-ink-soft">{count(node.tables, "table")}</span>
          <Button size="small" className="ml-auto" onClick={() => onOpenGroup(node.id)}>
            Open the group
          </Button>
        </>
      )}
      {node?.kind === "table" && (
        <>
          <span className="min-w-0 truncate font-mono text-[13px] font-semibold" title={qualified(node.table)}>
            {qualified(node.table)}
          </span>
          <span className="text-xs whitespace-nowrap text-ink-soft">
            {count(node.table.columnCount, "column")}, {count(node.links, "relation")}
          </span>
          <span className="ml-auto flex flex-wrap gap-1.5">
            <Button asChild size="small">
              <Link to={paths.table(slug, connection, node.id)}>
                <Table2 className="size-3.5" aria-hidden="true" /> Open table
              </Link>
            </Button>
            {!node.isCentre && (
              <Button size="small" icon={<Crosshair className="size-3.5" aria-hidden="true" />} onClick={() => onCentre(node.id)}>
                Its neighbours
              </Button>
            )}
            {node.away > 0 && (
              <Button size="small" icon={<Waypoints className="size-3.5" aria-hidden="true" />} onClick={() => onAdd(node.id)}>
                Add {count(node.away, "neighbour")}
              </Button>
            )}
            {!node.isCentre && (
              <Button size="small" icon={<EyeOff className="size-3.5" aria-hidden="true" />} onClick={() => onHide(node.id)}>
                Hide
              </Button>
            )}
          </span>
        </>
      )}
    </div>
  );
}
