// Which box of the picture does one look at, and what happens to it?

import { useStore } from "@xyflow/react";
import { createContext, useContext } from "react";

export interface Picked {
  /** The one that was chosen. */
  current: string | undefined;
  /** The one the keyboard begins with. */
  first: string | undefined;
  /** What is joined with it. */
  near: ReadonlySet<string>;
  pick: (id: string | undefined) => void;
  /** Goes on to the page of it. */
  open: (id: string) => void;
  /** Makes it the middle of another picture. */
  centre: (id: string) => void;
}

export const PickedContext = createContext<Picked>({ current: undefined, first: undefined, near: new Set(), pick: () => undefined, open: () => undefined, centre: () => undefined });
export const usePicked = (): Picked => useContext(PickedContext);

/** From so far columns cannot be read: only names are drawn, large. */
const FAR = 0.5;
export const useIsFar = (): boolean => useStore((state) => state.transform[2] < FAR);

/** As large as the name fits into the width. */
export const farSize = (name: string, width: number, largest: number): number => Math.max(13, Math.min(largest, (width - 20) / (name.length * 0.62)));
