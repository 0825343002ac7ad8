// What happened lately, in the panel below the bell?

import { useMutation, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { BellOff, CircleAlert, CircleCheck, Info, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { latestNotificationsQuery, markNotifications, type Mark, type Notification, type NotificationTone } from "~/api/notifications";
import { may, workspaceQuery } from "~/api/workspaces";
import { placeOf, titleOf } from "~/pages/notifications/kinds";
import { paths } from "~/paths";
import { Button } from "~/ui/button";
import type { LateProps } from "~/ui/late";
import { Popover } from "~/ui/popover";
import { ErrorNote, SkeletonRows } from "~/ui/states";
import { RelativeTime } from "~/ui/time";

const ICONS: Record<NotificationTone, ReactNode> = {
  danger: <CircleAlert className="mt-0.5 size-4 shrink-0 text-danger" aria-label="Trouble" />,
  warn: <TriangleAlert className="mt-0.5 size-4 shrink-0 text-warn" aria-label="Warning" />,
  ok: <CircleCheck className="mt-0.5 size-4 shrink-0 text-ok" aria-label="Well again" />,
  neutral: <Info className="mt-0.5 size-4 shrink-0 text-ink-faint" aria-label="Event" />,
};

export function NoticesPanel({ slug, open, onOpenChange, children }: LateProps & { slug: string }) {
  const { data: notices, error } = useQuery({ ...latestNotificationsQuery(slug), enabled: open });
  const mark = useMutation({ mutationFn: ({ ids, as }: { ids: string[]; as: Mark }) => markNotifications(slug, ids, as) });
  const close = () => onOpenChange(false);
  const latest = notices?.[0]?.id;
  return (
    <Popover label="Notifications" open={open} onOpenChange={onOpenChange} trigger={children}>
      <div className="w-84 max-w-[calc(100vw-3rem)]">
        <div className="mb-2 flex items-center gap-2">
          <h2 className="flex-1 text-[13px] font-semibold">Notifications</h2>
          {latest !== undefined && notices?.some((one) => !one.is_read) && (
            <Button size="small" variant="quiet" busy={mark.isPending} onClick={() => mark.mutate({ ids: [latest], as: "read_and_before" })}>
              Mark all read
            </Button>
          )}
        </div>
        {error && !notices ? <ErrorNote error={error} /> : notices === undefined ? <SkeletonRows rows={3} /> : notices.length === 0 ? <Nothing /> : <List slug={slug} notices={notices} onOpen={(one) => !one.is_read && mark.mutate({ ids: [one.id], as: "read" })} onClose={close} />}
        <Link to={paths.notifications(slug)} onClick={close} className="mt-2 flex h-8 items-center justify-center rounded-md text-[13px] font-medium text-brand-text hover:bg-hover">
          All notifications
        </Link>
      </div>
    </Popover>
  );
}

function List({ slug, notices, onOpen, onClose }: { slug: string; notices: readonly Notification[]; onOpen: (one: Notification) => void; onClose: () => void }) {
  const workspace = useQuery(workspaceQuery(slug)).data;
  const mayLedger = workspace !== undefined && may(workspace, "view_ledger");
  return (
    <ul className="scroll-thin -mx-1 flex max-h-96 flex-col overflow-auto">
      {notices.map((one) => {
        const [path, rest] = placeOf(slug, one, mayLedger).split("?");
        const follow = () => {
          onOpen(one);
          onClose();
        };
        return (
          <li key={one.id}>
            <Link to={path} search={Object.fromEntries(new URLSearchParams(rest)) as never} onClick={follow} className="flex gap-2.5 rounded-md px-2 py-2 hover:bg-hover">
              {ICONS[one.tone]}
              <span className="min-w-0 flex-1">
                <span className={one.is_read ? "block text-[13px] text-ink-soft" : "block text-[13px] font-medium"}>
                  {titleOf(one)}
                  {!one.is_read && <span className="sr-only">, not read</span>}
                </span>
                <span className="line-clamp-2 text-xs text-ink-soft">{one.detail}</span>
              </span>
              <RelativeTime at={one.at} className="shrink-0 text-2xs text-ink-faint" />
            </Link>
          </li>
        );
      })}
    </ul>
  );
}

function Nothing() {
  return (
    <p className="flex flex-col items-center gap-2 px-4 py-8 text-center text-[13px] text-ink-soft">
      <BellOff className="size-5 text-ink-faint" aria-hidden="true" />
      Nothing to tell yet. What is lost, broken, refused much or published by others is told here.
    </p>
  );
}
