// What is drawn of a result, and how: chosen beside the chart?

import { ChevronDown } from "lucide-react";
import { useId, type ReactNode } from "react";
import { Button } from "~/ui/button";
import { BareSelect, Checkbox } from "~/ui/choice";
import { Popover } from "~/ui/popover";
import { SERIES_MAX, type Aggregate, type ChartKind, type ChartState, type Step } from "./chart-state";
import type { Axis } from "./roles";

interface ChartFieldsProps {
  axes: readonly Axis[];
  state: ChartState;
  onChange: (state: ChartState) => void;
}

const KINDS: readonly { value: ChartKind; label: string }[] = [
  { value: "line", label: "Line" },
  { value: "bar", label: "Bars" },
  { value: "area", label: "Area" },
  { value: "scatter", label: "Points" },
  { value: "pie", label: "Pie" },
  { value: "number", label: "Figures" },
];
const AGGREGATES: readonly { value: Aggregate; label: string }[] = [
  { value: "each", label: "each row by itself" },
  { value: "sum", label: "their sum" },
  { value: "average", label: "their average" },
  { value: "least", label: "the least of them" },
  { value: "most", label: "the greatest of them" },
  { value: "count", label: "how many rows" },
];
const STEPS: readonly { value: Step; label: string }[] = [
  { value: "exact", label: "as they are" },
  { value: "minute", label: "by minute" },
  { value: "hour", label: "by hour" },
  { value: "day", label: "by day" },
  { value: "month", label: "by month" },
];
const NONE = "-";
/** Column names may be anything: a mark before them keeps them from being the word for none. */
const MARK = "=";

export function ChartFields({ axes, state, onChange }: ChartFieldsProps) {
  const { kind, aggregate, step, x, split } = state;
  const set = (change: Partial<ChartState>) => onChange({ ...state, ...change });
  const named = axes.map((axis) => ({ value: `${MARK}${axis.name}`, label: axis.name }));
  const isTime = axes.find((axis) => axis.name === x)?.role === "time";
  const isFigures = kind === "number";
  return (
    <div className="flex flex-wrap items-end gap-x-4 gap-y-2">
      <Labelled label="Chart">
        <BareSelect<ChartKind> label="Kind of chart" value={kind} choices={KINDS} onChange={(next) => set({ kind: next })} />
      </Labelled>
      <Values {...{ axes, state, onChange }} />
      {!isFigures && (
        <Labelled label={kind === "pie" ? "Slices" : "Along"}>
          <BareSelect label="Column along which it is drawn" className="max-w-48" value={x === undefined ? NONE : `${MARK}${x}`} choices={x === undefined ? [{ value: NONE, label: "choose a column" }, ...named] : named} onChange={(next) => set({ x: next === NONE ? undefined : next.slice(1) })} />
        </Labelled>
      )}
      <Labelled label={isFigures ? "Of all rows" : "Of rows with the same"}>
        <BareSelect<Aggregate> label="What becomes of rows with the same value" value={aggregate} choices={AGGREGATES} onChange={(next) => set({ aggregate: next })} />
      </Labelled>
      {isTime && !isFigures && aggregate !== "each" && (
        <Labelled label="Times">
          <BareSelect<Step> label="How times are put together" value={step} choices={STEPS} onChange={(next) => set({ step: next })} />
        </Labelled>
      )}
      {!isFigures && kind !== "pie" && (
        <Labelled label="Split by">
          <BareSelect label="Column to split by" className="max-w-48" value={split === undefined ? NONE : `${MARK}${split}`} choices={[{ value: NONE, label: "nothing" }, ...named]} onChange={(next) => set({ split: next === NONE ? undefined : next.slice(1) })} />
        </Labelled>
      )}
    </div>
  );
}

function Labelled({ label, children }: { label: string; children: ReactNode }) {
  const id = useId();
  return (
    <div role="group" aria-labelledby={id} className="flex flex-col gap-1">
      <span id={id} className="text-2xs font-medium text-ink-faint">
        {label}
      </span>
      {children}
    </div>
  );
}

/** One number or several: each gets a colour. */
function Values({ axes, state, onChange }: ChartFieldsProps) {
  const { y, aggregate, kind, split } = state;
  const numbers = axes.filter((axis) => axis.role === "number");
  const isOne = kind === "pie" || split !== undefined;
  const names = isOne ? y.slice(0, 1) : y;
  const text = aggregate === "count" ? "number of rows" : names.length === 0 ? "choose" : names.join(", ");
  const turn = (name: string, isOn: boolean) => onChange({ ...state, y: isOne ? (isOn ? [name] : []) : isOn ? [...y, name].slice(0, SERIES_MAX) : y.filter((one) => one !== name) });
  return (
    <Labelled label="Values">
      <Popover
        label="Values"
        align="start"
        trigger={
          <Button aria-label={`Values: ${text}`} disabled={aggregate === "count" || numbers.length === 0} className="max-w-60 justify-between !font-normal">
            <span className="truncate">{text}</span>
            <ChevronDown className="size-3.5 shrink-0 text-ink-faint" aria-hidden="true" />
          </Button>
        }
      >
        <div role="group" aria-label="Columns to draw" className="scroll-thin flex max-h-64 w-56 flex-col gap-1.5 overflow-y-auto">
          {numbers.map((axis) => {
            const isOn = names.includes(axis.name);
            return <Checkbox key={axis.name} label={<span className="break-all">{axis.name}</span>} checked={isOn} disabled={!isOn && !isOne && y.length >= SERIES_MAX} onChange={(next) => turn(axis.name, next)} />;
          })}
        </div>
      </Popover>
    </Labelled>
  );
}
