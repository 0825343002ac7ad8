// How is a list of things shown? The one table of the console: virtual rows, sorting, columns that can
// be resized, hidden and copied, the keyboard, and what stands there when there are no rows.

import { defaultRangeExtractor, useVirtualizer, type Range } from "@tanstack/react-virtual";
import { getCoreRowModel, getSortedRowModel, useReactTable, type ColumnDef, type Row as TableRow } from "@tanstack/react-table";
import { memo, useCallback, useEffect, useMemo, useRef, useSyncExternalStore, type ReactNode } from "react";
import { classes } from "../classes";
import { useRemembered } from "../remembered";
import { Failed, SkeletonRows } from "../states";
import { Spinner } from "../spinner";
import { WIDTH, type Column, type Sort } from "./columns";
import { ColumnsMenu, TableHeader } from "./header";
import { noteOpened, useReturnTo } from "./opened";
import { RowMenu } from "./row-menu";
import { useRowKeys } from "./row-keys";

export interface DataTableProps<Row> {
  /** What the table is of: its name for screen readers, and the name of the table in copied INSERTs. */
  label: string;
  /** Under which its columns are remembered. */
  id: string;
  columns: readonly Column<Row>[];
  /** `undefined` while nothing has arrived yet. */
  rows: readonly Row[] | undefined;
  rowKey: (row: Row) => string;
  sort?: Sort;
  onSort?: (sort: Sort) => void;
  /** What a click or Enter does. */
  onOpen?: (row: Row) => void;
  /** Marked as the one that is open. */
  selected?: string;
  error?: unknown;
  onRetry?: () => void;
  /** What stands there when there are no rows: required, so that nobody forgets it. */
  empty: ReactNode;
  /** There are more than these: loaded when the end comes near. */
  more?: { load: () => void; busy: boolean };
  /** Rows that have just come or changed: they flash once. */
  fresh?: ReadonlySet<string>;
  /** CSS height; without it the table is as high as its rows, up to most of the window. */
  height?: string;
  rowTone?: (row: Row) => "danger" | "warn" | undefined;
  /** What can be done with one row, in its menu. */
  rowActions?: (row: Row) => ReactNode;
}

interface Layout {
  widths: Record<string, number>;
  hidden: Record<string, boolean>;
}

const NO_LAYOUT: Layout = { widths: {}, hidden: {} };
/** Opaque, all of them: what scrolls below the first column must not show through it. */
const TONES = {
  danger: { still: "bg-[color-mix(in_srgb,var(--danger-soft)_60%,var(--surface))]", pointed: "hover:bg-danger-soft" },
  warn: { still: "bg-[color-mix(in_srgb,var(--warn-soft)_60%,var(--surface))]", pointed: "hover:bg-warn-soft" },
  none: { still: "bg-surface", pointed: "hover:bg-hover" },
};

function definitions<Row>(columns: readonly Column<Row>[]): ColumnDef<Row>[] {
  return columns.map((column) => ({
    id: column.id,
    header: column.header,
    accessorFn: (row) => column.value?.(row) ?? null,
    enableSorting: column.sortable !== undefined && column.sortable !== false,
    size: column.width ?? WIDTH,
    minSize: 48,
    sortUndefined: "last",
  }));
}

