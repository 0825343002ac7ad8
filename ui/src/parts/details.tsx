// How are the facts of one thing listed: a name, what it is, and nothing where nothing is known?

import type { ReactNode } from "react";
import { classes } from "~/ui/classes";

export interface Detail {
  label: string;
  value: ReactNode;
  /** A word more, when pointed at. */
  help?: string;
  mono?: boolean;
}

const isNothing = (value: ReactNode): boolean => value === undefined || value === null || value === "" || value === false;

/** Facts, two beside each other where there is room; "–" where one is not known. */
export function Details({ items, columns = 2 }: { items: readonly Detail[]; columns?: 1 | 2 }) {
  return (
    <dl className={classes("grid gap-x-6 gap-y-2.5", columns === 2 && "sm:grid-cols-2")}>
      {items.map((item) => (
        <div key={item.label} className="min-w-0">
          <dt className="text-xs text-ink-faint" title={item.help}>
            {item.label}
          </dt>
          <dd dir="auto" className={classes("mt-0.5 text-[13px] break-words text-ink", item.mono && "font-mono text-xs leading-5")}>
            {isNothing(item.value) ? <span className="text-ink-faint">–</span> : item.value}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** A heading over facts that belong together. */
export function DetailGroup({ title, actions, children }: { title: string; actions?: ReactNode; children: ReactNode }) {
  return (
    <section className="flex flex-col gap-2.5 border-t border-line pt-4 first:border-t-0 first:pt-0">
      <div className="flex min-h-6 items-center justify-between gap-2">
        <h3 className="text-[13px] font-semibold text-ink">{title}</h3>
        {actions && <div className="flex items-center gap-1">{actions}</div>}
      </div>
      {children}
    </section>
  );
}
