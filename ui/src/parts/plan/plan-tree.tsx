// Which steps does a plan have, what is below what, and which of them takes the time?

import { ChevronDown, ChevronRight, TriangleAlert } from "lucide-react";
import { useMemo, useRef, useState, type KeyboardEvent } from "react";
import { classes } from "~/ui/classes";
import { compact, duration, integer, percent } from "~/ui/format";
import { allNodes, ERROR_FACTOR, type PlanBuffers, type PlanNode } from "./plan";

interface Line {
  node: PlanNode;
  level: number;
  parent: string | undefined;
  place: number;
  siblings: number;
}

/** The nodes that are seen, from above; what is below a closed one is not. */
export function lines(root: PlanNode, closed: ReadonlySet<string>): Line[] {
  const visit = (node: PlanNode, level: number, parent: string | undefined, place: number, siblings: number): Line[] => [
    { node, level, parent, place, siblings },
    ...(closed.has(node.id) ? [] : node.children.flatMap((child, index) => visit(child, level + 1, node.id, index + 1, node.children.length))),
  ];
  return visit(root, 1, undefined, 1, 1);
}

/** Where a key leads from a line (WAI-ARIA tree): a line, or a node that opens or closes. */
export function move(key: string, shown: readonly Line[], at: number, closed: ReadonlySet<string>): { go?: string; toggle?: string } | undefined {
  const line = shown[at];
  if (line === undefined) {
    return undefined;
  }
  const isClosed = closed.has(line.node.id);
  const hasBelow = line.node.children.length > 0;
  switch (key) {
    case "ArrowDown":
    case "j":
      return { go: shown[at + 1]?.node.id };
    case "ArrowUp":
    case "k":
      return { go: shown[at - 1]?.node.id };
    case "ArrowRight":
      return hasBelow && isClosed ? { toggle: line.node.id } : { go: hasBelow ? line.node.children[0]?.id : undefined };
    case "ArrowLeft":
      return hasBelow && !isClosed ? { toggle: line.node.id } : { go: line.parent };
    case "Home":
      return { go: shown[0]?.node.id };
    case "End":
      return { go: shown.at(-1)?.node.id };
    case "Enter":
    case " ":
      return hasBelow ? { toggle: line.node.id } : {};
    default:
      return undefined;
  }
}

interface PlanTreeProps {
  root: PlanNode;
  isMeasured: boolean;
  selected: string;
  onSelect: (id: string) => void;
}

const GRID = "grid grid-cols-[minmax(12rem,1fr)_8rem_10rem_3.5rem] max-md:grid-cols-[minmax(12rem,1fr)_8rem]";
const GRID_BUFFERS = "grid grid-cols-[minmax(12rem,1fr)_8rem_10rem_3.5rem_6rem] max-md:grid-cols-[minmax(12rem,1fr)_8rem]";
const INDENT_REM = 1.1;
/** Deeper nodes are not indented further: the words would have no room. */
const INDENTS_MAX = 14;

export function PlanTree({ root, isMeasured, selected, onSelect }: PlanTreeProps) {
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const shown = useMemo(() => lines(root, closed), [root, closed]);
  const tree = useRef<HTMLDivElement>(null);
  const hasBuffers = useMemo(() => allNodes(root).some((node) => node.buffers !== undefined), [root]);
  const current = Math.max(0, shown.findIndex((line) => line.node.id === selected));
  const toggle = (id: string) => setClosed((before) => new Set(before.has(id) ? [...before].filter((one) => one !== id) : [...before, id]));
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const step = event.metaKey || event.ctrlKey || event.altKey ? undefined : move(event.key, shown, current, closed);
    if (step === undefined) {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    if (step.toggle !== undefined) {
      toggle(step.toggle);
    } else if (step.go !== undefined) {
      onSelect(step.go);
      tree.current?.querySelector<HTMLElement>(`[data-node="${step.go}"]`)?.focus();
    }
  };
  return (
    <div className="scroll-thin min-w-0 self-start overflow-x-auto rounded-lg border border-line">
      <div className={classes(hasBuffers ? GRID_BUFFERS : GRID, "h-8 min-w-fit items-center border-b border-line bg-subtle px-2 text-xs font-medium text-ink-soft")} aria-hidden="true">
        <span className="pl-6">Step</span>
        <span className="text-right">{isMeasured ? "Own time" : "Own cost"}</span>
        <span className="text-right max-md:hidden">{isMeasured ? "Rows, expected → came" : "Rows expected"}</span>
        <span className="text-right max-md:hidden">Loops</span>
        {hasBuffers && <span className="text-right max-md:hidden">Buffers</span>}
      </div>
      <div ref={tree} role="tree" tabIndex={-1} aria-label="Steps of the plan" onKeyDown={onKeyDown} className="min-w-fit">
        {shown.map((line, index) => (
          <Step key={line.node.id} line={line} isMeasured={isMeasured} hasBuffers={hasBuffers} isClosed={closed.has(line.node.id)} isSelected={index === current} onSelect={() => onSelect(line.node.id)} onToggle={() => toggle(line.node.id)} />
        ))}
      </div>
    </div>
  );
}

interface StepProps {
  line: Line;
  isMeasured: boolean;
  hasBuffers: boolean;
  isClosed: boolean;
  isSelected: boolean;
  onSelect: () => void;
  onToggle: () => void;
}

