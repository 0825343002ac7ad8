// How does a database run a statement? Its plan as a tree with where the time goes, as text and as JSON.

import { Copy, TriangleAlert } from "lucide-react";
import { useMemo, useState } from "react";
import { Button } from "~/ui/button";
import { classes } from "~/ui/classes";
import { Segments } from "~/ui/choice";
import { copyText } from "~/ui/copy";
import { duration } from "~/ui/format";
import { Note } from "~/ui/states";
import { NodeDetails } from "./node-details";
import { allNodes, parsePlan, type Plan, type PlanNode } from "./plan";
import { PlanTree } from "./plan-tree";
import { TextPane } from "./text-pane";

export interface PlanViewProps {
  /** Whose format it is in: `postgres`, `mysql`, `mariadb`, `sqlite`. */
  format: string;
  /** As the API tells it. */
  plan: unknown;
  /** The same as text; absent where the API does not tell it. */
  text?: string | null;
  /** What the API says about it beside the plan. */
  warnings?: readonly string[];
}

type Look = "tree" | "text" | "json";

export function PlanView({ format, plan, text, warnings = [] }: PlanViewProps) {
  const parsed = useMemo(() => parsePlan(format, plan), [format, plan]);
  const json = useMemo(() => JSON.stringify(plan, null, 2) ?? "", [plan]);
  const [chosen, setLook] = useState<Look>("tree");
  const look = chosen === "tree" && parsed === undefined ? "json" : chosen;
  const looks = [...(parsed ? [{ value: "tree" as const, label: "Tree" }] : []), ...(text ? [{ value: "text" as const, label: "Text" }] : []), { value: "json" as const, label: "JSON" }];
  return (
    <div className="flex min-w-0 flex-col gap-3">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <Segments label="Plan as" value={look} onChange={setLook} choices={looks} />
        {parsed && <Summary plan={parsed} />}
        {look !== "tree" && (
          <Button size="small" className="ml-auto" icon={<Copy className="size-3.5" aria-hidden="true" />} onClick={() => void copyText(look === "text" ? (text ?? "") : json, "Plan copied")}>
            Copy plan
          </Button>
        )}
      </div>
      {warnings.map((warning) => (
        <Note key={warning} tone="info">
          {warning}
        </Note>
      ))}
      {look === "tree" && parsed ? <Tree plan={parsed} format={format} text={text ?? ""} /> : <Written text={look === "text" ? (text ?? "") : json} label={look === "text" ? "Plan as text" : "Plan as JSON"} />}
    </div>
  );
}

function Summary({ plan }: { plan: Plan }) {
  const said = [
    plan.executionUs !== undefined && `ran ${duration(plan.executionUs)}`,
    plan.planningUs !== undefined && `planned in ${duration(plan.planningUs)}`,
    !plan.isMeasured && "not run: rows and costs are what the database expects",
    ...plan.facts.map((fact) => `${fact.label.toLowerCase()}: ${fact.text}`),
  ].filter((part) => part !== false);
  return <p className="min-w-0 text-xs text-ink-soft">{said.join(" · ")}</p>;
}

function Written({ text, label }: { text: string; label: string }) {
  return (
    <pre dir="ltr" tabIndex={0} role="region" aria-label={label} className="scroll-thin max-h-[70vh] overflow-auto rounded-md bg-subtle p-3 font-mono text-xs leading-5 text-ink">
      {text}
    </pre>
  );
}

/** Where there is room, the text stands beside the tree. */
function Tree({ plan, format, text }: { plan: Plan; format: string; text: string }) {
  const nodes = useMemo(() => allNodes(plan.root), [plan]);
  const dearest = useMemo(() => nodes.reduce<PlanNode>((most, node) => ((node.share ?? 0) > (most.share ?? 0) ? node : most), plan.root), [nodes, plan]);
  const [selected, setSelected] = useState(dearest.id);
  const node = nodes.find((one) => one.id === selected) ?? dearest;
  const notable = nodes.filter((one) => one.warnings.length > 0);
  return (
    <>
      {notable.length > 0 && <Notable nodes={notable} onChoose={setSelected} />}
      <div className="@container min-w-0">
        <div className={classes("grid min-w-0 items-start gap-3", text === "" ? "@min-[60rem]:grid-cols-[minmax(0,1fr)_24rem]" : "@min-[60rem]:grid-cols-[minmax(0,1fr)_20rem] @min-[80rem]:grid-cols-[minmax(0,1fr)_34rem]")}>
          <PlanTree root={plan.root} isMeasured={plan.isMeasured} selected={node.id} onSelect={setSelected} />
          {text !== "" && (
            <div className="hidden min-w-0 @min-[60rem]:row-span-2 @min-[60rem]:block">
              <TextPane format={format} text={text} steps={nodes.length} chosen={nodes.indexOf(node)} />
            </div>
          )}
          <NodeDetails node={node} isMeasured={plan.isMeasured} />
        </div>
      </div>
    </>
  );
}

const NOTABLE_MAX = 8;

/** What is worth a look, the dearest first; each leads to its node. */
function Notable({ nodes, onChoose }: { nodes: readonly PlanNode[]; onChoose: (id: string) => void }) {
  const sorted = nodes.toSorted((one, other) => (other.share ?? 0) - (one.share ?? 0));
  const lines = sorted.flatMap((node) => node.warnings.map((warning) => ({ node, warning })));
  return (
    <section aria-label="Worth a look" className="rounded-md bg-warn-soft px-3 py-2 text-[13px] text-warn">
      <ul className="flex flex-col gap-1">
        {lines.slice(0, NOTABLE_MAX).map(({ node, warning }) => (
          <li key={`${node.id}.${warning.kind}`} className="flex items-start gap-2">
            <TriangleAlert className="mt-0.5 size-3.5 shrink-0" aria-hidden="true" />
            <span className="min-w-0">
              <button type="button" className="font-medium underline underline-offset-2" onClick={() => onChoose(node.id)}>
                {node.label}
              </button>{" "}
              {warning.text}
            </span>
          </li>
        ))}
      </ul>
      {lines.length > NOTABLE_MAX && <p className="mt-1 pl-5.5 text-xs">and {lines.length - NOTABLE_MAX} more, marked in the tree</p>}
    </section>
  );
}
