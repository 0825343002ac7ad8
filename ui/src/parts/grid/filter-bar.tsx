// By what are the fetched rows sorted and filtered here, and what does that not say?

import { ArrowDown, ArrowUp, X } from "lucide-react";
import type { RefObject } from "react";
import type { ResultColumn } from "~/api/runs";
import { IconButton } from "~/ui/button";
import { BareSelect } from "~/ui/choice";
import { BareInput } from "~/ui/field";
import { count } from "~/ui/format";
import { takesText, TESTS, withFilter, withoutFilter, type Arrangement, type GridTest } from "./arrange";

interface FilterBarProps {
  columns: readonly ResultColumn[];
  arrangement: Arrangement;
  onArrange: (arrangement: Arrangement) => void;
  fetched: number;
  /** There is more in the database than was fetched. */
  isCut: boolean;
  /** Where one types the text of the latest filter. */
  input: RefObject<HTMLInputElement | null>;
}

export function FilterBar({ columns, arrangement, onArrange, fetched, isCut, input }: FilterBarProps) {
  const { sort, filters } = arrangement;
  if (sort === undefined && filters.length === 0) {
    return null;
  }
  const nameOf = (column: number) => columns[column]?.name ?? "";
  const Arrow = sort?.desc ? ArrowDown : ArrowUp;
  return (
    <div role="group" aria-label="Sorted and filtered here" className="flex flex-wrap items-center gap-x-3 gap-y-1.5 border-t border-line bg-subtle px-3 py-1.5 text-xs text-ink-soft">
      {sort && (
        <span className="inline-flex items-center gap-1.5">
          <Arrow className="size-3.5 text-brand" aria-hidden="true" />
          <span>
            sorted here by <b className="font-medium text-ink">{nameOf(sort.column)}</b>, of the {count(fetched, "row")} fetched
          </span>
          <IconButton label={`Do not sort by ${nameOf(sort.column)}`} size="small" onClick={() => onArrange({ ...arrangement, sort: undefined })}>
            <X className="size-3.5" aria-hidden="true" />
          </IconButton>
        </span>
      )}
      {filters.map(({ column, test, text }, index) => (
        <span key={column} className="inline-flex flex-wrap items-center gap-1.5">
          <b className="max-w-40 truncate font-medium text-ink">{nameOf(column)}</b>
          <BareSelect<GridTest> label={`How ${nameOf(column)} is compared`} className="!h-7" value={test} choices={TESTS} onChange={(next) => onArrange(withFilter(arrangement, { column, test: next, text }))} />
          {takesText(test) && (
            <BareInput
              ref={index === filters.length - 1 ? input : undefined}
              label={`What ${nameOf(column)} is compared with`}
              className="!h-7 !w-36"
              value={text}
              maxLength={200}
              spellCheck={false}
              autoComplete="off"
              onChange={(event) => onArrange(withFilter(arrangement, { column, test, text: event.target.value }))}
            />
          )}
          <IconButton label={`Do not filter by ${nameOf(column)}`} size="small" onClick={() => onArrange(withoutFilter(arrangement, column))}>
            <X className="size-3.5" aria-hidden="true" />
          </IconButton>
        </span>
      ))}
      {isCut && <span className="text-warn">More rows match in the database than were fetched: ORDER BY and WHERE in the statement look at all of them.</span>}
    </div>
  );
}
