// Did a gateway find its own ledger changed, or something of it missing?

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { TriangleAlert } from "lucide-react";
import { ledgerStatusQuery } from "~/api/ledger";
import { useMay, useWorkspace } from "~/parts/workspace";
import { paths, withSearch } from "~/paths";
import { Note } from "~/ui/states";

const LOOK_MS = 60_000;

/** Only then is there something to see. */
export function BrokenLedger() {
  const { slug } = useWorkspace();
  const mayLedger = useMay("view_ledger");
  const status = useQuery({ ...ledgerStatusQuery(slug), enabled: mayLedger, refetchInterval: LOOK_MS });
  const broken = status.data?.planes.filter((plane) => plane.integrity === "broken" || plane.completeness === "broken") ?? [];
  return broken.map((plane) => (
    <Note key={plane.plane} tone="danger" icon={<TriangleAlert className="mt-0.5 size-4 shrink-0" aria-hidden="true" />}>
      The ledger of {plane.plane_name} is not whole: {plane.self_check.last?.summary}.{" "}
      <Link to={withSearch(paths.audit(slug), { tab: "integrity" })} className="font-medium underline">
        Look at it
      </Link>
    </Note>
  ));
}
