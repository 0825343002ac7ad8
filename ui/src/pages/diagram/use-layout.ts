// Where does everything stand? Worked out beside the page; until that is done the picture before it stays.

import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { askShelves } from "~/parts/graph-layout/ask";
import type { LayoutRequest, Place } from "~/parts/graph-layout/shelves";
import type { Drawing } from "./drawing";

export type Places = Readonly<Record<string, Place>>;

export interface Arranged {
  /** Another one is another arrangement. */
  id: string;
  drawing: Drawing;
  places: Places;
  /** How long it took to work out. */
  milliseconds: number;
  /** It is the arrangement of what is asked for now. */
  isCurrent: boolean;
}

/** `fixed` is asked once for each arrangement: what is moved afterwards moves by itself. */
export function useLayout(sight: string, drawing: Drawing | undefined, fixed: Places): Arranged | undefined {
  // Numbers at lines change from minute to minute; where things stand does not follow from them.
  const shape = drawing && JSON.stringify([drawing.nodes.map(({ id, width, height }) => [id, width, height]), drawing.lines.map(({ from, to }) => [from, to])]);
  const id = shape && `${sight}\u0000${shape}`;
  const request = useMemo<LayoutRequest | undefined>(
    () => drawing && { nodes: drawing.nodes.map(({ id: node, width, height }) => ({ id: node, width, height })), edges: drawing.lines.filter(({ look }) => look !== "bridge").map(({ from, to }) => [from, to] as const), fixed },
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the id says all of it that matters
    [id],
  );
  const [answered, setAnswered] = useState<Omit<Arranged, "isCurrent">>();
  useEffect(() => {
    if (request === undefined || drawing === undefined || id === undefined) {
      return undefined;
    }
    return askShelves(request, (answer) => setAnswered({ id, drawing, ...answer }));
    // eslint-disable-next-line react-hooks/exhaustive-deps -- asked once for each request
  }, [request]);
  if (answered === undefined) {
    return undefined;
  }
  return answered.id === id && drawing !== undefined ? { ...answered, drawing, isCurrent: true } : { ...answered, isCurrent: false };
}

/** Where each table of a sight stood last: a filter takes some off the picture, and they are to come back where they were. */
export function useStanding(sight: string, arranged: Arranged | undefined, places: Places): () => Places {
  const stood = useRef<{ of: string; places: Places }>({ of: sight, places: {} });
  const isCurrent = arranged?.isCurrent === true;
  useEffect(() => {
    if (isCurrent) {
      stood.current = { of: sight, places: { ...(stood.current.of === sight ? stood.current.places : {}), ...places } };
    }
  }, [sight, isCurrent, places]);
  return useCallback(() => (stood.current.of === sight ? stood.current.places : {}), [sight]);
}
