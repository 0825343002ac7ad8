// What is said about something while one points at it? Drawn here: it is on every page, and needs little.

import { Slot } from "radix-ui";
import { useCallback, useEffect, useId, useLayoutEffect, useRef, useState, type PointerEvent, type ReactNode } from "react";
import { createPortal } from "react-dom";
import { classes } from "./classes";
import { Keys } from "./keys";

const DELAY_MS = 300;
const GAP = 6;
const EDGE = 8;

type Side = "top" | "bottom" | "left" | "right";

interface TooltipProps {
  text: ReactNode;
  shortcut?: string;
  side?: Side;
  /** The text is the name of the child already: only the eye needs it. */
  isName?: boolean;
  /** Classes, for widths at which the child says it itself. */
  className?: string;
  children: ReactNode;
}

export function Tooltip({ text, shortcut, children, side = "bottom", isName = false, className }: TooltipProps) {
  const id = useId();
  const [anchor, setAnchor] = useState<Element>();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const hide = useCallback(() => {
    clearTimeout(timer.current);
    setAnchor(undefined);
  }, []);
  useEffect(() => hide, [hide]);
  useEffect(() => {
    if (anchor === undefined) {
      return undefined;
    }
    // Read and put away without leaving the place (WCAG 1.4.13).
    const onKey = (event: KeyboardEvent) => event.key === "Escape" && hide();
    window.addEventListener("keydown", onKey);
    window.addEventListener("scroll", hide, true);
    return () => {
      window.removeEventListener("keydown", onKey);
      window.removeEventListener("scroll", hide, true);
    };
  }, [anchor, hide]);
  const enter = (event: PointerEvent) => {
    const target = event.currentTarget;
    if (event.pointerType !== "touch") {
      clearTimeout(timer.current);
      timer.current = setTimeout(() => setAnchor(target), DELAY_MS);
    }
  };
  return (
    <>
      <Slot.Root
        aria-describedby={anchor && !isName ? id : undefined}
        onPointerEnter={enter}
        onPointerLeave={hide}
        onPointerDown={hide}
        onFocus={(event) => event.currentTarget.matches(":focus-visible") && setAnchor(event.currentTarget)}
        onBlur={hide}
      >
        {children}
      </Slot.Root>
      {anchor && createPortal(<Bubble id={id} anchor={anchor} side={side} text={text} shortcut={shortcut} isName={isName} className={className} />, document.body)}
    </>
  );
}

function Bubble({ id, anchor, side = "bottom", text, shortcut, isName, className }: Omit<TooltipProps, "children"> & { id: string; anchor: Element }) {
  const bubble = useRef<HTMLDivElement>(null);
  const [place, setPlace] = useState({ left: 0, top: 0 });
  useLayoutEffect(() => {
    if (bubble.current) {
      setPlace(beside(anchor.getBoundingClientRect(), bubble.current.getBoundingClientRect(), side));
    }
  }, [anchor, side]);
  return (
    <div ref={bubble} id={id} role="tooltip" aria-hidden={isName || undefined} style={place} className={classes("animate-fade pointer-events-none fixed z-60 flex w-max max-w-80 items-center gap-2 rounded-md bg-ink px-2 py-1 text-xs text-canvas shadow-raised", className)}>
      {text}
      {shortcut && <Keys keys={shortcut} inverted />}
    </div>
  );
}

/** On the wanted side, on the other one where there is no room, and never outside the window. */
function beside(anchor: DOMRect, bubble: DOMRect, side: Side): { left: number; top: number } {
  const within = (value: number, size: number, room: number) => Math.max(EDGE, Math.min(value, room - size - EDGE));
  if (side === "left" || side === "right") {
    const right = anchor.right + GAP;
    const fits = right + bubble.width + EDGE <= innerWidth;
    const left = side === "right" && fits ? right : anchor.left - bubble.width - GAP;
    return { left: within(left, bubble.width, innerWidth), top: within(anchor.top + (anchor.height - bubble.height) / 2, bubble.height, innerHeight) };
  }
  const below = anchor.bottom + GAP;
  const fits = below + bubble.height + EDGE <= innerHeight;
  const top = side === "bottom" && fits ? below : anchor.top - bubble.height - GAP;
  return { left: within(anchor.left + (anchor.width - bubble.width) / 2, bubble.width, innerWidth), top: within(top, bubble.height, innerHeight) };
}
