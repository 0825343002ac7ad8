// What is wrong in the file: where, why, and what stands there?

import { useMemo } from "react";
import type { Problem } from "~/api/problem";
import { placeOf, type FilePlace } from "./place";

type Mistake = NonNullable<Problem["errors"]>[number];

export function MistakeList({ mistakes, content }: { mistakes: readonly Mistake[]; content: Uint8Array }) {
  const places = useMemo(() => mistakes.map((mistake) => (mistake.span ? placeOf(content, mistake.span as readonly number[]) : undefined)), [mistakes, content]);
  return (
    <ol aria-label="Mistakes in the file" className="scroll-thin max-h-[32rem] overflow-auto">
      {mistakes.map((mistake, index) => (
        <li key={index} className="flex flex-col gap-1 border-b border-line px-4 py-2.5 text-[13px] last:border-b-0">
          <div className="flex flex-wrap items-baseline gap-x-3">
            <span className="shrink-0 text-xs font-medium text-ink-soft tabular-nums">{whereOf(mistake, places[index])}</span>
            <span className="min-w-0 break-words text-ink">{mistake.message}</span>
          </div>
          {places[index] && <Excerpt place={places[index]} />}
          {mistake.hint && <p className="text-xs text-ink-soft">{mistake.hint}</p>}
        </li>
      ))}
    </ol>
  );
}

const whereOf = (mistake: Mistake, place: FilePlace | undefined): string => (place ? `Line ${place.line}, character ${place.column}` : mistake.field);

function Excerpt({ place }: { place: FilePlace }) {
  return (
    <code dir="ltr" className="block overflow-hidden rounded bg-subtle px-2 py-1 font-mono text-xs break-all whitespace-pre-wrap">
      {place.before}
      <mark className="rounded bg-danger-soft px-0.5 font-medium text-danger underline decoration-wavy underline-offset-2">{place.marked || "‸"}</mark>
      {place.after}
    </code>
  );
}
