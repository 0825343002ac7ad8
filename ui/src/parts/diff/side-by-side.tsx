// How do two texts differ, seen beside each other?

import { ArrowRight } from "lucide-react";
import { useMemo, useState } from "react";
import { Button } from "~/ui/button";
import { classes } from "~/ui/classes";
import { count } from "~/ui/format";
import { countChanges, lineDiff, type Hunk } from "./line-diff";

interface SideBySideProps {
  left: string;
  right: string;
  leftTitle: string;
  rightTitle: string;
  /** What they are texts of, where a page has two such pairs. */
  about?: string;
  /** Offers each change of the left for the right: a merge by hand. */
  onTakeLeft?: (hunk: Hunk) => void;
  takeLabel?: string;
}

/** So many lines around a change are shown; the others can be opened. */
const AROUND = 3;

export function SideBySide({ left, right, leftTitle, rightTitle, about, onTakeLeft, takeLabel = "Take this" }: SideBySideProps) {
  const hunks = useMemo(() => lineDiff(left, right), [left, right]);
  const { added, removed } = countChanges(hunks);
  const isSame = added === 0 && removed === 0;
  return (
    <div className="min-w-0 overflow-hidden rounded-md border border-line">
      <div className="grid grid-cols-2 border-b border-line bg-subtle text-xs font-medium text-ink-soft">
        <span className="truncate px-3 py-1.5">{leftTitle}</span>
        <span className="flex items-center gap-2 border-l border-line px-3 py-1.5">
          <span className="truncate">{rightTitle}</span>
          <span className="ml-auto shrink-0 font-normal text-ink-faint">{isSame ? "no difference" : `${count(added, "line")} more, ${count(removed, "line")} less`}</span>
        </span>
      </div>
      {/* Scrolls by itself when it is longer than the page: it must be reachable by the keyboard then. */}
      <div role="region" aria-label={`Difference between ${leftTitle} and ${rightTitle}${about ? `, ${about}` : ""}`} tabIndex={0} className="scroll-thin max-h-[60vh] overflow-auto font-mono text-xs leading-5">
        {isSame ? <p className="px-3 py-6 text-center font-sans text-[13px] text-ink-faint">Both say the same.</p> : hunks.map((hunk, index) => <HunkLines key={`${hunk.leftFrom}-${hunk.rightFrom}`} hunk={hunk} isFirst={index === 0} isLast={index === hunks.length - 1} onTakeLeft={onTakeLeft} takeLabel={takeLabel} />)}
      </div>
    </div>
  );
}

interface HunkProps {
  hunk: Hunk;
  isFirst: boolean;
  isLast: boolean;
  onTakeLeft: ((hunk: Hunk) => void) | undefined;
  takeLabel: string;
}

function HunkLines({ hunk, isFirst, isLast, onTakeLeft, takeLabel }: HunkProps) {
  const [isOpen, setOpen] = useState(false);
  if (hunk.kind === "changed") {
    return (
      <div className="relative">
        <Lines hunk={hunk} from={0} to={Math.max(hunk.left.length, hunk.right.length)} />
        {onTakeLeft && (
          <div className="flex border-y border-line bg-surface px-2 py-1">
            <Button size="small" className="font-sans" onClick={() => onTakeLeft(hunk)} icon={<ArrowRight className="size-3" aria-hidden="true" />}>
              {takeLabel}
            </Button>
          </div>
        )}
      </div>
    );
  }
  const head = isFirst ? 0 : AROUND;
  const tail = isLast ? 0 : AROUND;
  const hidden = hunk.left.length - head - tail;
  if (isOpen || hidden <= 1) {
    return <Lines hunk={hunk} from={0} to={hunk.left.length} />;
  }
  return (
    <>
      <Lines hunk={hunk} from={0} to={head} />
      <button type="button" onClick={() => setOpen(true)} className="block w-full border-y border-line bg-subtle px-3 py-1 text-left font-sans text-xs text-ink-soft hover:bg-hover">
        Show {count(hidden, "line")} that {hidden === 1 ? "is" : "are"} the same
      </button>
      <Lines hunk={hunk} from={hunk.left.length - tail} to={hunk.left.length} />
    </>
  );
}

function Lines({ hunk, from, to }: { hunk: Hunk; from: number; to: number }) {
  const isChanged = hunk.kind === "changed";
  const lines = [];
  for (let index = from; index < to; index += 1) {
    const left = hunk.left[index];
    const right = hunk.right[index];
    lines.push(
      <div key={index} className="grid grid-cols-2">
        <Line number={hunk.leftFrom + index + 1} text={left} tone={isChanged && left !== undefined ? "removed" : undefined} />
        <Line number={hunk.rightFrom + index + 1} text={right} tone={isChanged && right !== undefined ? "added" : undefined} className="border-l border-line" />
      </div>,
    );
  }
  return <>{lines}</>;
}

const TONES = { removed: "bg-danger-soft", added: "bg-ok-soft" };
const SIGNS = { removed: "−", added: "+" };

function Line({ number, text, tone, className }: { number: number; text: string | undefined; tone: "removed" | "added" | undefined; className?: string }) {
  return (
    <div className={classes("flex min-w-0", text === undefined ? "bg-subtle" : tone && TONES[tone], className)}>
      <span className="w-10 shrink-0 px-1 text-right text-ink-soft select-none">{text === undefined ? "" : number}</span>
      <span className="w-4 shrink-0 text-center text-ink-soft select-none">{tone && SIGNS[tone]}</span>
      <span dir="auto" className="min-w-0 flex-1 pr-2 break-words whitespace-pre-wrap text-ink">
        {text}
      </span>
    </div>
  );
}
