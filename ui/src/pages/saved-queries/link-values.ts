// How do the values of a query stand in a link to it?

import type { Parameter } from "~/api/saved-queries";
import type { Values } from "~/parts/run/parameter-fields";
import type { Search } from "~/parts/search";

const VALUE = "value.";
const MISSING = "null.";

/** `value.customer=42`, `null.region=1` for a missing one. What is the default is not said. */
export function valuesToSearch(parameters: readonly Parameter[], values: Values): Record<string, string> {
  const said: Record<string, string> = {};
  parameters.forEach(({ name, default: otherwise }, index) => {
    const value = values[index];
    if (value === null) {
      said[MISSING + name] = "1";
    } else if (value !== undefined && value !== (otherwise ?? "")) {
      said[VALUE + name] = value;
    }
  });
  return said;
}

/** What a link says of the values; `undefined` where it says nothing. */
export function valuesFromSearch(search: Search, parameters: readonly Parameter[]): Values | undefined {
  const isSaid = parameters.some(({ name }) => search[VALUE + name] !== undefined || search[MISSING + name] !== undefined);
  return isSaid ? parameters.map(({ name, default: otherwise }) => (search[MISSING + name] !== undefined ? null : (search[VALUE + name] ?? otherwise ?? ""))) : undefined;
}
