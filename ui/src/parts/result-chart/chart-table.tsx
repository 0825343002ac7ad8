// What does a chart say in figures, for whoever does not see it or wants to know exactly?

import type { Below, Prepared } from "./prepare";
import { belowWord, figure } from "./words";

/** So many lines are listed: the result has all of them. */
const LINES_MAX = 200;

export function ChartTable({ prepared }: { prepared: Prepared }) {
  const { series, x, says } = prepared;
  const lines = new Map<Below, Map<string, number>>();
  for (const { name, points } of series) {
    for (const [below, value] of points) {
      const line = lines.get(below) ?? new Map<string, number>();
      lines.set(below, line.set(name, value));
    }
  }
  const shown = [...lines].slice(0, LINES_MAX);
  return (
    <div role="region" aria-label="The chart in figures" tabIndex={0} className="scroll-thin max-h-80 overflow-auto rounded-md border border-line">
      <table className="w-full border-collapse text-xs">
        <caption className="sr-only">{says}</caption>
        <thead className="sticky top-0 bg-subtle">
          <tr>
            <th scope="col" className="border-b border-line px-3 py-1.5 text-left font-medium text-ink-soft">
              {x?.name ?? "Value"}
            </th>
            {series.map((one) => (
              <th key={one.name} scope="col" className="border-b border-line px-3 py-1.5 text-right font-medium text-ink-soft">
                {one.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map(([below, line]) => (
            <tr key={below} className="border-b border-line last:border-0">
              <th scope="row" dir="auto" className="px-3 py-1 text-left font-normal text-ink">
                {belowWord(below, x?.role)}
              </th>
              {series.map((one) => {
                const value = line.get(one.name);
                return (
                  <td key={one.name} className="px-3 py-1 text-right text-ink tabular-nums">
                    {value === undefined ? <span className="text-ink-faint">none</span> : figure(value)}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
      {lines.size > LINES_MAX && <p className="px-3 py-1.5 text-xs text-ink-faint">The first {LINES_MAX} of {lines.size}.</p>}
    </div>
  );
}
