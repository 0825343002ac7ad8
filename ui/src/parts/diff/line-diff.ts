// What differs between two texts, line by line?

/** A run of lines that are the same, or that stand on one side in place of those on the other. */
export interface Hunk {
  kind: "same" | "changed";
  /** Lines of the left text, from `leftFrom` (0 for the first). */
  left: readonly string[];
  leftFrom: number;
  right: readonly string[];
  rightFrom: number;
}

/** Beyond this many differing lines nobody reads a difference: the texts are shown as one change. */
const EDITS_MAX = 1_000;

/** The fewest changes from one text to the other (Myers 1986, "An O(ND) Difference Algorithm and Its Variations"). */
export function lineDiff(left: string, right: string): Hunk[] {
  const a = left.split("\n");
  const b = right.split("\n");
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) {
    start += 1;
  }
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) {
    end += 1;
  }
  const pairs: [number, number][] = Array.from({ length: start }, (_, index) => [index, index]);
  for (const [x, y] of matches(a.slice(start, a.length - end), b.slice(start, b.length - end))) {
    pairs.push([x + start, y + start]);
  }
  for (let index = end; index > 0; index -= 1) {
    pairs.push([a.length - index, b.length - index]);
  }
  return hunksOf(a, b, pairs);
}

/** Which lines stand in both, in their order. */
function matches(a: readonly string[], b: readonly string[]): [number, number][] {
  const most = Math.min(a.length + b.length, EDITS_MAX);
  // How far one gets on each diagonal with so many edits; what was known before each of them is kept for the way back.
  let reach = new Map<number, number>([[1, 0]]);
  const before: Map<number, number>[] = [];
  for (let edits = 0; edits <= most; edits += 1) {
    before.push(new Map(reach));
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      let x = isDown(reach, diagonal, edits) ? (reach.get(diagonal + 1) ?? 0) : (reach.get(diagonal - 1) ?? 0) + 1;
      while (x < a.length && x - diagonal < b.length && x - diagonal >= 0 && a[x] === b[x - diagonal]) {
        x += 1;
      }
      reach.set(diagonal, x);
      if (x >= a.length && x - diagonal >= b.length) {
        return wayBack(before, a, b);
      }
    }
    reach = new Map(reach);
  }
  return [];
}

const isDown = (reach: ReadonlyMap<number, number>, diagonal: number, edits: number): boolean => diagonal === -edits || (diagonal !== edits && (reach.get(diagonal - 1) ?? -1) < (reach.get(diagonal + 1) ?? -1));

function wayBack(before: readonly Map<number, number>[], a: readonly string[], b: readonly string[]): [number, number][] {
  const pairs: [number, number][] = [];
  let x = a.length;
  let y = b.length;
  for (let edits = before.length - 1; edits >= 0 && (x > 0 || y > 0); edits -= 1) {
    const reach = before[edits] ?? new Map<number, number>();
    const diagonal = x - y;
    const from = isDown(reach, diagonal, edits) ? diagonal + 1 : diagonal - 1;
    const fromX = edits === 0 ? 0 : (reach.get(from) ?? 0);
    const fromY = edits === 0 ? 0 : fromX - from;
    while (x > fromX && y > fromY && a[x - 1] === b[y - 1]) {
      x -= 1;
      y -= 1;
      pairs.push([x, y]);
    }
    x = fromX;
    y = fromY;
  }
  return pairs.reverse();
}

function hunksOf(a: readonly string[], b: readonly string[], pairs: readonly [number, number][]): Hunk[] {
  const hunks: Hunk[] = [];
  let x = 0;
  let y = 0;
  const change = (toX: number, toY: number) => {
    if (toX > x || toY > y) {
      hunks.push({ kind: "changed", left: a.slice(x, toX), leftFrom: x, right: b.slice(y, toY), rightFrom: y });
    }
  };
  let index = 0;
  while (index < pairs.length) {
    const [fromX, fromY] = pairs[index] ?? [0, 0];
    change(fromX, fromY);
    let length = 1;
    while (pairs[index + length]?.[0] === fromX + length && pairs[index + length]?.[1] === fromY + length) {
      length += 1;
    }
    hunks.push({ kind: "same", left: a.slice(fromX, fromX + length), leftFrom: fromX, right: b.slice(fromY, fromY + length), rightFrom: fromY });
    x = fromX + length;
    y = fromY + length;
    index += length;
  }
  change(a.length, b.length);
  return hunks;
}

/** The right text with the left's lines in place of one hunk. */
export function withLeft(right: string, hunk: Hunk): string {
  const lines = right.split("\n");
  lines.splice(hunk.rightFrom, hunk.right.length, ...hunk.left);
  return lines.join("\n");
}

/** "3 added, 1 removed", as seen from the left. */
export function countChanges(hunks: readonly Hunk[]): { added: number; removed: number } {
  const changed = hunks.filter((hunk) => hunk.kind === "changed");
  return { added: changed.reduce((sum, hunk) => sum + hunk.right.length, 0), removed: changed.reduce((sum, hunk) => sum + hunk.left.length, 0) };
}
