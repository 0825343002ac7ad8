// How is a result searched while the page stays usable?

import { useEffect, useState } from "react";
import { finding, nextPlace, type Shown } from "./find";
import type { Place } from "./selection";

const PAUSE_MS = 150;

export interface Finding {
  text: string;
  setText: (text: string) => void;
  /** What is marked in the cells, in small letters. */
  needle: string;
  places: readonly Place[];
  /** Which of them one is at. */
  at: number | undefined;
  isDone: boolean;
  /** To the next one, or the one before. */
  go: (back: boolean) => void;
}

const NOTHING: readonly Place[] = [];

/** `shown` is another object whenever something else is shown. */
export function useFind(isOpen: boolean, shown: Shown, focus: Place, onGo: (place: Place) => void): Finding {
  const [text, setText] = useState("");
  const [found, setFound] = useState({ places: NOTHING, isDone: true });
  const needle = isOpen ? text.trim().toLowerCase() : "";
  useEffect(() => {
    if (needle === "") {
      setFound({ places: NOTHING, isDone: true });
      return undefined;
    }
    const parts = finding(shown, needle);
    const places: Place[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = () => {
      const { value, done } = parts.next();
      places.push(...(value ?? NOTHING));
      if (done || places.length > 0) {
        setFound({ places: [...places], isDone: done === true });
      }
      if (!done) {
        timer = setTimeout(look);
      }
    };
    timer = setTimeout(look, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [needle, shown]);
  const at = found.places.findIndex((place) => place.row === focus.row && place.column === focus.column);
  const go = (back: boolean) => {
    const isFirst = at === -1 && !back && found.places[0] !== undefined;
    const place = found.places[isFirst ? Math.max(0, nextPlace(found.places, { ...focus, column: focus.column - 1 }, false)) : nextPlace(found.places, focus, back)];
    if (place) {
      onGo(place);
    }
  };
  return { text, setText, needle, places: found.places, at: at === -1 ? undefined : at, isDone: found.isDone, go };
}