export function DataTable<Row>(props: DataTableProps<Row>) {
  const { label, id, columns, rows, rowKey, sort, onSort, error, onRetry, empty } = props;
  const [layout, setLayout] = useRemembered<Layout>(`table.${id}`, NO_LAYOUT);
  const visible = useMemo(() => columns.filter((column) => !(layout.hidden[column.id] ?? column.hidden ?? false)), [columns, layout.hidden]);
  const defined = useMemo(() => definitions(visible), [visible]);
  // The order comes from the URL, where anything may stand.
  const sortedColumn = visible.find((column) => column.id === sort?.id && column.sortable !== undefined && column.sortable !== false);
  const isServer = sortedColumn?.sortable === "server";
  const data = useMemo(() => (rows ? [...rows] : []), [rows]);
  const sortedBy = sortedColumn?.id;
  const isDescending = sort?.desc ?? false;
  // The same object until the order changes: another one would sort all rows again.
  const sorting = useMemo(() => (sortedBy === undefined ? [] : [{ id: sortedBy, desc: isDescending }]), [sortedBy, isDescending]);
  const table = useReactTable({
    data,
    columns: defined,
    getRowId: rowKey,
    state: { sorting },
    manualSorting: isServer,
    // There are no pages; going back to the first one would draw the table again, and again.
    autoResetPageIndex: false,
    getCoreRowModel: getCoreRowModel(),
    getSortedRowModel: getSortedRowModel(),
  });
  const minWidth = visible.reduce((sum, column) => sum + (layout.widths[column.id] ?? column.width ?? WIDTH), 0);
  const template = visible.map((column, index) => track(column, layout.widths[column.id], index)).join(" ");
  if (error !== undefined && error !== null && rows === undefined) {
    return <Failed error={error} onRetry={onRetry} />;
  }
  if (rows === undefined) {
    return <SkeletonRows />;
  }
  if (rows.length === 0) {
    return <>{empty}</>;
  }
  const resize = (column: string, width: number | undefined) => {
    const widths = Object.fromEntries(Object.entries(layout.widths).filter(([id]) => id !== column));
    setLayout({ ...layout, widths: width === undefined ? widths : { ...widths, [column]: width } });
  };
  return (
    <div className="relative min-w-0">
      <Body {...props} visible={visible} sorted={table.getRowModel().rows} template={template} minWidth={minWidth}>
        <TableHeader visible={visible} template={template} minWidth={minWidth} sort={sort} onSort={onSort} onResize={resize} />
      </Body>
      {/* Beside the grid, which consists of rows only. */}
      <ColumnsMenu
        label={label}
        all={columns}
        visible={visible}
        widths={layout.widths}
        onResize={resize}
        onHide={(column, hide) => setLayout({ ...layout, hidden: { ...layout.hidden, [column]: hide } })}
        onReset={() => setLayout(NO_LAYOUT)}
      />
    </div>
  );
}

/** A column that grows may shrink to its width, never below. */
function track<Row>(column: Column<Row>, chosen: number | undefined, index: number): string {
  if (chosen !== undefined) {
    return `${chosen}px`;
  }
  const width = column.width ?? WIDTH;
  return column.grow ? `minmax(${width}px, ${index === 0 ? 2 : 1}fr)` : `${width}px`;
}

type BodyProps<Row> = DataTableProps<Row> & { visible: readonly Column<Row>[]; sorted: TableRow<Row>[]; template: string; minWidth: number; children: ReactNode };

function Body<Row>(props: BodyProps<Row>) {
  const { id, label, visible, sorted, minWidth, children, rowKey, onOpen, more, height, rowActions } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const rowHeight = useRowHeight();
  const held = useRef(0);
  // The same functions while one scrolls: with another key of items the places of all rows are counted again, with
  // another `open` all rows are drawn again.
  const itemKey = useCallback((index: number) => sorted[index]?.id ?? index, [sorted]);
  const open = useCallback(
    (row: Row) => {
      noteOpened(id, rowKey(row));
      onOpen?.(row);
    },
    [id, rowKey, onOpen],
  );
  const virtual = useVirtualizer({
    count: sorted.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 12,
    getItemKey: itemKey,
    rangeExtractor: (range) => withRow(range, held.current),
  });
  useEffect(() => virtual.measure(), [rowHeight, virtual]);
  const keys = useRowKeys(sorted.length, (index) => virtual.scrollToIndex(index), (index) => sorted[index] && open(sorted[index].original));
  held.current = keys.current;
  useReturnTo(id, (key) => keys.go(scroller.current, sorted.findIndex((row) => row.id === key)));
  const items = virtual.getVirtualItems();
  const looks = { visible, template: props.template, rowKey, selected: props.selected, fresh: props.fresh, rowTone: props.rowTone };
  useMore(more, items.at(-1)?.index ?? 0, sorted.length);
  return (
    <div className="relative min-w-0">
      <div
        ref={scroller}
        role="grid"
        aria-label={label}
        aria-rowcount={more ? -1 : sorted.length + 1}
        tabIndex={sorted.length === 0 ? 0 : -1}
        className="scroll-thin relative overflow-auto"
        style={{ height, maxHeight: height ?? "min(70vh, 60rem)" }}
        onKeyDown={keys.onKeyDown}
      >
        {children}
        <RowMenu label={label} columns={visible} rowAt={(index) => sorted[index]?.original} rows={() => sorted.map((one) => one.original)} actions={rowActions}>
          <div role="rowgroup" className="relative" style={{ height: virtual.getTotalSize(), minWidth }}>
            {items.map((item) => {
              const row = sorted[item.index]?.original;
              return row === undefined ? null : (
                <DataRow key={item.key} {...looks} row={row} index={item.index} start={item.start} size={item.size} isCurrent={item.index === keys.current} onFocus={keys.setCurrent} onOpen={onOpen && open} />
              );
            })}
          </div>
        </RowMenu>
      </div>
      {more?.busy && (
        <div role="status" className="pointer-events-none absolute inset-x-0 bottom-2 flex justify-center">
          <span className="flex items-center gap-2 rounded-full border border-line bg-raised px-3 py-1 text-xs text-ink-soft shadow-raised">
            <Spinner /> Loading more
          </span>
        </div>
      )}
    </div>
  );
}

