// Which values do the records have, and how often? Each is a filter.

import { useQuery } from "@tanstack/react-query";
import { Check } from "lucide-react";
import { ledgerFacetsQuery, type FacetField, type LedgerFacets, type LedgerFilter } from "~/api/ledger";
import { usePageSearch } from "~/parts/search";
import { useWorkspace } from "~/parts/workspace";
import { classes } from "~/ui/classes";
import { compact, integer, percent } from "~/ui/format";
import { ErrorNote, Skeleton } from "~/ui/states";
import { eventWord } from "./events";
import { FACET_LABELS, FACET_NAMES, facetValues } from "./search-filter";

export function FacetList({ filter }: { filter: LedgerFilter }) {
  const workspace = useWorkspace();
  const query = useQuery(ledgerFacetsQuery(workspace.slug, filter));
  const facets = query.data;
  if (facets === undefined) {
    return query.isError ? <ErrorNote error={query.error} /> : <FacetSkeleton />;
  }
  return (
    <div className={classes("flex flex-col gap-4", query.isPlaceholderData && "opacity-70")}>
      <p className="text-xs text-ink-faint">
        {facets.sampled ? `Counted in the newest ${integer(facets.records)} that match; there may be more.` : (facets.records === 1 ? "The one record that matches." : `All ${integer(facets.records)} records that match.`)}
      </p>
      {facets.facets.map((facet) => (
        <FacetGroup key={facet.field} facet={facet} records={facets.records} />
      ))}
    </div>
  );
}

function FacetSkeleton() {
  return (
    <div role="status" aria-label="Counting values" className="flex flex-col gap-2">
      {Array.from({ length: 10 }, (_, index) => (
        <Skeleton key={index} className="h-5" />
      ))}
    </div>
  );
}

const show = (field: FacetField, value: string): string => (field === "event" ? eventWord(value) : value);

function FacetGroup({ facet, records }: { facet: LedgerFacets["facets"][number]; records: number }) {
  const [search, set] = usePageSearch();
  const name = FACET_NAMES[facet.field];
  // A link may ask for several: "statement.refused,statement.held".
  const chosen = (search[name] ?? "").split(",").filter(Boolean);
  const choose = (value: string) => set({ [name]: chosen.includes(value) ? chosen.filter((one) => one !== value).join(",") || undefined : value });
  const values = facetValues(facet);
  if (values.length === 0) {
    return null;
  }
  return (
    <section aria-label={FACET_LABELS[facet.field]}>
      <h2 className="mb-1 text-xs font-semibold text-ink-soft">{FACET_LABELS[facet.field]}</h2>
      <ul className="flex flex-col">
        {values.map(({ value, count }) => (
          <li key={value}>
            <button
              type="button"
              aria-pressed={chosen.includes(value)}
              title={count === undefined ? `${value}: none among those counted` : `${value}: ${integer(count)}, ${percent(count / Math.max(1, records))}`}
              onClick={() => choose(value)}
              className={classes("relative isolate flex h-7 w-full items-center gap-1.5 rounded px-1.5 text-left text-[13px] hover:bg-hover", chosen.includes(value) ? "bg-brand-soft font-medium text-brand-text" : count === undefined && "text-ink-soft")}
            >
              {chosen.includes(value) && <Check className="size-3.5 shrink-0" aria-hidden="true" />}
              <bdi className="min-w-0 flex-1 truncate">{show(facet.field, value) || "(empty)"}</bdi>
              {count !== undefined && <span className="text-xs text-ink-faint tabular-nums">{compact(count)}</span>}
              {!chosen.includes(value) && count !== undefined && <span aria-hidden="true" className="absolute inset-y-0.5 left-0 -z-1 rounded bg-subtle" style={{ width: `${(100 * count) / Math.max(1, records)}%` }} />}
            </button>
          </li>
        ))}
      </ul>
      {(facet.others > 0 || facet.without > 0) && (
        <p className="mt-0.5 px-1.5 text-2xs text-ink-faint">{[facet.others > 0 && `${integer(facet.others)} with others`, facet.without > 0 && `${integer(facet.without)} with none`].filter(Boolean).join(", ")}</p>
      )}
    </section>
  );
}
