// What frames things that belong together?

import type { ReactNode } from "react";
import { classes } from "./classes";

interface CardProps {
  title?: ReactNode;
  /** What the title does not say: range, unit, age. */
  note?: ReactNode;
  actions?: ReactNode;
  /** Tables reach to the edge. */
  flush?: boolean;
  className?: string;
  children: ReactNode;
}

export function Card({ title, note, actions, flush = false, className, children }: CardProps) {
  return (
    <section className={classes("min-w-0 rounded-lg border border-line bg-surface", className)}>
      {(title || actions) && (
        <div className="flex min-h-11 flex-wrap items-center gap-x-3 gap-y-1 border-b border-line px-4 py-1.5">
          {title && <h2 className="text-[13px] font-semibold text-ink">{title}</h2>}
          {note && <span className="text-xs text-ink-faint">{note}</span>}
          {actions && <div className="ml-auto flex items-center gap-2">{actions}</div>}
        </div>
      )}
      <div className={flush ? "" : "p-4"}>{children}</div>
    </section>
  );
}

/** A figure with its name. */
export function Figure({ label, value, note, tone }: { label: ReactNode; value: ReactNode; note?: ReactNode; tone?: "danger" | "warn" }) {
  return (
    <div className="min-w-0">
      <dt className="truncate text-xs text-ink-faint">{label}</dt>
      <dd className={classes("mt-0.5 text-xl font-semibold tracking-tight tabular-nums", tone === "danger" ? "text-danger" : tone === "warn" ? "text-warn" : "text-ink")}>{value}</dd>
      {note && <dd className="mt-0.5 truncate text-xs text-ink-faint">{note}</dd>}
    </div>
  );
}
