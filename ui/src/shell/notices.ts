// What happened that somebody should know of? Put together from what the API tells, newest first.

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo, useRef } from "react";
import { connectionsQuery } from "~/api/connections";
import { eventsQuery } from "~/api/events";
import { listenersQuery } from "~/api/listeners";
import { useLive } from "~/api/live";
import { COUNTED_MAX, countedByRule, refusalsQuery, type Refusal, type Times } from "~/api/traffic";
import { may, workspaceQuery } from "~/api/workspaces";
import { refuser } from "~/parts/no-rule";
import { paths, withSearch } from "~/paths";
import { count } from "~/ui/format";
import { useRemembered } from "~/ui/remembered";
import { useNow } from "~/ui/time";

export interface Notice {
  id: string;
  at: number;
  tone: "danger" | "warn" | "neutral";
  title: string;
  detail: string;
  path: string;
}

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
/** Refusals are asked for again at most so often, however many come. */
const REFRESH_MS = 1_000;
const NEVER: Record<string, number> = {};

/** The last hour, to the minute: the same question until the minute is over. */
function lastHour(now: number): Times {
  const until = Math.ceil(now / MINUTE_MS) * MINUTE_MS;
  return { from: new Date(until - HOUR_MS).toISOString(), until: new Date(until).toISOString() };
}

/** Refusals of one rule are one notice, however many there are; `latest` has the last of them first. */
export function refusalNotices(slug: string, { from, until }: Times, latest: readonly Refusal[]): Notice[] {
  const most = latest.length < COUNTED_MAX ? "" : "At least ";
  return countedByRule(latest).map(({ rule, verdict, refusals }) => {
    const these = latest.filter((one) => one.rule === rule && one.verdict === verdict);
    const last = these[0];
    const refusers = [...new Set(these.map((one) => refuser(one.sqlstate)))].join("; ");
    const done = verdict === "hold" ? "held" : "refused";
    return {
      id: `refusal ${verdict} ${rule}`,
      at: Date.parse(last?.at ?? from),
      tone: "warn",
      title: `${most}${count(refusals, "statement")} ${refusals === 1 ? "was" : "were"} ${done}${last ? ` at ${last.listener}` : ""}`,
      detail: `by ${rule ? `the rule ${rule}` : refusers}, in the last hour`,
      path: withSearch(paths.audit(slug), { from, until, rule: rule || undefined, events: verdict === "hold" ? "statement.held" : "statement.refused" }),
    };
  });
}

/** What the API has on record of the last hour; asked again as soon as one is told live. */
function useRefusals(slug: string, enabled: boolean): { notices: Notice[]; isKnown: boolean } {
  const client = useQueryClient();
  const beat = Math.floor(useNow() / MINUTE_MS);
  const times = useMemo(() => lastHour(beat * MINUTE_MS + 1), [beat]);
  const latest = useQuery({ ...refusalsQuery(slug, times, COUNTED_MAX), enabled });
  const asked = useRef(0);
  useLive(
    slug,
    "refusals",
    () => {
      const now = Date.now();
      if (now - asked.current >= REFRESH_MS) {
        asked.current = now;
        void client.invalidateQueries({ queryKey: ["refusals", slug] });
      }
    },
    enabled,
  );
  return { notices: refusalNotices(slug, times, latest.data ?? []), isKnown: latest.data !== undefined };
}

export interface Notices {
  notices: Notice[];
  unread: number;
  readAll: () => void;
  /** What was heard of for the time that is told: refusals may be kept from the person, or on their way. */
  refusals: "known" | "unknown" | "not allowed";
}

/** Everything there is to know now, and how much of it is new since the panel was last read. */
export function useNotices(slug: string): Notices {
  const { data: workspace } = useQuery({ ...workspaceQuery(slug), enabled: slug !== "" });
  const sees = workspace !== undefined && may(workspace, "view_traffic");
  const connections = useQuery({ ...connectionsQuery(slug), enabled: slug !== "", refetchInterval: 30_000 }).data ?? [];
  const listeners = useQuery({ ...listenersQuery(slug), enabled: slug !== "" }).data ?? [];
  const events = useQuery({ ...eventsQuery(slug), enabled: sees }).data ?? [];
  const refusals = useRefusals(slug, sees);
  const [read, setRead] = useRemembered<Record<string, number>>("notices-read", NEVER);
  const notices: Notice[] = [
    ...refusals.notices,
    ...connections.flatMap((one): Notice[] =>
      one.health.failures === 0 || !one.health.last_error
        ? []
        : [{ id: `connection ${one.id}`, at: Date.parse(one.health.last_ok_at ?? one.health.checked_at ?? one.changed_at), tone: "danger", title: `${one.name} cannot be reached`, detail: one.health.last_error.message, path: paths.connection(slug, one.id) }],
    ),
    ...listeners.flatMap((one) =>
      one.planes.flatMap((plane): Notice[] => {
        const at = Date.parse(plane.last_seen_at);
        const where = plane.plane_name ?? plane.plane;
        const path = withSearch(paths.connections(slug), { tab: "listeners" });
        if (!plane.is_connected) {
          return [{ id: `plane ${one.name} ${plane.plane}`, at, tone: "danger", title: `The data plane ${where} is not connected`, detail: `listener ${one.name}; it goes on serving with its last rules`, path }];
        }
        return plane.state?.upstream_up === false ? [{ id: `upstream ${one.name} ${plane.plane}`, at, tone: "danger", title: `The upstream of ${one.name} does not answer`, detail: `seen from ${where}`, path }] : [];
      }),
    ),
    ...events.map((event, at): Notice => ({ id: `event ${event.at} ${at}`, at: Date.parse(event.at), tone: event.event === "limit.hit" ? "warn" : "neutral", title: `${event.event.replaceAll(/[._]/g, " ")} at ${event.listener}`, detail: event.note, path: paths.traffic(slug) })),
  ].sort((one, other) => other.at - one.at);
  const since = read[slug] ?? 0;
  return { notices, unread: notices.filter((notice) => notice.at > since).length, readAll: () => setRead({ ...read, [slug]: Date.now() }), refusals: workspace !== undefined && !sees ? "not allowed" : refusals.isKnown ? "known" : "unknown" };
}
