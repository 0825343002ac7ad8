// Which data planes carry the workspace's listeners, and how is each of them?

import { useQuery } from "@tanstack/react-query";
import { Link2, Plus, RotateCw } from "lucide-react";
import { lazy, Suspense, useRef, useState } from "react";
import { fleetChanged, fleetQuery, wholeFleetQuery } from "~/api/fleet";
import { useLive } from "~/api/live";
import { whenThere } from "~/api/reachability";
import { sessionQuery } from "~/api/session";
import { Page } from "~/parts/page";
import { usePageSearch } from "~/parts/search";
import { useMay, useWorkspace } from "~/parts/workspace";
import { Button } from "~/ui/button";
import { copyText } from "~/ui/copy";
import { useShortcuts } from "~/ui/shortcuts";
import { NotAllowed } from "~/ui/states";
import { Tabs } from "~/ui/tabs";
import { FleetTable } from "./fleet-table";
import { LinkDialog } from "./link-dialog";

const RestartDialog = lazy(async () => ({ default: (await whenThere(() => import("./restart-dialog"))).RestartDialog }));

const ABOUT = "The data planes that carry this workspace's listeners: they hold the sessions, and run on when the control plane is away.";
/** What planes tell live is asked for at most so often. */
const ASK_MS = 2_000;

export function FleetPage() {
  const isAllowed = useMay("view_traffic");
  return isAllowed ? (
    <Fleet />
  ) : (
    <Page title="Fleet" about={ABOUT}>
      <NotAllowed what="the data planes" capability="view_traffic" />
    </Page>
  );
}

const TABS = [
  { value: "", label: "This workspace" },
  { value: "all", label: "Whole instance" },
];

function Fleet() {
  const { slug } = useWorkspace();
  const [search] = usePageSearch();
  const isAdmin = useQuery(sessionQuery).data?.person.is_instance_admin ?? false;
  const tab = isAdmin && search["tab"] === "all" ? "all" : "";
  const [linking, setLinking] = useState(false);
  const [restarting, setRestarting] = useState(false);
  return (
    <Page
      title="Fleet"
      about={ABOUT}
      bar={isAdmin && <Tabs label="Which data planes" tabs={TABS} current={tab} />}
      actions={
        <>
          <Button size="small" icon={<Link2 className="size-3.5" aria-hidden="true" />} onClick={() => void copyText(location.href, "Link copied")}>
            Copy link
          </Button>
          {isAdmin && (
            <Button size="small" icon={<RotateCw className="size-3.5" aria-hidden="true" />} onClick={() => setRestarting(true)}>
              Rolling restart
            </Button>
          )}
          <Button size="small" variant="primary" icon={<Plus className="size-3.5" aria-hidden="true" />} onClick={() => setLinking(true)}>
            Link a data plane
          </Button>
        </>
      }
    >
      {tab === "all" ? <Whole /> : <Own slug={slug} onLink={() => setLinking(true)} />}
      {restarting && (
        <Suspense>
          <RestartDialog onClose={() => setRestarting(false)} />
        </Suspense>
      )}
      {linking && <LinkDialog workspace={slug} isAdmin={isAdmin} onClose={() => setLinking(false)} />}
    </Page>
  );
}

function Own({ slug, onLink }: { slug: string; onLink: () => void }) {
  const query = useQuery(fleetQuery(slug));
  const asked = useRef(0);
  useLive(slug, "listeners", () => {
    const now = Date.now();
    if (now - asked.current >= ASK_MS) {
      asked.current = now;
      void fleetChanged(slug);
    }
  });
  useShortcuts([{ keys: "r", label: "Look again", run: () => void query.refetch() }]);
  return <FleetTable fleet={query.data} error={query.error} onRetry={() => void query.refetch()} onLink={onLink} slug={slug} />;
}

function Whole() {
  const query = useQuery(wholeFleetQuery);
  useShortcuts([{ keys: "r", label: "Look again", run: () => void query.refetch() }]);
  return <FleetTable fleet={query.data} error={query.error} onRetry={() => void query.refetch()} canForget />;
}
