// How is the state of a session told, and for whom it waits?

import { Badge, type BadgeTone } from "~/ui/badge";
import type { LiveSession } from "~/api/live-sessions";
import { count } from "~/ui/format";
import { stateWord } from "./live-rows";

const TONES: Record<string, BadgeTone> = { active: "ok", login: "info", in_transaction: "warn", failed_transaction: "danger" };

export function StateBadge({ state, ended = false }: { state: string; ended?: boolean }) {
  return ended ? <Badge>ended</Badge> : <Badge tone={TONES[state] ?? "neutral"}>{stateWord(state)}</Badge>;
}

/** "2 sessions"; where nobody could be asked it says so and why. */
export function BlockedBy({ session }: { session: LiveSession }) {
  if (session.blocking === "unknown") {
    return (
      <span className="text-ink-faint" title={session.blocking_reason}>
        not known
      </span>
    );
  }
  const blockers = session.blocked_by ?? [];
  if (blockers.length === 0) {
    return <span className="text-ink-faint">–</span>;
  }
  return <Badge tone="danger">{count(blockers.length, "blocker")}</Badge>;
}
