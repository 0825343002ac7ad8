// What can be done with a column of a result?

import { ArrowDown, ArrowUp, ChevronDown, Copy, EyeOff, Filter, MoveHorizontal, Pin, PinOff } from "lucide-react";
import { classes } from "~/ui/classes";
import { copyText } from "~/ui/copy";
import { integer } from "~/ui/format";
import { Menu, MenuItem, MenuLabel, MenuLine } from "~/ui/menu";
import { withFilter, withHidden, withPinned, withSort, type Arrangement } from "./arrange";

export interface ColumnActions {
  arrangement: Arrangement;
  onArrange: (arrangement: Arrangement) => void;
  /** How many rows have come: what is sorted and filtered. */
  fetched: number;
  /** As wide as what is in it. */
  onFit: (column: number) => void;
  /** All shown values of a column. */
  onCopy: (column: number) => void;
}

interface ColumnMenuProps extends ColumnActions {
  /** Its place in the result as it came. */
  column: number;
  name: string;
  open: boolean;
  onOpenChange: (open: boolean) => void;
  /** Where the keyboard goes when it is closed. */
  onClosed: (event: Event) => void;
}

export function ColumnMenu({ column, name, open, onOpenChange, onClosed, arrangement, onArrange, fetched, onFit, onCopy }: ColumnMenuProps) {
  const { sort, pinned } = arrangement;
  const isPinned = pinned.includes(column);
  const mark = (desc: boolean) => sort?.column === column && sort.desc === desc && <span className="text-2xs text-ink-faint"> on, choose to undo</span>;
  return (
    <Menu
      open={open}
      onOpenChange={onOpenChange}
      onCloseAutoFocus={onClosed}
      trigger={
        <button type="button" tabIndex={-1} aria-label={`Column ${name}`} className={classes("absolute top-1 right-1.5 flex size-5 items-center justify-center rounded bg-subtle text-ink-faint hover:bg-hover hover:text-ink", !open && "opacity-0 group-hover:opacity-100 focus-visible:opacity-100 pointer-coarse:opacity-100")}>
          <ChevronDown className="size-3.5" aria-hidden="true" />
        </button>
      }
    >
      <MenuLabel>Here, of the {integer(fetched)} rows fetched</MenuLabel>
      <MenuItem icon={<ArrowUp aria-hidden="true" />} onSelect={() => onArrange(withSort(arrangement, column, false))}>
        Sort ascending{mark(false)}
      </MenuItem>
      <MenuItem icon={<ArrowDown aria-hidden="true" />} onSelect={() => onArrange(withSort(arrangement, column, true))}>
        Sort descending{mark(true)}
      </MenuItem>
      <MenuItem icon={<Filter aria-hidden="true" />} onSelect={() => onArrange(withFilter(arrangement, { column, test: "contains", text: "" }))}>
        Filter by this column
      </MenuItem>
      <MenuLine />
      <MenuItem icon={isPinned ? <PinOff aria-hidden="true" /> : <Pin aria-hidden="true" />} onSelect={() => onArrange(withPinned(arrangement, column, !isPinned))}>
        {isPinned ? "Unpin" : "Pin first"}
      </MenuItem>
      <MenuItem icon={<EyeOff aria-hidden="true" />} onSelect={() => onArrange(withHidden(arrangement, column, true))}>
        Hide
      </MenuItem>
      <MenuItem icon={<MoveHorizontal aria-hidden="true" />} onSelect={() => onFit(column)}>
        As wide as its values
      </MenuItem>
      <MenuLine />
      <MenuItem icon={<Copy aria-hidden="true" />} onSelect={() => void copyText(name, "Name copied")}>
        Copy name
      </MenuItem>
      <MenuItem icon={<Copy aria-hidden="true" />} onSelect={() => onCopy(column)}>
        Copy values
      </MenuItem>
    </Menu>
  );
}
