// Of which seconds is too little heard yet to draw them?

/** So many seconds of a stretch that is known by the second are not drawn. */
export const BEGUN_SECONDS = 4;

/** The first seconds of each stretch; a minute stands alone, and is no stretch. */
export function begun(column: readonly (number | null)[]): boolean[] {
  let run = 0;
  return column.map((value, at) => {
    run = value === null ? 0 : run + 1;
    const isAlone = run === 1 && (at === column.length - 1 || column[at + 1] === null);
    return run > 0 && run <= BEGUN_SECONDS && at >= run && !isAlone;
  });
}
