// What stands above the columns: names, order, widths, which are shown?

import { ArrowDown, ArrowUp, Columns3, Minus, Plus } from "lucide-react";
import { useRef, type PointerEvent } from "react";
import { classes } from "../classes";
import { Checkbox } from "../choice";
import { Button, IconButton } from "../button";
import { Popover } from "../popover";
import { WIDTH, type Column, type Sort } from "./columns";

interface HeaderProps<Row> {
  visible: readonly Column<Row>[];
  template: string;
  /** Pixels: as wide as the rows, also where they are wider than the window. */
  minWidth: number;
  sort?: Sort;
  onSort?: (sort: Sort) => void;
  /** Without a width: as at first. */
  onResize: (column: string, width: number | undefined) => void;
}

export function TableHeader<Row>({ visible, template, minWidth, sort, onSort, onResize }: HeaderProps<Row>) {
  return (
    <div role="rowgroup" className="sticky top-0 z-2" style={{ minWidth }}>
      <div role="row" aria-rowindex={1} className="grid h-8 min-w-full border-b border-line bg-subtle text-xs text-ink-soft" style={{ gridTemplateColumns: template }}>
        {visible.map((column, index) => {
          const sorted = sort?.id === column.id ? sort : undefined;
          return (
            <div
              key={column.id}
              role="columnheader"
              aria-sort={sorted ? (sorted.desc ? "descending" : "ascending") : undefined}
              className={classes("relative flex min-w-0 items-center px-3 font-medium", column.numeric && "justify-end", index === 0 && "sticky left-0 z-1 bg-subtle max-sm:static", index === visible.length - 1 && "pr-9")}
            >
              {column.sortable && onSort ? (
                <button type="button" title={column.help} onClick={() => onSort({ id: column.id, desc: sorted ? !sorted.desc : (column.numeric ?? false) })} className="inline-flex min-w-0 items-center gap-1 hover:text-ink">
                  <span className="truncate">{column.header}</span>
                  {sorted && (sorted.desc ? <ArrowDown className="size-3 shrink-0" aria-hidden="true" /> : <ArrowUp className="size-3 shrink-0" aria-hidden="true" />)}
                </button>
              ) : (
                <span className="truncate" title={column.help}>
                  {column.header}
                </span>
              )}
              <Handle onResize={(width) => onResize(column.id, width)} />
            </div>
          );
        })}
      </div>
    </div>
  );
}

interface ColumnsMenuProps<Row> {
  label: string;
  all: readonly Column<Row>[];
  visible: readonly Column<Row>[];
  widths: Readonly<Record<string, number>>;
  onResize: (column: string, width: number) => void;
  onHide: (column: string, hide: boolean) => void;
  onReset: () => void;
}

/** Which columns are shown, and how wide: also for whoever does not drag. */
export function ColumnsMenu<Row>({ label, all, visible, widths, onResize, onHide, onReset }: ColumnsMenuProps<Row>) {
  return (
    <div className="absolute top-0 right-0 z-3 flex h-8 items-center bg-subtle px-1" data-print="no">
      <Popover
        label={`Columns of ${label}`}
        trigger={
          <IconButton label="Columns" size="small">
            <Columns3 className="size-3.5" aria-hidden="true" />
          </IconButton>
        }
      >
        <div className="flex w-64 flex-col gap-2">
          <ul className="scroll-thin flex max-h-80 flex-col gap-1 overflow-auto">
            {all.map((column, index) => (
              <li key={column.id} className="flex min-h-7 items-center gap-1">
                <span className="min-w-0 flex-1">
                  <Checkbox label={column.header} disabled={index === 0} checked={visible.includes(column)} onChange={(show) => onHide(column.id, !show)} />
                </span>
                {visible.includes(column) && <Widths column={column} width={widths[column.id] ?? column.width ?? WIDTH} onResize={onResize} />}
              </li>
            ))}
          </ul>
          <Button size="small" onClick={onReset}>
            As at first
          </Button>
        </div>
      </Popover>
    </div>
  );
}

const STEP = 24;

function Widths<Row>({ column, width, onResize }: { column: Column<Row>; width: number; onResize: (column: string, width: number) => void }) {
  const button = "flex size-7 items-center justify-center rounded text-ink-faint hover:bg-hover hover:text-ink";
  return (
    <>
      <button type="button" aria-label={`${column.header}: narrower`} className={button} onClick={() => onResize(column.id, Math.max(NARROWEST, width - STEP))}>
        <Minus className="size-3.5" aria-hidden="true" />
      </button>
      <button type="button" aria-label={`${column.header}: wider`} className={button} onClick={() => onResize(column.id, width + STEP)}>
        <Plus className="size-3.5" aria-hidden="true" />
      </button>
    </>
  );
}

const NARROWEST = 48;

function Handle({ onResize }: { onResize: (width: number | undefined) => void }) {
  const start = useRef<{ x: number; width: number } | undefined>(undefined);
  const down = (event: PointerEvent<HTMLSpanElement>) => {
    start.current = { x: event.clientX, width: event.currentTarget.parentElement?.offsetWidth ?? 0 };
    event.currentTarget.setPointerCapture(event.pointerId);
  };
  const move = (event: PointerEvent<HTMLSpanElement>) => {
    if (start.current) {
      onResize(Math.max(NARROWEST, start.current.width + event.clientX - start.current.x));
    }
  };
  return (
    <span
      aria-hidden="true"
      onPointerDown={down}
      onPointerMove={move}
      onLostPointerCapture={() => {
        start.current = undefined;
      }}
      onDoubleClick={() => onResize(undefined)}
      className="absolute inset-y-1 -right-1 z-1 w-2 cursor-col-resize border-r border-transparent hover:border-line-strong"
    />
  );
}
