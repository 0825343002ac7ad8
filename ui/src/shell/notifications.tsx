// What does the bell say, and where is help? What stands beside the person and can wait until the page stands.

import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Bell } from "lucide-react";
import { useRef } from "react";
import { useLive } from "~/api/live";
import { notificationsChanged, notificationSettingsQuery } from "~/api/notifications";
import { may, workspaceQuery } from "~/api/workspaces";
import { HelpButton } from "~/parts/help/help-button";
import { paths } from "~/paths";
import { late } from "~/ui/late";
import { useShortcuts } from "~/ui/shortcuts";

const Panel = late<{ slug: string }>(() => import("./notices-panel").then((module) => module.NoticesPanel), "dialog");
/** Asked at most so often, however much is told. */
const ASK_MS = 1_000;
const MANY = 100;

/** How much is not read, as it is now. */
function useUnread(slug: string): number {
  const { data: workspace } = useQuery({ ...workspaceQuery(slug), enabled: slug !== "" });
  const asked = useRef(0);
  const { data } = useQuery({ ...notificationSettingsQuery(slug), enabled: workspace !== undefined });
  useLive(
    slug,
    "notifications",
    () => {
      const now = Date.now();
      if (now - asked.current >= ASK_MS) {
        asked.current = now;
        void notificationsChanged(slug);
      }
    },
    workspace !== undefined && may(workspace, "view_traffic"),
  );
  return data?.unread ?? 0;
}

export function Notifications({ slug }: { slug: string }) {
  const unread = useUnread(slug);
  const navigate = useNavigate();
  useShortcuts(slug === "" ? [] : [{ keys: "g n", label: "Go to Notifications", run: () => void navigate({ to: paths.notifications(slug) }) }]);
  const name = unread === 0 ? "Notifications" : `Notifications: ${unread >= MANY ? `${MANY} or more` : unread} not read`;
  return (
    <>
      <HelpButton />
      {slug !== "" && (
        <Panel
          slug={slug}
          trigger={(state) => (
            <button type="button" aria-label={name} title={name} className="relative flex size-8 shrink-0 items-center justify-center rounded-md text-ink-soft hover:bg-hover hover:text-ink" {...state}>
              <Bell className="size-4" aria-hidden="true" />
              {unread > 0 && (
                <span className="absolute -top-0.5 -right-0.5 flex h-4 min-w-4 items-center justify-center rounded-full bg-danger-solid px-1 text-[10px] font-semibold text-danger-ink" aria-hidden="true">
                  {unread > 9 ? "9+" : unread}
                </span>
              )}
            </button>
          )}
        />
      )}
    </>
  );
}
