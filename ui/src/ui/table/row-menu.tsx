// What can be done with a row by the other button of the mouse, or the key for it?

import { ContextMenu as Radix } from "radix-ui";
import { useState, type MouseEvent, type ReactNode } from "react";
import { copyText } from "../copy";
import { MENU, MENU_ITEM } from "../menu";
import { toCsv, toInsert, toJson, values, type Column } from "./columns";

interface RowMenuProps<Row> {
  label: string;
  columns: readonly Column<Row>[];
  rowAt: (index: number) => Row | undefined;
  rows: () => Row[];
  actions?: (row: Row) => ReactNode;
  /** The element around the rows, each with its number in `data-row`. */
  children: ReactNode;
}

/** One menu for all rows: one for each would make scrolling heavy. */
export function RowMenu<Row>({ label, columns, rowAt, rows, actions, children }: RowMenuProps<Row>) {
  const [index, setIndex] = useState(-1);
  const row = rowAt(index);
  const aim = (event: MouseEvent) => {
    const found = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-row]") : null;
    setIndex(found ? Number(found.dataset["row"]) : -1);
  };
  return (
    <Radix.Root modal={false}>
      <Radix.Trigger asChild onContextMenu={aim}>
        {children}
      </Radix.Trigger>
      <Radix.Portal>
        <Radix.Content className={MENU}>
          {row !== undefined && actions?.(row)}
          {row !== undefined &&
            (["CSV", "JSON", "INSERT"] as const).map((format) => (
              <Radix.Item key={format} className={MENU_ITEM} onSelect={() => void copyText(write(format, label, columns, [row]), "Row copied")}>
                Copy row as {format}
              </Radix.Item>
            ))}
          <Radix.Separator className="my-1 h-px bg-line" />
          {(["CSV", "JSON"] as const).map((format) => (
            <Radix.Item key={format} className={MENU_ITEM} onSelect={() => void copyText(write(format, label, columns, rows()), "Rows copied")}>
              Copy all rows as {format}
            </Radix.Item>
          ))}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

function write<Row>(format: "CSV" | "JSON" | "INSERT", label: string, columns: readonly Column<Row>[], rows: Row[]): string {
  const copied = columns.filter((column) => column.value !== undefined);
  const names = copied.map((column) => column.header);
  const cells = rows.map((row) => values(copied, row));
  if (format === "CSV") {
    return toCsv(names, cells);
  }
  return format === "JSON" ? toJson(names, cells) : toInsert(label, names, cells);
}
