// How is a data plane, in words, and what is to be done about it?

import type { FleetPlane, PlaneRestart, PlaneStep, Standing } from "~/api/fleet";
import type { BadgeTone } from "~/ui/badge";

/** How it is at a glance: its standing, or why it takes no new sessions. */
export type State = Standing | "stopping" | "draining" | "drained";

export const STATES: Record<State, { label: string; tone: BadgeTone; about: string }> = {
  well: { label: "well", tone: "ok", about: "It is connected, and of this control plane's version or a later one." },
  late: { label: "late", tone: "warn", about: "It is connected and has not told of itself for more than half a minute." },
  lost: { label: "lost", tone: "danger", about: "Nothing has been heard of it for three quarters of a minute or longer." },
  older_version: { label: "older version", tone: "warn", about: "It is connected, and of an earlier version than this control plane." },
  stopping: { label: "stopping", tone: "warn", about: "It takes no new sessions: it is stopping, or its settings name no listener any more." },
  draining: { label: "draining", tone: "warn", about: "It accepts no connections; sessions that are open go on." },
  drained: { label: "drained", tone: "warn", about: "It accepts no connections, and has no session left: its machine can be worked on." },
};

const ACCEPTING = "It says that it is not ready, and accepts connections until its balancer has noticed.";

/** The state, and what exactly it means for this one. One that takes no sessions is not well, whatever else is. */
export function stateOf(plane: Pick<FleetPlane, "standing" | "drain" | "is_listening" | "listeners">): { state: State; label: string; tone: BadgeTone; about: string } {
  const phase = plane.is_listening ? plane.drain?.phase : undefined;
  const state = phase ? (phase === "drained" ? phase : "draining") : isStopping(plane) ? "stopping" : plane.standing;
  return { state, ...STATES[state], ...(phase === "accepting" && { about: ACCEPTING }) };
}

export const EVENTS: Record<string, string> = { joined: "joined the fleet", restarted: "restarted", updated: "came with another version", lost: "was lost", back: "came back", not_restarted: "was not restarted:", draining: "is being drained,", drained: "is drained", serving: "takes sessions again" };

export const RESTARTS: Record<PlaneRestart["standing"], { label: string; tone: BadgeTone }> = {
  running: { label: "under way", tone: "brand" },
  done: { label: "done", tone: "ok" },
  failed: { label: "stopped", tone: "danger" },
  cancelled: { label: "cancelled", tone: "warn" },
};

export const STEPS: Record<PlaneStep["standing"], { label: string; tone: BadgeTone }> = {
  waiting: { label: "waiting", tone: "neutral" },
  restarting: { label: "restarting", tone: "brand" },
  back: { label: "back", tone: "ok" },
  failed: { label: "failed", tone: "danger" },
  skipped: { label: "skipped", tone: "warn" },
  left: { label: "left as it was", tone: "neutral" },
};

/** The version before and after, where it is another one. */
export const versions = (step: Pick<PlaneStep, "version_before" | "version_after">): string => (step.version_after === undefined || step.version_after === step.version_before ? step.version_before : `${step.version_before} → ${step.version_after}`);

/** What an admin of its machine looks at, in this order; nothing while all is well. */
export function advice(plane: Pick<FleetPlane, "standing" | "rules" | "name">): string[] {
  const found: string[] = [];
  if (plane.standing === "lost") {
    found.push(
      `Look on ${plane.name} whether the program runs: /healthz of its status.listen answers, and its log says why it ended.`,
      "If it runs, look whether it reaches this control plane: link.url of its settings, a proxy or firewall between, its token. Its log names what it was answered.",
      "While it is lost and runs, its listeners serve with the rules they have, and what it has to tell is told when it is back. Its ledger goes on.",
      "If the machine is gone for good, start another one with the same settings and forget this one.",
    );
  }
  if (plane.standing === "late") {
    found.push("A busy machine, a slow network or a proxy that holds connections back make it late. If it stays so, look at its load and at its log.");
  }
  if (plane.standing === "older_version") {
    found.push("It works. Bring it to this control plane's version: a restart by handover ends no session.");
  }
  if (plane.rules === "refused") {
    found.push("It did not take what was published last; what it had before is in force. What is wrong stands below: mend the rule set and publish it again.");
  }
  return found;
}

/** The certificate of its listeners that expires first. */
export function firstExpiry(plane: Pick<FleetPlane, "listeners">): { listener: string; setting: string; at: string } | undefined {
  const all = plane.listeners.filter((one) => one.is_present).flatMap((one) => one.certificates.map((certificate) => ({ listener: one.name, setting: certificate.setting, at: certificate.expires_at })));
  return all.sort((one, other) => Date.parse(one.at) - Date.parse(other.at))[0];
}

const DAY_MS = 86_400_000;

/** How near an end is: what has expired or does within a week is bad, within a month worth knowing. */
export function expiryTone(at: string, now: number): "danger" | "warn" | undefined {
  const left = Date.parse(at) - now;
  return left < 7 * DAY_MS ? "danger" : left < 30 * DAY_MS ? "warn" : undefined;
}

/** Sessions of its listeners; nothing is known of one that is lost. */
export const sessionsOf = (plane: Pick<FleetPlane, "is_listening" | "listeners">): number | undefined => (plane.is_listening ? plane.listeners.filter((one) => one.is_present).reduce((sum, one) => sum + one.sessions, 0) : undefined);

/** One that is connected and has no listener any more takes no new sessions: it is stopping, or its settings name none. */
export const isStopping = (plane: Pick<FleetPlane, "is_listening" | "listeners">): boolean => plane.is_listening && plane.listeners.length > 0 && plane.listeners.every((one) => !one.is_present);

/** What a new data plane needs in its settings. */
export const linkSettings = (origin: string, workspace: string): string => `# data.toml, on the machine of the new data plane
[link]
url = "${origin}"
token = { file = "link.secret" }

[[listener]]
name = "new"
workspace = "${workspace}"
listen = "0.0.0.0:6432"
upstream = ["database.internal:5432"]
managed = true
`;

export const LINK_COMMAND = "dragoman serve --config data.toml";
