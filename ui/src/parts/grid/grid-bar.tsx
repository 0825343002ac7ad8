// What can be done with a result or with the cells that are chosen in it?

import { ChevronDown, Copy, Maximize2 } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "~/ui/button";
import { copyText } from "~/ui/copy";
import { count as counted } from "~/ui/format";
import { Menu, MenuItem, MenuLabel, MenuLine } from "~/ui/menu";
import { write, type CopyFormat, type Part } from "./copy";
import { isOne, sizeOf, type Selection } from "./selection";

interface GridBarProps {
  status: ReactNode;
  all: Part;
  count: number;
  selection: Selection;
  part: () => Part;
  table: string;
  engine: string;
  onOpen: (() => void) | undefined;
}

const FORMATS: readonly CopyFormat[] = ["CSV", "JSON", "INSERT"];

export function GridBar({ status, all, count, selection, part, table, engine, onOpen }: GridBarProps) {
  const size = sizeOf(selection);
  const copy = (format: CopyFormat, what: Part) => void copyText(write(format, what, table, engine), `${counted(what.rows.length, "row")} copied as ${format}`);
  return (
    <div className="flex min-h-9 flex-wrap items-center gap-x-3 gap-y-1 px-3 py-1 text-xs text-ink-soft">
      {status}
      <span className="tabular-nums">
        {counted(count, "row")}, {counted(all.columns.length, "column")}
      </span>
      {size !== undefined && (
        <span role="status" className="text-ink-faint tabular-nums">
          {size} chosen
        </span>
      )}
      <span className="ml-auto flex items-center gap-1">
        <Button size="small" variant="quiet" disabled={onOpen === undefined} onClick={onOpen} icon={<Maximize2 className="size-3.5" aria-hidden="true" />}>
          View cell
        </Button>
        <Menu
          trigger={
            <Button size="small" variant="quiet" disabled={all.columns.length === 0} icon={<Copy className="size-3.5" aria-hidden="true" />}>
              Copy <ChevronDown className="size-3" aria-hidden="true" />
            </Button>
          }
        >
          <MenuLabel>Whole result</MenuLabel>
          {FORMATS.map((format) => (
            <MenuItem key={format} onSelect={() => copy(format, { columns: all.columns, rows: all.rows.slice(0, count) })}>
              Copy as {format}
            </MenuItem>
          ))}
          <MenuLine />
          <MenuLabel>{isOne(selection) ? "Cell" : (size ?? "Cells")}</MenuLabel>
          {FORMATS.map((format) => (
            <MenuItem key={format} onSelect={() => copy(format, part())}>
              Copy chosen as {format}
            </MenuItem>
          ))}
        </Menu>
      </span>
    </div>
  );
}
