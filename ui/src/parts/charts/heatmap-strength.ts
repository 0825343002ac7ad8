// How strong is the colour of a value beside the highest?

const WEAKEST = 12;
const FULL = 100;

/** In percent: by its root, so that little is seen beside much. Nothing is 0. */
export function strength(value: number, highest: number): number {
  return value <= 0 || highest <= 0 ? 0 : Math.round(WEAKEST + (FULL - WEAKEST) * Math.sqrt(Math.min(value / highest, 1)));
}
