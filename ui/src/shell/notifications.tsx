// What does the bell say?

import { Bell } from "lucide-react";
import { late } from "~/ui/late";
import { useNotices } from "./notices";

const Panel = late<{ slug: string }>(() => import("./notices-panel").then((module) => module.NoticesPanel), "dialog");

export function Notifications({ slug }: { slug: string }) {
  const { unread } = useNotices(slug);
  const name = unread === 0 ? "Notifications" : `Notifications: ${unread} new`;
  return (
    <Panel
      slug={slug}
      trigger={(state) => (
        <button type="button" aria-label={name} title={name} className="relative flex size-8 shrink-0 items-center justify-center rounded-md text-ink-soft hover:bg-hover hover:text-ink" {...state}>
          <Bell className="size-4" aria-hidden="true" />
          {unread > 0 && <span className="absolute -top-0.5 -right-0.5 flex h-4 min-w-4 items-center justify-center rounded-full bg-danger-solid px-1 text-[10px] font-semibold text-danger-ink" aria-hidden="true">{unread > 9 ? "9+" : unread}</span>}
        </button>
      )}
    />
  );
}
