// Who makes most of the traffic: which applications, users, databases?

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ListFilter } from "lucide-react";
import { topQuery, type TopItem, type TrafficFilter } from "~/api/traffic";
import type { Range } from "~/parts/range";
import { usePageSearch } from "~/parts/search";
import { useWorkspace } from "~/parts/workspace";
import { paths, withSearch } from "~/paths";
import { IconButton } from "~/ui/button";
import { Card } from "~/ui/card";
import { compact, duration, percent } from "~/ui/format";
import { ErrorNote, SkeletonRows } from "~/ui/states";
import { rangeSearch } from "~/parts/range-search";

type Group = "application" | "user" | "database";

const TITLES: Record<Group, string> = { application: "Applications", user: "Users", database: "Databases" };
const SHOWN_MAX = 8;

export function TopList({ group, range, filter }: { group: Group; range: Range; filter: TrafficFilter }) {
  const { slug } = useWorkspace();
  const top = useQuery(topQuery(slug, range, group, "total_us", filter, SHOWN_MAX));
  const all = top.data?.total.total_us ?? 0;
  return (
    <Card flush title={TITLES[group]} note={`by time spent, ${range.label}`}>
      {top.isPending && <SkeletonRows rows={4} />}
      {top.error !== null && top.data === undefined && (
        <div className="p-4">
          <ErrorNote error={top.error} />
        </div>
      )}
      {top.data?.items.length === 0 && <p className="px-4 py-4 text-[13px] text-ink-soft">Nobody asked anything in this time.</p>}
      <ul aria-label={TITLES[group]} className="py-1">
        {top.data?.items.map((item) => <Row key={item.key} group={group} item={item} all={all} range={range} filter={filter} />)}
      </ul>
      {top.data?.next && <p className="border-t border-line px-4 py-2 text-xs text-ink-faint">The first {SHOWN_MAX}; there are more.</p>}
    </Card>
  );
}

function Row({ group, item, all, range, filter }: { group: Group; item: TopItem; all: number; range: Range; filter: TrafficFilter }) {
  const { slug } = useWorkspace();
  const [search, set] = usePageSearch();
  const share = all === 0 ? 0 : item.sums.total_us / all;
  const isChosen = search[group] === item.key;
  const said = { ...filter, ...rangeSearch(range), [group]: item.key };
  return (
    <li className="group/top flex items-center gap-2 px-4 py-1.5 hover:bg-hover">
      <div className="min-w-0 flex-1">
        <div className="flex items-baseline gap-2 text-[13px]">
          {item.key === "" ? (
            <span className="min-w-0 flex-1 truncate text-ink-faint">unnamed</span>
          ) : (
            <Link to={withSearch(paths.queries(slug), said)} className="min-w-0 flex-1 truncate font-medium hover:underline" title={`Queries of ${item.key}`}>
              {item.key}
            </Link>
          )}
          <span className="text-xs text-ink-faint tabular-nums">{compact(item.sums.calls)} calls · p95 {duration(item.sums.p95_us)}</span>
          <span className="w-12 text-right text-xs font-medium tabular-nums">{percent(share)}</span>
        </div>
        <div aria-hidden="true" className="mt-1 h-1 overflow-hidden rounded-full bg-subtle">
          <div className="h-full rounded-full bg-brand" style={{ width: `${Math.max(share * 100, 0.5)}%` }} />
        </div>
      </div>
      {item.key === "" ? (
        <span className="w-7" />
      ) : (
        <IconButton size="small" label={isChosen ? `Show all ${TITLES[group].toLowerCase()}` : `Show only ${item.key}`} aria-pressed={isChosen} onClick={() => set({ [group]: isChosen ? undefined : item.key })}>
          <ListFilter className={isChosen ? "size-3.5 text-brand" : "size-3.5"} aria-hidden="true" />
        </IconButton>
      )}
    </li>
  );
}
