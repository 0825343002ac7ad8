// Which data planes report to this control plane, and do they have what was published?

import { useQuery } from "@tanstack/react-query";
import { wholeFleetQuery } from "~/api/fleet";
import { FleetTable } from "~/pages/fleet/fleet-table";

/** All of the instance, as the page Fleet shows those of a workspace. */
export function Planes() {
  const { data, error, refetch } = useQuery(wholeFleetQuery);
  return <FleetTable fleet={data} error={error} onRetry={() => void refetch()} canForget />;
}
