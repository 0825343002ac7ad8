// Where is a rule set in force, and how careful has one to be there?

import { useQuery } from "@tanstack/react-query";
import { environmentOf, listenersQuery, type Listener } from "~/api/listeners";
import { environmentName, type EnvironmentName } from "~/parts/environment";
import { useMay } from "~/parts/workspace";

export interface Reach {
  listeners: readonly { name: string; environment: EnvironmentName }[];
  isProduction: boolean;
}

export function reachOf(names: readonly string[], known: readonly Listener[]): Reach {
  const listeners = names.map((name) => {
    const listener = known.find((one) => one.name === name);
    return { name, environment: listener ? environmentName(environmentOf(listener)) : ("" as const) };
  });
  return { listeners, isProduction: listeners.some((one) => one.environment === "production") };
}

export function useReach(workspace: string, names: readonly string[]): Reach {
  const known = useQuery({ ...listenersQuery(workspace), enabled: useMay("view_traffic") }).data;
  // Who does not see them takes none of them for less than production.
  return known ? reachOf(names, known) : { ...reachOf(names, []), isProduction: names.length > 0 };
}

/** What publishing does, said before it is done. */
export function consequence(reach: Reach): string {
  if (reach.listeners.length === 0) {
    return "It is published for no listener: nothing changes for anybody until a listener takes it.";
  }
  const names = reach.listeners.map((one) => (one.environment ? `${one.name} (${one.environment})` : one.name)).join(", ");
  return `Within seconds it judges every new statement at ${names}. Sessions that are open stay open.`;
}
