// Which side of the same thing is shown? The tab is in the URL, so tabs are links.

import { Link } from "@tanstack/react-router";
import { createContext, useContext, useEffect, type ReactNode } from "react";

export interface Tab {
  /** The value of `tab` in the URL; empty for the first. */
  value: string;
  label: ReactNode;
  count?: number | string;
}

/** Told the name of the tab that is open; nothing while it is the first: then the page is it. */
export const TabNameContext = createContext<(name: string | undefined) => void>(() => undefined);

function useToldName(tabs: readonly Tab[], current: string): void {
  const tell = useContext(TabNameContext);
  const open = current === "" ? undefined : tabs.find((tab) => tab.value === current)?.label;
  const name = typeof open === "string" ? open : undefined;
  useEffect(() => {
    tell(name);
    return () => tell(undefined);
  }, [tell, name]);
}

/** Tabs that set `?tab=` and keep the rest of the URL. */
export function Tabs({ label, tabs, current }: { label: string; tabs: readonly Tab[]; current: string }) {
  useToldName(tabs, current);
  return (
    <nav aria-label={label} className="scroll-thin -mb-px flex gap-1 overflow-x-auto border-b border-line">
      {tabs.map((tab) => (
        <Link
          key={tab.value}
          to="."
          search={(before: Record<string, unknown>) => ({ ...before, tab: tab.value || undefined })}
          activeOptions={{ exact: true, includeSearch: true }}
          activeProps={{}}
          aria-current={current === tab.value ? "page" : undefined}
          className="flex h-9 items-center gap-1.5 border-b-2 border-transparent px-3 text-[13px] font-medium whitespace-nowrap text-ink-soft hover:text-ink aria-[current=page]:border-brand aria-[current=page]:text-ink"
        >
          {tab.label}
          {tab.count !== undefined && <span className="rounded bg-subtle px-1.5 text-2xs text-ink-soft tabular-nums">{tab.count}</span>}
        </Link>
      ))}
    </nav>
  );
}