function Step({ line, isMeasured, hasBuffers, isClosed, isSelected, onSelect, onToggle }: StepProps) {
  const { node, level } = line;
  const hasBelow = node.children.length > 0;
  const Chevron = isClosed ? ChevronRight : ChevronDown;
  return (
    // The keys of a step are heard by the tree, which moves between steps.
    // eslint-disable-next-line jsx-a11y/click-events-have-key-events
    <div
      role="treeitem"
      data-node={node.id}
      aria-level={level}
      aria-posinset={line.place}
      aria-setsize={line.siblings}
      aria-expanded={hasBelow ? !isClosed : undefined}
      aria-selected={isSelected}
      aria-label={spoken(node, isMeasured)}
      tabIndex={isSelected ? 0 : -1}
      onClick={onSelect}
      className={classes(hasBuffers ? GRID_BUFFERS : GRID, "min-h-9 min-w-fit cursor-pointer items-center border-b border-line px-2 text-[13px] last:border-b-0 focus-visible:-outline-offset-2", isSelected ? "bg-brand-soft" : "hover:bg-hover")}
    >
      <span className="flex min-w-0 items-center gap-1.5" style={{ paddingLeft: `${Math.min(level - 1, INDENTS_MAX) * INDENT_REM}rem` }}>
        {hasBelow ? (
          <span
            aria-hidden="true"
            onClick={(event) => {
              event.stopPropagation();
              onToggle();
            }}
            className="flex size-6 shrink-0 items-center justify-center rounded text-ink-faint hover:bg-hover hover:text-ink"
          >
            <Chevron className="size-3.5" />
          </span>
        ) : (
          <span className="size-6 shrink-0" />
        )}
        {node.warnings.length > 0 && <TriangleAlert className="size-3.5 shrink-0 text-warn" aria-hidden="true" />}
        <span className="truncate" title={[node.label, node.on].filter(Boolean).join(" on ")}>
          <b className="font-medium text-ink">{node.label}</b>
          {node.on && <span className="ml-1.5 font-mono text-xs text-ink-soft">{node.on}</span>}
          {node.role && <span className="ml-1.5 text-xs text-ink-faint">{node.role}</span>}
        </span>
      </span>
      <Time node={node} isMeasured={isMeasured} />
      <Rows node={node} isMeasured={isMeasured} />
      <span className={classes("numeric text-xs max-md:hidden", (node.loops ?? 1) > 1 ? "text-ink" : "text-ink-faint")}>{node.loops === undefined ? "–" : compact(node.loops)}</span>
      {hasBuffers && <Buffers buffers={node.buffers} />}
    </div>
  );
}

function Time({ node, isMeasured }: { node: PlanNode; isMeasured: boolean }) {
  const share = node.share ?? 0;
  if (isMeasured && node.loops === 0) {
    return <span className="numeric text-xs text-ink-faint">never run</span>;
  }
  return (
    <span className="flex items-center justify-end gap-2 text-xs tabular-nums">
      <span className={node.selfUs === undefined && isMeasured ? "text-ink-faint" : "text-ink"}>{isMeasured ? duration(node.selfUs === undefined ? undefined : Math.round(node.selfUs)) : percent(share)}</span>
      <span className="relative h-2 w-8 overflow-hidden rounded-full bg-subtle" aria-hidden="true">
        <span className={classes("absolute inset-y-0 left-0 rounded-full", share >= HOT ? "bg-danger" : share >= WARM ? "bg-warn" : "bg-brand")} style={{ width: `${share * 100}%` }} />
      </span>
    </span>
  );
}

const HOT = 0.5;
const WARM = 0.2;
const rows = (value: number | undefined): string => (value === undefined ? "–" : value > 0 && value < 10 && !Number.isInteger(value) ? value.toFixed(1) : compact(value));

function Rows({ node, isMeasured }: { node: PlanNode; isMeasured: boolean }) {
  const { error } = node;
  const isWrong = error !== undefined && error.factor >= ERROR_FACTOR;
  return (
    <span className="flex items-center justify-end gap-1.5 text-xs tabular-nums max-md:hidden">
      {isMeasured ? `${rows(node.estimatedRows)} → ${rows(node.actualRows)}` : rows(node.estimatedRows)}
      {isWrong && <span className="rounded bg-warn-soft px-1 font-medium text-warn">{`×${compact(Math.round(error.factor))} ${error.isMore ? "more" : "fewer"}`}</span>}
    </span>
  );
}

const PAGES = "pages of 8 kB, without the steps below it";

/** What it looked at itself; what had to come from the disk is told apart. */
function Buffers({ buffers }: { buffers: PlanBuffers | undefined }) {
  const { hit = 0, read = 0 } = buffers ?? {};
  return (
    <span className="numeric text-xs max-md:hidden" title={buffers && `${integer(hit)} from memory, ${integer(read)} from the disk: ${PAGES}`}>
      <span className={hit + read === 0 ? "text-ink-faint" : "text-ink"}>{buffers === undefined ? "–" : compact(hit + read)}</span>
      {read > 0 && <span className="text-ink-soft">, {compact(read)} read</span>}
    </span>
  );
}

function spoken(node: PlanNode, isMeasured: boolean): string {
  const parts = [
    [node.label, node.on].filter(Boolean).join(" on "),
    node.role,
    isMeasured ? (node.loops === 0 ? "never run" : node.selfUs !== undefined && `own time ${duration(Math.round(node.selfUs))}, ${percent(node.share ?? 0)}`) : node.share !== undefined && `own cost ${percent(node.share)}`,
    node.estimatedRows !== undefined && `${rows(node.estimatedRows)} rows expected`,
    node.actualRows !== undefined && `${rows(node.actualRows)} came`,
    (node.loops ?? 0) > 1 && `${compact(node.loops ?? 0)} loops`,
    node.buffers !== undefined && `${compact(node.buffers.hit + node.buffers.read)} buffers`,
    ...node.warnings.map((warning) => warning.text),
  ];
  return parts.filter((part) => typeof part === "string" && part !== "").join(", ");
}
