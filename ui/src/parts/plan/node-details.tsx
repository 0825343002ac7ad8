// What does one step of a plan do, by which conditions, and with how much memory?

import { TriangleAlert } from "lucide-react";
import { Details, DetailGroup, type Detail } from "~/parts/details";
import { bytes, compact, duration, integer, percent } from "~/ui/format";
import { ERROR_FACTOR, type PlanBuffers, type PlanNode } from "./plan";
import { times } from "./warnings";

const PAGE = 8_192;
const pages = (count: number): string | undefined => (count === 0 ? undefined : `${integer(count)} (${bytes(count * PAGE)})`);
const fine = (value: number | undefined): string | undefined => (value === undefined ? undefined : Number.isInteger(value) ? integer(value) : value.toFixed(2));

function figures(node: PlanNode, isMeasured: boolean): Detail[] {
  const { error, loops } = node;
  const off = error !== undefined && error.factor >= ERROR_FACTOR ? ` (${times(error.factor)} ${error.isMore ? "more" : "fewer"})` : "";
  const figure = (label: string, value: string | undefined, help?: string): Detail[] => (value === undefined ? [] : [{ label, value, help }]);
  return [
    ...figure("Own time", node.selfUs === undefined ? undefined : `${duration(Math.round(node.selfUs))}, ${percent(node.share ?? 0)}`, "Without the steps below it"),
    ...figure("With the steps below", node.totalUs === undefined ? undefined : duration(Math.round(node.totalUs))),
    ...figure("Rows expected", fine(node.estimatedRows), "Each time it begins"),
    ...figure("Rows that came", node.actualRows === undefined ? undefined : `${fine(node.actualRows)}${off}`, "Each time it begins"),
    ...figure("Rows thrown away", node.removedRows === undefined ? undefined : integer(node.removedRows), "In all loops together"),
    ...figure("Loops", isMeasured && loops !== undefined ? integer(loops) : undefined, "How often it began"),
    ...figure("Cost", node.cost === undefined ? undefined : compact(node.cost), "With the steps below, in the planner's own unit"),
  ];
}

function buffersOf(buffers: PlanBuffers | undefined): Detail[] {
  const said: [string, string | undefined][] = buffers
    ? [
        ["From memory", pages(buffers.hit)],
        ["From the disk", pages(buffers.read)],
        ["Changed", pages(buffers.dirtied)],
        ["Written", pages(buffers.written)],
        ["Temporary, read", pages(buffers.tempRead)],
        ["Temporary, written", pages(buffers.tempWritten)],
      ]
    : [];
  return said.flatMap(([label, value]) => (value === undefined ? [] : [{ label, value }]));
}

export function NodeDetails({ node, isMeasured }: { node: PlanNode; isMeasured: boolean }) {
  const buffers = buffersOf(node.buffers);
  return (
    <section aria-label="The chosen step" className="flex min-w-0 flex-col gap-4 self-start rounded-lg border border-line p-4">
      <div>
        <h3 className="text-[13px] font-semibold text-ink">{node.label}</h3>
        {node.on && <p className="mt-0.5 font-mono text-xs break-words text-ink-soft">{node.on}</p>}
        {node.role && <p className="mt-0.5 text-xs text-ink-faint">{node.role}</p>}
      </div>
      {node.warnings.map((warning) => (
        <p key={warning.kind} className="flex items-start gap-2 rounded-md bg-warn-soft px-3 py-2 text-xs text-warn">
          <TriangleAlert className="mt-0.5 size-3.5 shrink-0" aria-hidden="true" />
          {warning.text}
        </p>
      ))}
      <Details items={figures(node, isMeasured)} />
      {node.conditions.length > 0 && (
        <DetailGroup title="Conditions">
          <Details columns={1} items={node.conditions.map(({ label, text }) => ({ label, value: text, mono: true }))} />
        </DetailGroup>
      )}
      {buffers.length > 0 && (
        <DetailGroup title="Pages of 8 kB, its own">
          <Details items={buffers} />
        </DetailGroup>
      )}
      {node.facts.length > 0 && (
        <DetailGroup title="Also">
          <Details columns={1} items={node.facts.map(({ label, text }) => ({ label, value: text, mono: text.length > 24 }))} />
        </DetailGroup>
      )}
    </section>
  );
}
