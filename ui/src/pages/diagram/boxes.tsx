// What does a table look like in the picture, and what a group of tables?

import { Handle, Position, type Node, type NodeProps } from "@xyflow/react";
import { KeyRound, Link2 } from "lucide-react";
import { memo, type KeyboardEvent, type ReactNode } from "react";
import { classes } from "~/ui/classes";
import { count } from "~/ui/format";
import { KindIcon } from "../tables/kind-icon";
import { CLUSTER_HEAD, CLUSTER_PAD, HEAD_HEIGHT, NAME_HEIGHT, NAME_WIDTH, ROW_HEIGHT, type ClusterNode, type TableNode } from "./drawing";
import { qualified } from "./graph";
import { farSize, useIsFar, usePicked } from "./picked";

export type TableFlowNode = Node<{ node: TableNode }, "table">;
export type ClusterFlowNode = Node<{ node: ClusterNode }, "cluster">;

/** Lines are drawn from the boxes' edges; the library wants to know where they could begin all the same. */
function Ends() {
  return (
    <>
      <Handle type="target" position={Position.Left} isConnectable={false} className="!opacity-0" />
      <Handle type="source" position={Position.Right} isConnectable={false} className="!opacity-0" />
    </>
  );
}

interface BoxProps {
  id: string;
  name: string;
  look: string;
  className: string;
  children: ReactNode;
  /** What the space bar does. */
  onSpace: () => void;
}

/** The part of a box that has the keyboard: arrows go on to the next one, Enter opens, space makes it the middle. */
function Head({ id, name, look, className, children, onSpace }: BoxProps) {
  const { current, first, pick, open } = usePicked();
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      if (event.key === "Enter") {
        open(id);
      } else {
        onSpace();
      }
    }
  };
  return (
    <button
      type="button"
      data-box={id}
      tabIndex={(current ?? first) === id ? 0 : -1}
      aria-label={name}
      aria-pressed={current === id}
      className={classes("flex w-full items-center gap-1.5 px-2.5 text-left focus-visible:outline-offset-[-2px]", look, className)}
      onClick={() => pick(id)}
      onFocus={() => pick(id)}
      onKeyDown={onKeyDown}
    >
      {children}
    </button>
  );
}

const border = (isCurrent: boolean, isNear: boolean): string => (isCurrent ? "border-brand ring-2 ring-brand" : isNear ? "border-brand" : "border-line-strong");

const relations = (links: number): string => (links === 0 ? "no relations" : count(links, "relation"));

export const TableBox = memo(function TableBox({ data: { node } }: NodeProps<TableFlowNode>) {
  const { current, near, centre } = usePicked();
  const isFar = useIsFar();
  const { table } = node;
  const said = `${qualified(table)}, ${table.kind.replaceAll("_", " ")}, ${count(table.columnCount, "column")}, ${relations(node.links)}`;
  return (
    <div className={classes("flex h-full flex-col overflow-hidden rounded-md border bg-surface", border(current === node.id, near.has(node.id)))} title={isFar ? qualified(table) : undefined}>
      <Ends />
      <Head id={node.id} name={said} look={node.isCentre ? "bg-brand-soft" : "bg-subtle"} className={isFar ? "h-full justify-center" : "h-[33px] shrink-0"} onSpace={() => centre(node.id)}>
        {isFar ? (
          <span className="truncate font-mono font-semibold text-ink" style={{ fontSize: farSize(table.name, node.width, node.height < 2 * HEAD_HEIGHT ? 20 : 30) }}>
            {table.name}
          </span>
        ) : (
          <>
            <KindIcon kind={table.kind} />
            <span className="min-w-0 flex-1 truncate font-mono text-xs font-semibold text-ink" title={qualified(table)}>
              {table.name}
            </span>
            {node.away > 0 && (
              <span className="rounded bg-surface px-1 text-2xs text-ink-soft" title={`${count(node.away, "related table")} not drawn`}>
                +{node.away}
              </span>
            )}
          </>
        )}
      </Head>
      {!isFar && node.rows.length > 0 && (
        <ul className="border-t border-line" aria-label={`Columns of ${table.name}`}>
          {node.rows.map((row) => (
            <li key={row.name} className="flex items-center gap-1.5 px-2.5 font-mono text-2xs" style={{ height: ROW_HEIGHT }}>
              <span className="w-3 shrink-0 text-ink-faint">{row.is_primary ? <KeyRound className="size-3 text-warn" aria-label="primary key" /> : row.is_foreign ? <Link2 className="size-3" aria-label="foreign key" /> : null}</span>
              <span className="min-w-0 flex-1 truncate text-ink" title={row.name}>
                {row.name}
              </span>
              <span className="max-w-[45%] truncate text-ink-faint" title={row.type}>
                {row.type}
              </span>
            </li>
          ))}
        </ul>
      )}
      {!isFar && node.more > 0 && (
        <p className="px-2.5 pl-7 text-2xs text-ink-faint" style={{ height: ROW_HEIGHT }}>
          + {count(node.more, "column")}
        </p>
      )}
    </div>
  );
});

export const ClusterBox = memo(function ClusterBox({ data: { node } }: NodeProps<ClusterFlowNode>) {
  const { current, near, open, centre } = usePicked();
  const isFar = useIsFar();
  return (
    <div className={classes("flex h-full flex-col overflow-hidden rounded-lg border bg-surface", border(current === node.id, near.has(node.id)))}>
      <Ends />
      <Head id={node.id} name={`${node.name}, ${count(node.tables, "table")}, ${node.links === 0 ? "no relations to other groups" : `${count(node.links, "relation")} to other groups`}`} look="bg-subtle" className={isFar ? "h-full flex-col justify-center" : "shrink-0"} onSpace={() => open(node.id)}>
        {isFar ? (
          <>
            <span className="max-w-full truncate font-mono font-semibold text-ink" style={{ fontSize: farSize(node.name, node.width, Math.min(64, node.height / 3)) }}>
              {node.name}
            </span>
            <span className="text-ink-soft" style={{ fontSize: farSize(count(node.tables, "table"), node.width, Math.min(36, node.height / 5)) }}>
              {count(node.tables, "table")}
            </span>
          </>
        ) : (
          <span className="flex w-full items-center gap-2" style={{ height: CLUSTER_HEAD - 1 }}>
            <span className="min-w-0 flex-1 truncate font-mono text-[13px] font-semibold text-ink">{node.name}</span>
            <span className="text-2xs text-ink-soft">{count(node.tables, "table")}</span>
          </span>
        )}
      </Head>
      {!isFar && (
        // The mouse takes a short way; the keyboard opens the group, and finds each table there.
        <ul aria-label={`Tables of ${node.name}`} className="grid border-t border-line pt-1" style={{ paddingInline: CLUSTER_PAD, gridTemplateColumns: `repeat(${node.columns}, minmax(0, ${NAME_WIDTH}px))` }}>
          {node.names.map(({ key, name }) => (
            <li key={key} className="truncate pr-2 font-mono text-2xs text-ink-soft" style={{ height: NAME_HEIGHT }}>
              <button type="button" tabIndex={-1} className="max-w-full truncate hover:text-ink hover:underline" onClick={() => centre(key)}>
                {name}
              </button>
            </li>
          ))}
          {node.more > 0 && <li className="text-2xs text-ink-faint">+ {count(node.more, "table")}</li>}
        </ul>
      )}
    </div>
  );
});
