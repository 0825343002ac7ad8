// Which data planes accept no connections, because somebody has them drained?

import { useQuery } from "@tanstack/react-query";
import { fleetQuery, type Fleet } from "~/api/fleet";
import { useMay, useWorkspace } from "./workspace";

const drainedOf = ({ items }: Fleet): ReadonlySet<string> => new Set(items.filter((one) => one.is_listening && one.drain && one.drain.phase !== "accepting").map((one) => one.id));
const NONE: ReadonlySet<string> = new Set();

/** Their ids; none for who may not see the fleet. */
export function useDrained(): ReadonlySet<string> {
  return useQuery({ ...fleetQuery(useWorkspace().slug), enabled: useMay("view_traffic"), select: drainedOf }).data ?? NONE;
}
