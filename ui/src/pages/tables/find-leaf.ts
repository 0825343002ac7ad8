// Where in a long sorted list of names is the first that begins with some letters, asking for as few parts as can be?

/** The part of that number, from 0; empty behind the end. */
export type Parts = (part: number) => Promise<readonly string[]>;

const folded = (text: string): string => text.toLowerCase();

/** The place of the first name that begins with `letters`; `undefined` where none does. */
export async function findLeaf(letters: string, count: number, size: number, parts: Parts): Promise<number | undefined> {
  const wanted = folded(letters);
  let low = 0;
  let high = Math.ceil(count / size) - 1;
  // The first part whose last name is not before what is looked for.
  while (low < high) {
    const middle = (low + high) >> 1;
    const last = folded((await parts(middle)).at(-1) ?? "");
    if (last < wanted) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  const names = await parts(low);
  const at = names.findIndex((name) => folded(name).startsWith(wanted));
  return at < 0 ? undefined : low * size + at;
}
