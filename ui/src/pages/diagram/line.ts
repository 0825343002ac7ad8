// Which way does a line take between two boxes, and what stands at its ends?

import type { DrawnLine } from "./drawing";

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Route {
  path: string;
  /** Crow's foot or bar, where there is one. */
  ends: string;
  /** Where its label stands. */
  middle: { x: number; y: number };
}

/** What a line runs straight before it bends: there stands what its end means. */
const STUB = 14;
const BEND_MIN = 24;
const BEND_MAX = 160;
const FOOT = 6;

interface End {
  x: number;
  y: number;
  /** 1 leaves to the right, -1 to the left. */
  side: 1 | -1;
}

const at = (value: number): string => String(Math.round(value * 10) / 10);

function endsOf(from: Box, to: Box, { fromOffset, toOffset }: Pick<DrawnLine, "fromOffset" | "toOffset">): [End, End] {
  const end = (box: Box, offset: number, side: 1 | -1): End => ({ x: side === 1 ? box.x + box.width : box.x, y: box.y + offset, side });
  const isRight = to.x > from.x + from.width + STUB;
  const isLeft = to.x + to.width + STUB < from.x;
  if (isRight || isLeft) {
    return [end(from, fromOffset, isRight ? 1 : -1), end(to, toOffset, isRight ? -1 : 1)];
  }
  // One above the other, or the same: around the right edge of both.
  return [end(from, fromOffset, 1), end(to, toOffset, 1)];
}

export function routeOf(from: Box, to: Box, line: Pick<DrawnLine, "fromOffset" | "toOffset" | "look" | "isUnique">): Route {
  const [one, other] = endsOf(from, to, line);
  const [x1, x2] = [one.x + one.side * STUB, other.x + other.side * STUB];
  const isLoop = one.side === other.side;
  const distance = isLoop ? Math.abs(one.y - other.y) / 2 + Math.abs(x1 - x2) : Math.abs(x1 - x2) / 2;
  const bend = Math.min(BEND_MAX, Math.max(BEND_MIN, distance));
  // Two that leave on the same side meet as far out as the farther one stands.
  const out = isLoop ? Math.max(x1, x2) + bend : 0;
  const [c1, c2] = isLoop ? [out, out] : [x1 + one.side * bend, x2 + other.side * bend];
  const path = `M ${at(one.x)} ${at(one.y)} L ${at(x1)} ${at(one.y)} C ${at(c1)} ${at(one.y)} ${at(c2)} ${at(other.y)} ${at(x2)} ${at(other.y)} L ${at(other.x)} ${at(other.y)}`;
  const middle = { x: (x1 + 3 * c1 + 3 * c2 + x2) / 8, y: (one.y + other.y) / 2 };
  return { path, ends: line.look === "declared" ? `${line.isUnique ? bar(one) : foot(one)} ${bar(other)}` : "", middle };
}

/** Many rows here. */
const foot = ({ x, y, side }: End): string => `M ${at(x + side * STUB)} ${at(y)} L ${at(x)} ${at(y - FOOT)} M ${at(x + side * STUB)} ${at(y)} L ${at(x)} ${at(y + FOOT)}`;
/** One row here. */
const bar = ({ x, y, side }: End): string => `M ${at(x + side * (STUB - 5))} ${at(y - FOOT)} L ${at(x + side * (STUB - 5))} ${at(y + FOOT)}`;

/** About how wide a label is drawn. */
export const labelWidth = (label: string): number => label.length * 6.6 + 8;
