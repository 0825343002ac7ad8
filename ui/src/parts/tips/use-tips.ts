// Which tips has the person seen, and do they want any?

import { useRemembered } from "~/ui/remembered";

export interface TipState {
  /** The person wants none. */
  off: boolean;
  /** Those that were put away, by their route and place. */
  seen: string[];
}

const FIRST: TipState = { off: false, seen: [] };
/** Where it is said that this tab shows none: a demonstration, or a test that looks at something else. */
const TAB = "dragoman.tips";
const SEEN_MAX = 500;

const isRight = (value: unknown): boolean => typeof value === "object" && value !== null && "seen" in value && Array.isArray(value.seen) && value.seen.every((one) => typeof one === "string");

/** Remembered for the person, in this browser. */
export function useTips(): { state: TipState; setOff: (off: boolean) => void; putAway: (tip: string) => void; bringBack: () => void } {
  const [state, setState] = useRemembered<TipState>("tips", FIRST, isRight);
  return {
    state,
    setOff: (off) => setState({ ...state, off }),
    putAway: (tip) => setState({ ...state, seen: [...state.seen.filter((one) => one !== tip), tip].slice(-SEEN_MAX) }),
    bringBack: () => setState({ off: false, seen: [] }),
  };
}

/** Whether this tab shows none, whoever sits here. */
export function isQuiet(): boolean {
  try {
    return sessionStorage.getItem(TAB) === "off";
  } catch {
    return false;
  }
}

/** The first tip of a route that was not put away: its name and its words. */
export function nextTip(route: string, tips: readonly string[], seen: readonly string[]): { name: string; text: string } | undefined {
  const at = tips.findIndex((_, place) => !seen.includes(`${route} ${place}`));
  const text = tips[at];
  return text === undefined ? undefined : { name: `${route} ${at}`, text };
}
