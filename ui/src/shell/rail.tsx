// How does one get from page to page?

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { workspaceQuery, may } from "~/api/workspaces";
import { classes } from "~/ui/classes";
import { Tooltip } from "~/ui/tooltip";
import { GROUPS, type Destination } from "./navigation";
import { Mark } from "./mark";

function usePages(slug: string): (page: Destination) => boolean {
  const { data } = useQuery({ ...workspaceQuery(slug), enabled: slug !== "" });
  return (page) => page.capability === undefined || data === undefined || may(data, page.capability);
}

/** At the left: names from 1,024 px, pictures with their names when pointed at below, nothing on phones. */
export function Rail({ slug }: { slug: string }) {
  return (
    <nav aria-label="Pages" className="flex w-52 shrink-0 flex-col border-r border-line bg-surface max-lg:w-14 max-sm:hidden">
      <div className="flex h-13 items-center gap-2.5 px-4 max-lg:justify-center max-lg:px-0">
        <Mark />
        <span className="text-[15px] font-semibold tracking-tight max-lg:hidden">Dragoman</span>
      </div>
      <Pages slug={slug} narrow />
    </nav>
  );
}

/** The links, in their groups; `narrow` where only pictures have room below 1,024 px. */
export function Pages({ slug, narrow = false }: { slug: string; narrow?: boolean }) {
  const shown = usePages(slug);
  if (slug === "") {
    return null;
  }
  return (
    <div className="scroll-thin min-h-0 flex-1 overflow-y-auto px-2 pb-4">
      {GROUPS.map((group) => {
        const pages = group.pages.filter(shown);
        return (
          pages.length > 0 && (
            <div key={group.label} role="group" aria-label={group.label} className="mt-3 first:mt-1">
              {group.label !== "Home" && <p className={classes("px-2 pb-1 text-2xs font-medium text-ink-faint", narrow && "max-lg:mx-2 max-lg:mb-1 max-lg:h-px max-lg:overflow-hidden max-lg:bg-line max-lg:p-0 max-lg:text-transparent")}>{group.label}</p>}
              {pages.map((page) => (
                <RailLink key={page.label} page={page} slug={slug} narrow={narrow} />
              ))}
            </div>
          )
        );
      })}
    </div>
  );
}

function RailLink({ page, slug, narrow }: { page: Destination; slug: string; narrow: boolean }) {
  const Icon = page.icon;
  const link = (
    <Link
      to={page.path(slug)}
      activeOptions={{ exact: page.label === "Home", includeSearch: false }}
      className={classes(
        "flex h-8 items-center gap-2.5 rounded-md px-2 text-[13px] font-medium text-ink-soft hover:bg-hover hover:text-ink",
        "aria-[current=page]:bg-brand-soft aria-[current=page]:text-brand-text",
        narrow && "max-lg:justify-center",
      )}
    >
      <Icon className="size-4 shrink-0" aria-hidden="true" />
      <span className={narrow ? "max-lg:sr-only" : undefined}>{page.label}</span>
    </Link>
  );
  return narrow ? (
    <Tooltip text={page.label} shortcut={page.keys} side="right" isName className="lg:hidden">
      {link}
    </Tooltip>
  ) : (
    link
  );
}
