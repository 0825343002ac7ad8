// How are columns of one name told apart?

import type { ResultColumn } from "~/api/runs";

/** Names that an object can have: those of a result may come twice. */
export function distinctNames(columns: readonly ResultColumn[]): string[] {
  const seen = new Map<string, number>();
  return columns.map(({ name }) => {
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    return times === 1 ? name : `${name}_${times}`;
  });
}
