// What is a word with a meaning that has a colour, too?

import type { ReactNode } from "react";
import { classes } from "./classes";

export type BadgeTone = "neutral" | "brand" | "ok" | "warn" | "danger" | "info" | "held";

const TONES: Record<BadgeTone, string> = {
  neutral: "bg-subtle text-ink-soft",
  brand: "bg-brand-soft text-brand-text",
  ok: "bg-ok-soft text-ok",
  warn: "bg-warn-soft text-warn",
  danger: "bg-danger-soft text-danger",
  info: "bg-info-soft text-info",
  held: "bg-held-soft text-held",
};

export function Badge({ tone = "neutral", icon, children, className }: { tone?: BadgeTone; icon?: ReactNode; children: ReactNode; className?: string }) {
  return (
    <span className={classes("inline-flex h-5 items-center gap-1 rounded px-1.5 text-2xs font-medium whitespace-nowrap", TONES[tone], className)}>
      {icon}
      {children}
    </span>
  );
}

/** A dot with its word: how something is. */
export function Status({ tone, children }: { tone: BadgeTone; children: ReactNode }) {
  const dot: Record<BadgeTone, string> = {
    neutral: "bg-ink-faint",
    brand: "bg-brand",
    ok: "bg-ok",
    warn: "bg-warn",
    danger: "bg-danger",
    info: "bg-info",
    held: "bg-held",
  };
  return (
    <span className="inline-flex items-center gap-1.5 text-[13px] whitespace-nowrap">
      <span className={classes("size-2 rounded-full", dot[tone])} aria-hidden="true" />
      {children}
    </span>
  );
}
