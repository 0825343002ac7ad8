// What do all pages have: a title, what it is about, what can be done?

import { useEffect, useState, type ReactNode } from "react";
import { useReachability } from "~/api/reachability";
import { Skeleton } from "~/ui/states";
import { TabNameContext } from "~/ui/tabs";
import { useTitlePrefix } from "./environment";

interface PageProps {
  /** The page's name: its heading, and the title of the browser's tab. */
  title: string;
  /** Shown in the place of the title, when it is more than a word. */
  heading?: ReactNode;
  /** One line that says what is seen here. */
  about?: ReactNode;
  /** Above the title: where this is. */
  crumbs?: ReactNode;
  actions?: ReactNode;
  /** Filters and tabs, below the title. */
  bar?: ReactNode;
  /** As wide as the window, for tables; else as wide as is good to read. */
  wide?: boolean;
  children: ReactNode;
}

export function Page({ title, heading, about, crumbs, actions, bar, wide = true, children }: PageProps) {
  const prefix = useTitlePrefix();
  const [tab, setTab] = useState<string>();
  const name = tab === undefined || tab === title ? title : `${tab} · ${title}`;
  useEffect(() => {
    document.title = `${prefix}${name} · Dragoman`;
  }, [name, prefix]);
  return (
    <TabNameContext value={setTab}>
      <div className={`mx-auto flex w-full flex-col gap-4 px-6 py-5 max-sm:px-3 max-sm:py-4 ${wide ? "max-w-[110rem]" : "max-w-4xl"}`}>
        <div className="flex flex-wrap items-start gap-x-4 gap-y-2">
          <div className="min-w-0 flex-1 max-sm:basis-full">
            {crumbs && (
              <nav aria-label="Where this is" className="mb-1 text-xs text-ink-faint [&_a]:underline-offset-2 [&_a:hover]:underline">
                {crumbs}
              </nav>
            )}
            <h1 tabIndex={-1} className="text-lg outline-none leading-7 font-semibold tracking-tight text-ink">{heading ?? title}</h1>
            {about && <p className="mt-0.5 text-[13px] text-ink-soft">{about}</p>}
          </div>
          {actions && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
        </div>
        {bar}
        {children}
      </div>
    </TabNameContext>
  );
}

/** While a page is on its way; where nobody answers it is said that it comes. */
export function PagePending({ title = "The page" }: { title?: string }) {
  const reach = useReachability();
  if (reach.state === "away") {
    return (
      <div role="status" className="flex flex-col gap-2 px-6 py-5 max-sm:px-3 max-sm:py-4">
        <h1 className="text-lg leading-7 font-semibold tracking-tight text-ink">{title}</h1>
        <p className="text-[13px] text-ink-soft">This page comes by itself as soon as Dragoman answers.</p>
      </div>
    );
  }
  return (
    <div role="status" aria-label="Loading the page" className="flex flex-col gap-4 px-6 py-5">
      <Skeleton className="h-7 w-48" />
      <Skeleton className="h-32" />
      <Skeleton className="h-64" />
    </div>
  );
}
