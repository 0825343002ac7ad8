// Who stands behind a name on the wire?

import type { Schemas } from "~/api/client";

type Principal = Schemas["PrincipalView"];
type Caller = Schemas["CallerView"];

/** The link that says most fits: one that names the application goes before one for all of a role's. */
export function principalOf(caller: Caller, principals: readonly Principal[]): Principal | undefined {
  const fits = principals.filter((one) => one.database_user === caller.user && (!one.application || one.application === caller.application) && !one.listener);
  return fits.find((one) => one.application) ?? fits[0];
}
