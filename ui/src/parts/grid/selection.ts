// Which cells are chosen, and where do the keys lead?

export interface Place {
  row: number;
  column: number;
}

/** From where a choice began to where it is now; one cell where both are the same. */
export interface Selection {
  anchor: Place;
  focus: Place;
}

export interface Extent {
  rows: number;
  columns: number;
  /** Rows that fit into the window: what a page is. */
  page: number;
}

export interface Rectangle {
  top: number;
  bottom: number;
  left: number;
  right: number;
}

export const rectangle = ({ anchor, focus }: Selection): Rectangle => ({
  top: Math.min(anchor.row, focus.row),
  bottom: Math.max(anchor.row, focus.row),
  left: Math.min(anchor.column, focus.column),
  right: Math.max(anchor.column, focus.column),
});

export const contains = (area: Rectangle, row: number, column: number): boolean => row >= area.top && row <= area.bottom && column >= area.left && column <= area.right;

export const isOne = ({ anchor, focus }: Selection): boolean => anchor.row === focus.row && anchor.column === focus.column;

/** Where a key leads (WAI-ARIA, pattern "grid"); `undefined` for a key that leads nowhere. */
export function led(from: Place, key: string, isControl: boolean, extent: Extent): Place | undefined {
  const last = { row: Math.max(0, extent.rows - 1), column: Math.max(0, extent.columns - 1) };
  const to: Record<string, Place> = {
    ArrowUp: { ...from, row: isControl ? 0 : from.row - 1 },
    ArrowDown: { ...from, row: isControl ? last.row : from.row + 1 },
    ArrowLeft: { ...from, column: isControl ? 0 : from.column - 1 },
    ArrowRight: { ...from, column: isControl ? last.column : from.column + 1 },
    PageUp: { ...from, row: from.row - extent.page },
    PageDown: { ...from, row: from.row + extent.page },
    Home: { row: isControl ? 0 : from.row, column: 0 },
    End: { row: isControl ? last.row : from.row, column: last.column },
  };
  const next = to[key];
  return next && { row: Math.min(last.row, Math.max(0, next.row)), column: Math.min(last.column, Math.max(0, next.column)) };
}

export const everything = (extent: Extent): Selection => ({ anchor: { row: 0, column: 0 }, focus: { row: Math.max(0, extent.rows - 1), column: Math.max(0, extent.columns - 1) } });

/** "3 × 2 cells" of a choice of more than one. */
export function sizeOf(selection: Selection): string | undefined {
  if (isOne(selection)) {
    return undefined;
  }
  const area = rectangle(selection);
  return `${area.bottom - area.top + 1} × ${area.right - area.left + 1} cells`;
}
