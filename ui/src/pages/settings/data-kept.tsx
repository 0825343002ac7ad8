// What does the workspace keep, and for how long?

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { privacyQuery } from "~/api/privacy";
import { packsQuery } from "~/api/settings";
import { paths } from "~/paths";
import { useWorkspace } from "~/parts/workspace";
import { Details } from "~/parts/details";
import { Card } from "~/ui/card";
import { count } from "~/ui/format";

export function DataKept() {
  const { slug } = useWorkspace();
  const packs = useQuery(packsQuery).data;
  const periods = useQuery(privacyQuery(slug)).data?.periods;
  return (
    <Card title="Packs and data">
      <Details
        columns={1}
        items={[
          {
            label: "Packs that ship with the gateway",
            value: packs && (
              <span>
                <span className="font-mono text-xs">{packs.join(", ")}</span>{" "}
                <Link to={paths.ruleSets(slug)} className="text-xs underline underline-offset-2">
                  Rule sets
                </Link>
              </span>
            ),
          },
          { label: "Figures of traffic", value: periods && `Minutes are kept for ${count(periods.traffic_minutes_hours, "hour")}, hours for ${count(periods.traffic_hours_days, "day")}, days for ${periods.traffic_days_days}. No values of statements are in them.` },
          { label: "Ledger", value: "Every statement on record is in files where its data plane is, not in this workspace. Whoever runs the gateway says how long they stay." },
        ]}
      />
    </Card>
  );
}
