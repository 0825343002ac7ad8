// Which filters hold, and how does one get rid of them?

import { X } from "lucide-react";
import { Button } from "~/ui/button";
import { usePageSearch } from "./search";

export interface Facet {
  /** The word in the URL. */
  name: string;
  label: string;
  /** The value as a person reads it. */
  show?: (value: string) => string;
}

/** Each filter of the URL as a chip that can be taken away. */
export function Filters({ facets }: { facets: readonly Facet[] }) {
  const [search, set] = usePageSearch();
  const held = facets.flatMap((facet) => {
    const value = search[facet.name];
    return value === undefined || value === "" ? [] : [{ ...facet, value }];
  });
  if (held.length === 0) {
    return null;
  }
  return (
    <div role="group" aria-label="Filters" className="flex flex-wrap items-center gap-1.5">
      {held.map((facet) => (
        <span key={facet.name} className="inline-flex h-6 max-w-72 items-center gap-1 rounded-full border border-line bg-surface pl-2.5 text-xs">
          <span className="text-ink-faint">{facet.label}</span>
          <span className="truncate font-medium">{facet.show?.(facet.value) ?? facet.value}</span>
          <button type="button" aria-label={`Remove the filter ${facet.label}`} onClick={() => set({ [facet.name]: undefined })} className="flex size-6 items-center justify-center rounded-full text-ink-faint hover:text-ink">
            <X className="size-3" aria-hidden="true" />
          </button>
        </span>
      ))}
      {held.length > 1 && (
        <Button size="small" variant="quiet" onClick={() => set(Object.fromEntries(held.map((facet) => [facet.name, undefined])))}>
          Clear all
        </Button>
      )}
    </div>
  );
}
