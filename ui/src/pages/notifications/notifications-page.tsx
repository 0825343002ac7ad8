// What happened that the person should know of?

import { useInfiniteQuery, useMutation, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { BellOff, CheckCheck, Mail, MailOpen, RotateCw, SlidersHorizontal } from "lucide-react";
import { useMemo, useState } from "react";
import { useLive } from "~/api/live";
import { changeNotificationSettings, markNotifications, notificationSettingsQuery, notificationsQuery, type Mark, type Notification, type NotificationKind } from "~/api/notifications";
import { Filters } from "~/parts/facets";
import { listed } from "~/parts/list";
import { Page } from "~/parts/page";
import { usePageSearch } from "~/parts/search";
import { useMay, useWorkspace } from "~/parts/workspace";
import { Badge } from "~/ui/badge";
import { Button, IconButton } from "~/ui/button";
import { Card } from "~/ui/card";
import { BareSelect, Segments } from "~/ui/choice";
import { count } from "~/ui/format";
import { useShortcuts } from "~/ui/shortcuts";
import { ErrorNote, FirstTime, NothingFound } from "~/ui/states";
import type { Column } from "~/ui/table/columns";
import { DataTable } from "~/ui/table/data-table";
import { RelativeTime } from "~/ui/time";
import { toast } from "~/ui/toast";
import { kindLabel, KINDS, placeOf, titleOf, TONES } from "./kinds";
import { SettingsDialog } from "./settings-dialog";

const ANY = "*";
const ABOUT = "What happened in this workspace that you should know of. What you did yourself is not here.";

export function NotificationsPage() {
  const { slug } = useWorkspace();
  const [search, set] = usePageSearch();
  const [settings, setSettings] = useState(false);
  const kind = search["kind"] as NotificationKind | undefined;
  const unread = search["show"] === "unread";
  const filter = useMemo(() => ({ kind, unread: unread || undefined }), [kind, unread]);
  const query = useInfiniteQuery(notificationsQuery(slug, filter));
  const state = useQuery(notificationSettingsQuery(slug)).data;
  const { rows, ...rest } = listed(query);
  const fresh = useFresh(slug, () => void query.refetch());
  const mark = useMutation({
    mutationFn: ({ ids, as }: { ids: string[]; as: Mark }) => markNotifications(slug, ids, as),
    onError: () => toast({ title: "That could not be kept.", detail: "Try again.", tone: "danger" }),
  });
  const latest = rows?.[0]?.id;
  const readAll = () => latest && mark.mutate({ ids: [latest], as: "read_and_before" });
  useShortcuts([
    { keys: "r", label: "Look again", run: fresh.take },
    { keys: "e", label: "Mark all read", run: () => void readAll() },
  ]);
  const columns = useColumns(slug, (one) => mark.mutate({ ids: [one.id], as: one.is_read ? "unread" : "read" }));
  const kinds = state?.kinds ?? [];
  const isFiltered = Boolean(kind) || unread;
  return (
    <Page
      title="Notifications"
      about={ABOUT}
      actions={
        <>
          <IconButton label="Look again" shortcut="r" size="small" onClick={fresh.take}>
            <RotateCw className="size-3.5" aria-hidden="true" />
          </IconButton>
          <Button size="small" icon={<CheckCheck className="size-3.5" aria-hidden="true" />} disabled={!state || state.unread === 0 || kind !== undefined} busy={mark.isPending} onClick={() => void readAll()}>
            Mark all read
          </Button>
          <Button size="small" icon={<SlidersHorizontal className="size-3.5" aria-hidden="true" />} disabled={!state} onClick={() => setSettings(true)}>
            What I am told
          </Button>
        </>
      }
      bar={
        <div role="group" aria-label="Search" className="flex flex-wrap items-center gap-2">
          <Segments label="Which ones" value={unread ? "unread" : "all"} onChange={(value) => set({ show: value === "unread" ? "unread" : undefined })} choices={[{ value: "all", label: "All" }, { value: "unread", label: `Unread${state && state.unread > 0 ? ` ${state.unread >= 100 ? "100+" : state.unread}` : ""}` }]} />
          <BareSelect label="Kind" value={kind ?? ANY} onChange={(value) => set({ kind: value === ANY ? undefined : value })} choices={[{ value: ANY, label: "Every kind" }, ...kinds.map((one) => ({ value: one, label: kindLabel(one) }))]} className="max-w-60" />
        </div>
      }
    >
      <Filters facets={[{ name: "kind", label: "kind", show: kindLabel }]} />
      {mark.error && <ErrorNote error={mark.error} />}
      {fresh.waiting > 0 && (
        <div role="status" className="flex justify-center">
          <Button size="small" onClick={fresh.take}>
            {count(fresh.waiting, "new one", "new ones")}: show
          </Button>
        </div>
      )}
      <Card flush title="Told" note={state && state.muted.length > 0 ? `${count(state.muted.length, "kind")} muted` : "latest first"}>
        <DataTable
          label="Notifications"
          id="notifications"
          columns={columns}
          rows={rows}
          rowKey={(one) => one.id}
          rowTone={(one) => (one.is_read ? undefined : one.tone === "danger" ? "danger" : one.tone === "warn" ? "warn" : undefined)}
          {...rest}
          empty={isFiltered ? <NothingFound what="notifications" onClear={() => set({ kind: undefined, show: undefined })} /> : <Nothing />}
        />
      </Card>
      {settings && state && <SettingsDialog settings={state} onClose={() => setSettings(false)} onSave={(change) => changeNotificationSettings(slug, change)} />}
    </Page>
  );
}

/** What has come since the list was read: it is shown when the person wants it, so that no row jumps away. */
function useFresh(slug: string, refetch: () => void): { waiting: number; take: () => void } {
  const [waiting, setWaiting] = useState(0);
  useLive(slug, "notifications", (message) => setWaiting((before) => before + (Array.isArray(message.data) ? message.data.length : 0) + (message.dropped ?? 0)));
  const take = () => {
    setWaiting(0);
    refetch();
  };
  return { waiting, take };
}

function Nothing() {
  return (
    <FirstTime icon={<BellOff className="size-5" />} title="Nothing to tell yet">
      Data planes that are lost, databases that do not answer, ledgers that are not whole, certificates that expire, refusals that pile up, queries that become slow, and rules that others publish are told here.
    </FirstTime>
  );
}

function useColumns(slug: string, onToggle: (one: Notification) => void): Column<Notification>[] {
  const mayLedger = useMay("view_ledger");
  return [
    {
      id: "title",
      header: "What happened",
      grow: true,
      width: 320,
      value: titleOf,
      cell: (one) => {
        const [path, rest] = placeOf(slug, one, mayLedger).split("?");
        return (
          <span className="flex min-w-0 items-center gap-2">
            <span className={one.is_read ? "size-2 shrink-0" : "size-2 shrink-0 rounded-full bg-brand"} aria-hidden="true" />
            <Link to={path} search={Object.fromEntries(new URLSearchParams(rest)) as never} onClick={() => !one.is_read && onToggle(one)} className={one.is_read ? "truncate text-ink-soft hover:underline" : "truncate font-medium hover:underline"}>
              {titleOf(one)}
              {!one.is_read && <span className="sr-only">, not read</span>}
            </Link>
          </span>
        );
      },
    },
    { id: "detail", header: "More", grow: true, width: 260, value: (one) => one.detail, cell: (one) => <span title={one.detail} className="text-ink-soft">{one.detail}</span> },
    { id: "kind", header: "Kind", width: 170, value: (one) => one.kind, cell: (one) => <span title={KINDS[one.kind]?.about}><Badge tone={TONES[one.tone]}>{kindLabel(one.kind)}</Badge></span> },
    { id: "at", header: "When", width: 110, value: (one) => one.at, cell: (one) => <RelativeTime at={one.at} /> },
    {
      id: "read",
      header: "Read",
      width: 70,
      value: (one) => one.is_read,
      cell: (one) => (
        <IconButton label={one.is_read ? "Mark as not read" : "Mark as read"} size="small" onClick={() => onToggle(one)}>
          {one.is_read ? <MailOpen className="size-3.5" aria-hidden="true" /> : <Mail className="size-3.5" aria-hidden="true" />}
        </IconButton>
      ),
    },
  ];
}