/** The rows that are drawn, and the one that Tab leads to: it stays reachable however far one has scrolled. */
const withRow = (range: Range, index: number): number[] => [...new Set([...defaultRangeExtractor(range), Math.min(index, range.count - 1)])].sort((one, other) => one - other);

/** Asks for more once the end comes near; where that failed, not again before something has moved. */
function useMore(more: DataTableProps<unknown>["more"], last: number, length: number): void {
  const asked = useRef("");
  useEffect(() => {
    const state = `${last} ${length}`;
    if (more && !more.busy && last >= length - 20 && asked.current !== state) {
      asked.current = state;
      more.load();
    }
  }, [last, length, more]);
}

type RowProps<Row> = Pick<BodyProps<Row>, "visible" | "template" | "rowKey" | "selected" | "fresh" | "rowTone" | "onOpen"> & { row: Row; index: number; start: number; size: number; isCurrent: boolean; onFocus: (index: number) => void };

function PlainRow<Row>({ visible, template, rowKey, selected, fresh, rowTone, onOpen, row, index, start, size, isCurrent, onFocus }: RowProps<Row>) {
  const key = rowKey(row);
  const tone = TONES[rowTone?.(row) ?? "none"];
  return (
    // The keys of a row are heard by the grid, which moves between rows.
    // eslint-disable-next-line jsx-a11y/click-events-have-key-events
    <div
      role="row"
      aria-rowindex={index + 2}
      aria-selected={selected === undefined ? undefined : selected === key}
      data-row={index}
      tabIndex={isCurrent ? 0 : -1}
      onFocus={() => onFocus(index)}
      onClick={(event) => !isInteractive(event.target, event.currentTarget) && !hasSelection() && onOpen?.(row)}
      className={classes("absolute inset-x-0 grid min-w-full border-b border-line text-[13px] focus-visible:-outline-offset-2", selected === key ? "bg-brand-soft" : classes(tone.still, onOpen && tone.pointed), onOpen && "cursor-pointer", fresh?.has(key) && "animate-flash")}
      style={{ gridTemplateColumns: template, height: size, transform: `translateY(${start}px)` }}
    >
      {visible.map((column, at) => (
        <div key={column.id} role="gridcell" className={classes("flex min-w-0 items-center overflow-hidden px-3", column.numeric && "numeric justify-end", at === 0 && "sticky left-0 z-1 bg-inherit max-sm:static")}>
          <div className="min-w-0 truncate">{column.cell(row)}</div>
        </div>
      ))}
    </div>
  );
}

/** Only rows that come into view are drawn while one scrolls. */
const DataRow = memo(PlainRow) as typeof PlainRow;

const DENSITIES = { compact: 32, comfortable: 40 };

const heightNow = (): number => (document.documentElement.dataset["density"] === "compact" ? DENSITIES.compact : DENSITIES.comfortable);

/** How high a row is in the density of the page, also when that changes. */
function useRowHeight(): number {
  return useSyncExternalStore((changed) => {
    window.addEventListener("appearance", changed);
    return () => window.removeEventListener("appearance", changed);
  }, heightNow);
}

const hasSelection = (): boolean => (getSelection()?.toString().length ?? 0) > 0;

/** A button or link in a row does its own thing. */
function isInteractive(target: EventTarget, row: Element): boolean {
  const found = target instanceof Element ? target.closest("a,button,input,label,[role=menuitem],[role=checkbox]") : null;
  return found !== null && row.contains(found);
}
