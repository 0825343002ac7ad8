// How many data planes have taken what is published, and which version does each run?

import type { Publication } from "~/api/publications";

type Plane = Publication["planes"][number];
export type PlaneState = Plane["state"];

export const RUNNING_LOOK_MS = 1_000;
export const SETTLED_LOOK_MS = 10_000;

/** Of a rule set; `null` where the plane does not run it, `undefined` where nobody knows. */
export function versionAt({ running }: Pick<Plane, "running">, name: string): number | null | undefined {
  if (running === undefined || running === null) {
    return undefined;
  }
  return running.find((one) => one.name === name)?.version ?? null;
}

export interface Sum {
  planes: number;
  taken: number;
  refused: number;
  away: number;
}

/** Of planes, each counted once: it takes everything that is published or nothing. */
export function sumOf(publications: readonly Pick<Publication, "planes">[]): Sum {
  const planes = new Map(publications.flatMap((one) => one.planes.map((plane) => [plane.plane, plane.state] as const)));
  const states = [...planes.values()];
  const of = (state: PlaneState): number => states.filter((one) => one === state).length;
  return { planes: states.length, taken: of("in_force"), refused: of("refused"), away: of("away") };
}

/** "publishing… 1 of 2 data planes", "on 2 of 2 data planes". */
export function takenWords({ planes, taken, refused, away }: Sum): string | undefined {
  if (planes === 0) {
    return undefined;
  }
  const words = `${taken} of ${planes} data ${planes === 1 ? "plane" : "planes"}`;
  const rest = [refused > 0 && `${refused} did not take it`, away > 0 && `${away} not connected`].filter(Boolean).join(", ");
  return `${taken + refused + away < planes ? "publishing… " : "on "}${words}${rest === "" ? "" : `; ${rest}`}`;
}
