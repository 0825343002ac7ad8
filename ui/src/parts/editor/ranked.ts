// Which of many names are meant by the letters typed so far, the likeliest first?

import type { Completion } from "@codemirror/autocomplete";

/** A completion with what letters are looked for in: made ready once, for there are many thousand. */
export type Option = Completion & { key: string };

export const option = (one: Completion): Option => ({ ...one, key: one.label.toLowerCase() });

/** As many are drawn as anybody reads. */
export const SHOWN_MAX = 100;
/** Fewer letters say too little to be found scattered over a name. */
const SCATTERED_MIN = 3;
const RANKS = 60;

/** How well a name fits: 0 for not at all, 5 for the name itself. */
export function fit(key: string, typed: string): number {
  if (typed === "") {
    return 1;
  }
  const at = key.indexOf(typed);
  if (at === 0) {
    return key.length === typed.length ? 5 : 4;
  }
  if (at > 0) {
    return /[a-z\d]/.test(key[at - 1] ?? "") ? 2 : 3;
  }
  return typed.length >= SCATTERED_MIN && isScattered(key, typed) ? 1 : 0;
}

function isScattered(key: string, typed: string): boolean {
  let at = 0;
  for (const letter of typed) {
    at = key.indexOf(letter, at) + 1;
    if (at === 0) {
      return false;
    }
  }
  return true;
}

/** Of names that fit as well those with more boost (0 to 9) come first, then those given first. */
export function ranked(lists: readonly (readonly Option[])[], typed: string, most = SHOWN_MAX): Option[] {
  const wanted = typed.toLowerCase();
  const ranks: Option[][] = Array.from({ length: RANKS }, () => []);
  for (const list of lists) {
    for (const one of list) {
      const how = fit(one.key, wanted);
      const rank = how === 0 ? undefined : ranks[how * 10 + (one.boost ?? 0)];
      if (rank !== undefined && rank.length < most) {
        rank.push(one);
      }
    }
  }
  return ranks.reverse().flat().slice(0, most);
}

/** Which letters of a name are those that were typed. */
export function lettersOf({ label }: Completion, typed: string): number[] {
  const key = label.toLowerCase();
  const wanted = typed.toLowerCase();
  const at = key.indexOf(wanted);
  if (at >= 0) {
    return wanted === "" ? [] : [at, at + wanted.length];
  }
  const found: number[] = [];
  let from = 0;
  for (const letter of wanted) {
    const place = key.indexOf(letter, from);
    if (place < 0) {
      return [];
    }
    found.push(place, place + 1);
    from = place + 1;
  }
  return found;
}
