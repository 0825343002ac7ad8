// How does a figure stand against the range before?

import { percent } from "~/ui/format";

/** "23% more than before"; says when there is nothing to compare with. */
export function change(now: number | null | undefined, before: number | null | undefined, isKnown = true): string | undefined {
  if (!isKnown || now === null || now === undefined) {
    return undefined;
  }
  if (before === null || before === undefined || before === 0) {
    return now === 0 ? undefined : "none before";
  }
  const part = (now - before) / before;
  if (Math.abs(part) < STEADY) {
    return "as before";
  }
  // Beyond a doubling, times are easier to grasp.
  return part >= 1 ? `${(now / before).toFixed(1)} times as many as before` : `${percent(Math.abs(part))} ${part > 0 ? "more" : "less"} than before`;
}

/** Quantiles are told off by up to 6.25 %: less than that is no change. */
const STEADY = 0.07;
