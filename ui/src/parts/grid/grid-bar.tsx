// What can be done with a result or with the cells that are chosen in it?

import { ChevronDown, Copy, Maximize2, Search } from "lucide-react";
import type { ReactNode } from "react";
import type { ResultColumn } from "~/api/runs";
import { Button, IconButton } from "~/ui/button";
import { copyText } from "~/ui/copy";
import { count as counted, integer } from "~/ui/format";
import { Menu, MenuItem, MenuLabel, MenuLine } from "~/ui/menu";
import type { Arrangement } from "./arrange";
import { ColumnsPopover } from "./columns-popover";
import { COPY_FORMATS, write, type CopyFormat, type Part } from "./copy";
import { isOne, sizeOf, type Selection } from "./selection";

interface GridBarProps {
  status: ReactNode;
  columns: readonly ResultColumn[];
  arrangement: Arrangement;
  onArrange: (arrangement: Arrangement) => void;
  /** Rows that have come, and those of them that are shown. */
  fetched: number;
  shown: number;
  selection: Selection;
  /** All that is shown, and what of it is chosen. */
  all: () => Part;
  part: () => Part;
  table: string;
  engine: string;
  onOpen: (() => void) | undefined;
  onFind: () => void;
  /** More that can be done, before the others. */
  actions: ReactNode;
}

export function GridBar({ status, columns, arrangement, onArrange, fetched, shown, selection, all, part, table, engine, onOpen, onFind, actions }: GridBarProps) {
  const size = sizeOf(selection);
  const copy = (format: CopyFormat, what: Part) => void copyText(write(format, what, table, engine), `${counted(what.rows.length, "row")} copied as ${format}`);
  const isWhole = shown === fetched && arrangement.hidden.length === 0;
  return (
    <div className="flex min-h-9 flex-wrap items-center gap-x-3 gap-y-1 px-3 py-1 text-xs text-ink-soft">
      {status}
      <span className="tabular-nums">
        {shown === fetched ? counted(fetched, "row") : `${integer(shown)} of ${counted(fetched, "row")} fetched`}, {counted(columns.length, "column")}
      </span>
      {size !== undefined && (
        <span role="status" className="text-ink-faint tabular-nums">
          {size} chosen
        </span>
      )}
      <span className="ml-auto flex flex-wrap items-center gap-1">
        {actions}
        <IconButton label="Find in the result" shortcut="mod+f" size="small" disabled={fetched === 0} onClick={onFind}>
          <Search className="size-3.5" aria-hidden="true" />
        </IconButton>
        <ColumnsPopover columns={columns} arrangement={arrangement} onArrange={onArrange} />
        <Button size="small" variant="quiet" disabled={onOpen === undefined} onClick={onOpen} icon={<Maximize2 className="size-3.5" aria-hidden="true" />}>
          View cell
        </Button>
        <Menu
          trigger={
            <Button size="small" variant="quiet" disabled={columns.length === 0} icon={<Copy className="size-3.5" aria-hidden="true" />}>
              Copy <ChevronDown className="size-3" aria-hidden="true" />
            </Button>
          }
        >
          <MenuLabel>{isWhole ? "Whole result" : "All that is shown"}</MenuLabel>
          {COPY_FORMATS.map((format) => (
            <MenuItem key={format} onSelect={() => copy(format, all())}>
              Copy as {format}
            </MenuItem>
          ))}
          <MenuLine />
          <MenuLabel>{isOne(selection) ? "Cell" : (size ?? "Cells")}</MenuLabel>
          {COPY_FORMATS.map((format) => (
            <MenuItem key={format} onSelect={() => copy(format, part())}>
              Copy chosen as {format}
            </MenuItem>
          ))}
        </Menu>
      </span>
    </div>
  );
}
