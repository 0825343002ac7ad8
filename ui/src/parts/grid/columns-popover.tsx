// Which columns of a result are shown?

import { ChevronDown, Columns3 } from "lucide-react";
import { useState } from "react";
import type { ResultColumn } from "~/api/runs";
import { Button } from "~/ui/button";
import { Checkbox } from "~/ui/choice";
import { BareInput } from "~/ui/field";
import { count } from "~/ui/format";
import { Popover } from "~/ui/popover";
import { withHidden, type Arrangement } from "./arrange";

/** More boxes than anybody reads: the rest is found by its name. */
const LISTED_MAX = 100;

export function ColumnsPopover({ columns, arrangement, onArrange }: { columns: readonly ResultColumn[]; arrangement: Arrangement; onArrange: (arrangement: Arrangement) => void }) {
  const [words, setWords] = useState("");
  const { hidden } = arrangement;
  const wanted = words.trim().toLowerCase();
  const found = columns.map((column, index) => ({ column, index })).filter(({ column }) => column.name.toLowerCase().includes(wanted));
  const hide = (indexes: readonly number[], isHidden: boolean) => onArrange(indexes.reduce((before, index) => withHidden(before, index, isHidden), arrangement));
  return (
    <Popover
      label="Columns"
      trigger={
        <Button size="small" variant="quiet" disabled={columns.length === 0} icon={<Columns3 className="size-3.5" aria-hidden="true" />}>
          Columns{hidden.length > 0 && `, ${hidden.length} hidden`} <ChevronDown className="size-3" aria-hidden="true" />
        </Button>
      }
    >
      <div className="flex w-64 flex-col gap-2">
        <BareInput type="search" label="Filter columns" placeholder="Filter columns" value={words} onChange={(event) => setWords(event.target.value)} spellCheck={false} autoComplete="off" />
        <div className="scroll-thin flex max-h-64 flex-col gap-1.5 overflow-y-auto py-1" role="group" aria-label="Shown columns">
          {found.slice(0, LISTED_MAX).map(({ column, index }) => (
            <Checkbox key={index} label={<span dir="auto" className="break-all">{column.name}</span>} checked={!hidden.includes(index)} onChange={(isShown) => hide([index], !isShown)} />
          ))}
          {found.length === 0 && <p className="text-xs text-ink-faint">No column has that in its name.</p>}
          {found.length > LISTED_MAX && <p className="text-xs text-ink-faint">{count(found.length - LISTED_MAX, "more column")}: type a part of the name.</p>}
        </div>
        <div className="flex justify-between gap-2 border-t border-line pt-2">
          <Button size="small" variant="quiet" disabled={hidden.length === 0} onClick={() => onArrange({ ...arrangement, hidden: [] })}>
            Show all
          </Button>
          <Button size="small" variant="quiet" disabled={found.length === 0 || found.every(({ index }) => hidden.includes(index))} onClick={() => hide(found.map(({ index }) => index), true)}>
            Hide {wanted === "" ? "all" : "these"}
          </Button>
        </div>
      </div>
    </Popover>
  );
}
