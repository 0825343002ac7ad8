// How does somebody look at a result, and what of that holds for the next one with the same columns?

import { useCallback, useEffect, useMemo, useState } from "react";
import type { ResultColumn } from "~/api/runs";
import { useRemembered } from "~/ui/remembered";
import { AS_IT_CAME, type Arrangement } from "./arrange";

/** Until the page is loaded anew: what was hidden or pinned is so again after another run. */
const kept = new Map<string, Arrangement>();
const KEPT_MAX = 50;
/** So many widths are remembered, the latest. */
const WIDTHS_MAX = 300;
const NO_WIDTHS: Record<string, number> = {};

const signatureOf = (columns: readonly ResultColumn[]): string => columns.map((column) => `${column.name}\u0001${column.type_name}`).join("\u0002");

/** Filters do not stay: another result would look as if rows were missing. */
export function useArrangement(columns: readonly ResultColumn[]): [Arrangement, (arrangement: Arrangement) => void] {
  const signature = useMemo(() => signatureOf(columns), [columns]);
  const [arrangement, setArrangement] = useState(() => ({ ...(kept.get(signature) ?? AS_IT_CAME), filters: [] as Arrangement["filters"] }));
  const arrange = useCallback(
    (next: Arrangement) => {
      setArrangement({ ...next });
      kept.delete(signature);
      kept.set(signature, next);
      const [oldest] = kept.keys();
      if (kept.size > KEPT_MAX && oldest !== undefined) {
        kept.delete(oldest);
      }
    },
    [signature],
  );
  return [arrangement, arrange];
}

const widthKey = ({ name, type_name }: ResultColumn): string => `${name}: ${type_name}`;
const areWidths = (value: unknown): boolean => typeof value === "object" && value !== null && Object.values(value).every((width) => typeof width === "number");

/** Widths that are drawn are remembered when the drawing rests. */
const REST_MS = 400;

/** The width that somebody gave a column of that name and type, here or in another result. */
export function useColumnWidths(columns: readonly ResultColumn[]): [(column: number) => number | undefined, (column: number, width: number) => void] {
  const [past, setPast] = useRemembered("result.widths", NO_WIDTHS, areWidths);
  const [chosen, setChosen] = useState<Record<number, number>>({});
  useEffect(() => {
    const timer = setTimeout(() => {
      const named = Object.entries(chosen).flatMap(([column, width]) => {
        const about = columns[Number(column)];
        return about ? [[widthKey(about), Math.round(width)] as const] : [];
      });
      if (named.some(([key, width]) => past[key] !== width)) {
        const before = Object.entries(past).filter(([key]) => !named.some(([other]) => other === key));
        setPast(Object.fromEntries([...before, ...named].slice(-WIDTHS_MAX)));
      }
    }, REST_MS);
    return () => clearTimeout(timer);
  }, [chosen, columns, past, setPast]);
  const widthOf = useCallback(
    (column: number) => {
      const about = columns[column];
      return chosen[column] ?? (about && past[widthKey(about)]);
    },
    [chosen, columns, past],
  );
  const setWidth = useCallback((column: number, width: number) => setChosen((before) => ({ ...before, [column]: width })), []);
  return [widthOf, setWidth];
}
