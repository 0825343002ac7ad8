// Who is connected, what do they do, who blocks whom, and who was here?

import { RotateCw } from "lucide-react";
import { useMemo, useState } from "react";
import { LiveControl } from "~/parts/live-control";
import { Page } from "~/parts/page";
import { usePageSearch } from "~/parts/search";
import { useMay, useWorkspace } from "~/parts/workspace";
import { IconButton } from "~/ui/button";
import { useShortcuts } from "~/ui/shortcuts";
import { ErrorNote, Failed, NotAllowed, Note } from "~/ui/states";
import { Tabs } from "~/ui/tabs";
import type { Sort } from "~/ui/table/columns";
import { blockingOf, type Blocking } from "./blocking";
import { BlockingTab } from "./blocking-tab";
import { LiveTab } from "./live-tab";
import { PastTab } from "./past-tab";
import { SessionSheet } from "./session-sheet";
import { useLiveList, type LiveView } from "./use-live-list";

const ABOUT = "Who is connected, what they run, and who waits for whom.";

export function SessionsPage() {
  const isAllowed = useMay("view_traffic");
  const [search] = usePageSearch();
  if (!isAllowed) {
    return (
      <Page title="Sessions" about={ABOUT}>
        <NotAllowed what="sessions" capability="view_traffic" />
      </Page>
    );
  }
  return search["tab"] === "ended" ? <EndedSessions /> : <LiveSessionsPage />;
}

function SessionTabs({ current, blocked }: { current: string; blocked?: number }) {
  return (
    <Tabs
      label="Sessions"
      current={current}
      tabs={[
        { value: "", label: "Live" },
        { value: "blocking", label: "Who blocks whom", count: blocked || undefined },
        { value: "ended", label: "Ended" },
      ]}
    />
  );
}

function EndedSessions() {
  const [beat, setBeat] = useState(0);
  const again = () => setBeat((before) => before + 1);
  useShortcuts([{ keys: "r", label: "Look again", run: again }]);
  return (
    <Page title="Sessions" about={ABOUT} actions={<Again onClick={again} />} bar={<SessionTabs current="ended" />}>
      <PastTab beat={beat} />
    </Page>
  );
}

function Again({ onClick }: { onClick: () => void }) {
  return (
    <IconButton label="Look again" shortcut="r" size="small" onClick={onClick}>
      <RotateCw className="size-3.5" aria-hidden="true" />
    </IconButton>
  );
}

function LiveSessionsPage() {
  const workspace = useWorkspace();
  const [search, set] = usePageSearch();
  const [paused, setPaused] = useState(false);
  const sort = useMemo<Sort | undefined>(() => (search["sort"] ? { id: search["sort"], desc: search["desc"] === "yes" } : undefined), [search]);
  const view = useLiveList(workspace.slug, paused, sort);
  const { query, list, showNew } = view;
  const items = query.data?.items;
  const blocking = useMemo<Blocking | undefined>(() => items && blockingOf(items), [items]);
  useShortcuts([{ keys: "r", label: "Order anew, with the new ones", run: () => void query.refetch().then(showNew) }]);
  const onSort = (next: Sort) => {
    // The same order again would be no change of the URL: rows are laid out anew all the same.
    showNew();
    set({ sort: next.id, desc: next.desc ? "yes" : undefined }, "replace");
  };
  const tab = search["tab"] === "blocking" ? "blocking" : "";
  return (
    <Page title="Sessions" about={ABOUT} actions={<LiveControl paused={paused} onPause={setPaused} updatedAt={query.dataUpdatedAt || undefined} />} bar={<SessionTabs current={tab} blocked={blocking?.blocked} />}>
      <Missing view={view} />
      {query.isError && items === undefined ? (
        <Failed error={query.error} onRetry={() => void query.refetch()} />
      ) : tab === "blocking" ? (
        <BlockingTab blocking={blocking} at={list.at} protocolOf={(listener) => items?.find((one) => one.listener === listener)?.protocol ?? "postgres"} />
      ) : (
        <LiveTab view={view} sort={sort} onSort={onSort} />
      )}
      {search["session"] && query.data && <Sheet id={search["session"]} view={view} onClose={() => set({ session: undefined })} />}
    </Page>
  );
}

function Missing({ view }: { view: LiveView }) {
  const { data, error } = view.query;
  return (
    <>
      {data !== undefined && error !== null && <ErrorNote error={error} />}
      {data?.unavailable.map((plane) => (
        <Note key={plane.plane} tone="warn">
          Sessions of {plane.plane_name} are missing here: {plane.reason}.
        </Note>
      ))}
    </>
  );
}

function Sheet({ id, view, onClose }: { id: string; view: LiveView; onClose: () => void }) {
  const { list, query } = view;
  const session = query.data?.items.find((one) => one.session === id);
  const row = list.rows.find((one) => one.session.session === id) ?? (session && { session });
  return <SessionSheet id={id} row={row} at={list.at} sessions={query.data?.items ?? []} onClose={onClose} />;
}
