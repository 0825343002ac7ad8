// How is everything, and what needs a look first?

import { useQuery } from "@tanstack/react-query";
import { listenersQuery } from "~/api/listeners";
import { topQuery } from "~/api/traffic";
import { Page } from "~/parts/page";
import { RangePicker, useRange } from "~/parts/range";
import { useMay, useWorkspace } from "~/parts/workspace";
import { Card } from "~/ui/card";
import { NotAllowed } from "~/ui/states";
import { useNow } from "~/ui/time";
import { BrokenLedger } from "./broken-ledger";
import { Checklist } from "./checklist";
import { Figures } from "./figures";
import { Health } from "./health";
import { NewlySlower } from "./newly-slower";
import { Recent } from "./recent";
import { Refusals } from "./refusals";
import { Slowest } from "./slowest";

const RANGES = ["15m", "1h", "24h", "7d"] as const;
const MINUTE_MS = 60_000;

export function HomePage() {
  const workspace = useWorkspace();
  const mayTraffic = useMay("view_traffic");
  const range = useRange("1h", Math.floor(useNow() / MINUTE_MS));
  const top = useQuery({ ...topQuery(workspace.slug, range, "fingerprint", "total_us", {}, 8), enabled: mayTraffic });
  const listeners = useQuery({ ...listenersQuery(workspace.slug), enabled: mayTraffic });
  return (
    <Page title="Home" heading={workspace.name} about={workspace.description || "Health, traffic now, slow queries and refusals."} actions={mayTraffic && <RangePicker otherwise="1h" ranges={RANGES} />}>
      <BrokenLedger />
      {mayTraffic && <Figures range={range} total={top.data?.total} listeners={listeners.data} />}
      <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,2fr)_minmax(18rem,1fr)]">
        <div className="flex min-w-0 flex-col gap-4">
          {mayTraffic ? (
            <>
              <Slowest range={range} byTime={top} />
              <Refusals range={range} />
              <NewlySlower />
            </>
          ) : (
            <Card title="Slowest queries">
              <NotAllowed what="the traffic of this workspace" capability="view_traffic" />
            </Card>
          )}
        </div>
        <div className="flex min-w-0 flex-col gap-4">
          <Checklist calls={top.data?.total.calls} />
          <Health listeners={listeners} />
          <Recent />
        </div>
      </div>
    </Page>
  );
}
