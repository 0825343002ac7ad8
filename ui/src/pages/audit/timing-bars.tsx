// Where did the time of one statement go?

import type { Timing } from "~/api/ledger";
import { duration } from "~/ui/format";

interface Step {
  label: string;
  help: string;
  from: number;
  until: number;
}

/** Each step from where the one before ended; what did not come to pass is left out. */
export function stepsOf(timing: Timing): Step[] {
  const { judge = 0, forward = 0, first = 0, last = 0, total = 0 } = timing;
  const steps: Step[] = [
    { label: "Judged", help: "How long judging took", from: 0, until: judge },
    { label: "Forwarded", help: "Until it was handed to the server", from: 0, until: forward },
    { label: "First byte", help: "From there until the first byte of the answer", from: forward, until: first },
    { label: "Last byte", help: "From there until the last byte of the answer", from: first, until: last },
    { label: "Held back", help: "Until it was over", from: last, until: total },
  ];
  return steps.filter((step) => step.until > step.from);
}

export function TimingBars({ timing }: { timing: Timing }) {
  const whole = Math.max(timing.total ?? 0, timing.judge ?? 0, timing.last ?? 0, 1);
  const steps = stepsOf(timing);
  return (
    <div className="flex flex-col gap-1.5">
      {steps.map((step) => (
        <div key={step.label} className="grid grid-cols-[6rem_1fr_5rem] items-center gap-3 text-[13px]" title={step.help}>
          <span className="text-ink-soft">{step.label}</span>
          <span aria-hidden="true" className="relative h-2 overflow-hidden rounded-full bg-subtle">
            <span className="absolute inset-y-0 min-w-0.5 rounded-full bg-brand" style={{ left: `${(100 * step.from) / whole}%`, width: `${(100 * (step.until - step.from)) / whole}%` }} />
          </span>
          <span className="numeric text-right">{duration(step.until - step.from)}</span>
        </div>
      ))}
      <div className="grid grid-cols-[6rem_1fr_5rem] items-center gap-3 border-t border-line pt-1.5 text-[13px] font-medium">
        <span>In all</span>
        <span />
        <span className="numeric text-right">{timing.total ? duration(timing.total) : "never sent"}</span>
      </div>
    </div>
  );
}
