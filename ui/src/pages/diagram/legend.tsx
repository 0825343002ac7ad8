// What do the lines mean?

import type { ReactNode } from "react";
import { Badge } from "~/ui/badge";
import { STROKES } from "./lines";

function Sample({ look, children }: { look: keyof typeof STROKES; children: ReactNode }) {
  const { colour, dash } = STROKES[look];
  return (
    <li className="flex items-center gap-2">
      <svg width="44" height="14" aria-hidden="true" className="shrink-0">
        <path d="M 2 7 H 42" stroke={`var(${colour})`} strokeWidth="1.8" strokeDasharray={dash} />
        {look === "declared" && <path d="M 14 7 L 2 1 M 14 7 L 2 13 M 36 2 V 12" stroke={`var(${colour})`} strokeWidth="1.4" fill="none" />}
      </svg>
      <span>{children}</span>
    </li>
  );
}

export function Legend({ isOfGroups, traffic }: { isOfGroups: boolean; traffic: ReactNode }) {
  return (
    <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-2 border-t border-line px-4 py-2.5 text-xs text-ink-soft">
      <ul aria-label="What the lines mean" className="flex flex-wrap gap-x-5 gap-y-1">
        {isOfGroups ? (
          <Sample look="bridge">relations between groups, and how many</Sample>
        ) : (
          <>
            <Sample look="declared">foreign key: many rows at the crow&apos;s foot refer to one at the bar</Sample>
            <Sample look="seen">joined by statements, but no key declares it</Sample>
            <li className="flex items-center gap-2">
              <Badge>120</Badge> statements that joined them
            </li>
          </>
        )}
        {traffic}
      </ul>
      <p className="max-lg:hidden">
        Arrows go to the next box, Enter opens it, space makes it the middle.
      </p>
    </div>
  );
}
