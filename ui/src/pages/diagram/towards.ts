// Where does an arrow key lead from a box?

import type { Box } from "./line";

export type Direction = "ArrowLeft" | "ArrowRight" | "ArrowUp" | "ArrowDown";
export const isDirection = (key: string): key is Direction => ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"].includes(key);

/** What is joined is nearer than it looks; what is beside the way is farther. */
const LINKED = 0.35;
const SIDEWAYS = 2;

/** The box one means: in that direction, rather joined than not, rather near than far. */
export function towards(direction: Direction, from: Box, others: readonly { id: string; box: Box; isLinked: boolean }[]): string | undefined {
  const middle = (box: Box) => ({ x: box.x + box.width / 2, y: box.y + box.height / 2 });
  const here = middle(from);
  let best: string | undefined;
  let least = Infinity;
  for (const { id, box, isLinked } of others) {
    const there = middle(box);
    const [dx, dy] = [there.x - here.x, there.y - here.y];
    const isAcross = direction === "ArrowLeft" || direction === "ArrowRight";
    const ahead = isAcross ? dx * (direction === "ArrowRight" ? 1 : -1) : dy * (direction === "ArrowDown" ? 1 : -1);
    if (ahead <= 1) {
      continue;
    }
    const cost = (ahead + SIDEWAYS * Math.abs(isAcross ? dy : dx)) * (isLinked ? LINKED : 1);
    if (cost < least) {
      [best, least] = [id, cost];
    }
  }
  return best;
}
