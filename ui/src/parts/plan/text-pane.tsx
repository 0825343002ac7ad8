// What does the database itself write of its plan, and which lines are the chosen step's?

import { useEffect, useMemo, useRef } from "react";
import { classes } from "~/ui/classes";
import { spanOf } from "./plan-text";

interface TextPaneProps {
  format: string;
  text: string;
  /** How many steps the tree has, and which of them is chosen, counted from above. */
  steps: number;
  chosen: number;
}

export function TextPane({ format, text, steps, chosen }: TextPaneProps) {
  const lines = useMemo(() => text.trimEnd().split("\n"), [text]);
  const span = useMemo(() => spanOf(format, lines, steps, chosen), [format, lines, steps, chosen]);
  const frame = useRef<HTMLPreElement>(null);
  useEffect(() => {
    const pane = frame.current;
    const line = pane?.querySelector<HTMLElement>("[data-chosen]");
    if (!pane || !line) {
      return;
    }
    // Only the pane is scrolled: the page stays where it is.
    const top = line.offsetTop - pane.offsetTop;
    if (top < pane.scrollTop || top + line.offsetHeight > pane.scrollTop + pane.clientHeight) {
      pane.scrollTop = top - pane.clientHeight / 3;
    }
  }, [span]);
  const isChosen = (index: number) => span !== undefined && index >= span.from && index < span.until;
  return (
    <pre ref={frame} dir="ltr" tabIndex={0} role="region" aria-label="Plan as text, beside the tree" className="scroll-thin max-h-[70vh] overflow-auto rounded-lg border border-line bg-subtle py-2 font-mono text-xs leading-5 text-ink">
      {lines.map((line, index) => (
        <span key={index} data-chosen={isChosen(index) || undefined} className={classes("block w-fit min-w-full px-3", isChosen(index) && "bg-brand-soft")}>
          {line === "" ? " " : line}
        </span>
      ))}
    </pre>
  );
}
