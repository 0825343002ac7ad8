// What happened lately, in the panel below the bell?

import { Link } from "@tanstack/react-router";
import { BellOff, CircleAlert, Info, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "~/ui/button";
import type { LateProps } from "~/ui/late";
import { Popover } from "~/ui/popover";
import { RelativeTime } from "~/ui/time";
import { useNotices, type Notice, type Notices } from "./notices";

const ICONS: Record<Notice["tone"], ReactNode> = {
  danger: <CircleAlert className="mt-0.5 size-4 shrink-0 text-danger" aria-label="Trouble" />,
  warn: <TriangleAlert className="mt-0.5 size-4 shrink-0 text-warn" aria-label="Warning" />,
  neutral: <Info className="mt-0.5 size-4 shrink-0 text-ink-faint" aria-label="Event" />,
};

/** How far "nothing" goes: never further than what was asked for. */
const NOTHING: Record<Notices["refusals"], string> = {
  known: "Nothing was told in the last hour: no statement was refused or held.",
  unknown: "What was refused in the last hour is not known yet.",
  "not allowed": "Nothing is told now. Refusals are told to whoever may see the traffic.",
};

export function NoticesPanel({ slug, open, onOpenChange, children }: LateProps & { slug: string }) {
  const { notices, unread, readAll, refusals } = useNotices(slug);
  const close = (next: boolean) => {
    if (!next) {
      readAll();
    }
    onOpenChange(next);
  };
  return (
    <Popover label="Notifications" open={open} onOpenChange={close} trigger={children}>
      <div className="w-84 max-w-[calc(100vw-3rem)]">
        <div className="mb-2 flex items-center gap-2">
          <h2 className="flex-1 text-[13px] font-semibold">Notifications</h2>
          {unread > 0 && (
            <Button size="small" variant="quiet" onClick={readAll}>
              Mark all read
            </Button>
          )}
        </div>
        {notices.length === 0 ? (
          <p className="flex flex-col items-center gap-2 px-4 py-8 text-center text-[13px] text-ink-soft">
            <BellOff className="size-5 text-ink-faint" aria-hidden="true" />
            {NOTHING[refusals]} Connections and listeners in trouble, and what the gateway does itself are told here as well.
          </p>
        ) : (
          <ul className="scroll-thin -mx-1 flex max-h-96 flex-col overflow-auto">
            {notices.map((notice) => (
              <li key={notice.id}>
                <Link to={notice.path.split("?")[0]} search={Object.fromEntries(new URLSearchParams(notice.path.split("?")[1])) as never} onClick={() => close(false)} className="flex gap-2.5 rounded-md px-2 py-2 hover:bg-hover">
                  {ICONS[notice.tone]}
                  <span className="min-w-0 flex-1">
                    <span className="block text-[13px] font-medium">{notice.title}</span>
                    <span className="line-clamp-2 text-xs text-ink-soft">{notice.detail}</span>
                  </span>
                  <RelativeTime at={notice.at} className="shrink-0 text-2xs text-ink-faint" />
                </Link>
              </li>
            ))}
          </ul>
        )}
      </div>
    </Popover>
  );
}
