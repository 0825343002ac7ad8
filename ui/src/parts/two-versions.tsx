// Somebody else saved the same text meanwhile: what does each of both say, and which shall it be?

import { UserRoundPen } from "lucide-react";
import type { ReactNode } from "react";
import { SideBySide } from "./diff/side-by-side";

interface TwoVersionsProps {
  /** Names it for screen readers. */
  label: string;
  title: string;
  about: ReactNode;
  /** Which of several texts is compared. */
  choice?: ReactNode;
  theirs: string;
  mine: string;
  /** The ways on. */
  children: ReactNode;
}

export function TwoVersions({ label, title, about, choice, theirs, mine, children }: TwoVersionsProps) {
  return (
    <section role="alert" aria-label={label} className="flex flex-col gap-3 rounded-lg border border-warn bg-surface p-4">
      <div className="flex flex-wrap items-start gap-3">
        <UserRoundPen className="mt-0.5 size-5 shrink-0 text-warn" aria-hidden="true" />
        <div className="min-w-0 flex-1">
          <h2 className="text-sm font-semibold text-ink">{title}</h2>
          <p className="mt-0.5 text-[13px] text-ink-soft">{about}</p>
        </div>
        {choice}
      </div>
      <SideBySide left={theirs} right={mine} leftTitle="Theirs, saved" rightTitle="Mine, not saved" />
      <div className="flex flex-wrap gap-2">{children}</div>
    </section>
  );
}
