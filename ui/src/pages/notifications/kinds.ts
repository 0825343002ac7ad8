// What is each kind of notification called, and where does one lead?

import type { Notification, NotificationKind, NotificationTone } from "~/api/notifications";
import { paths, withSearch } from "~/paths";
import type { BadgeTone } from "~/ui/badge";

/** In the order of the filter: what is wrong first. */
export const KINDS: Record<NotificationKind, { label: string; about: string }> = {
  plane_lost: { label: "Data plane lost", about: "nothing is heard of a data plane any more" },
  plane_back: { label: "Data plane back", about: "it is heard of again" },
  connection_down: { label: "Connection down", about: "the database of a connection does not answer" },
  connection_up: { label: "Connection up", about: "it answers again" },
  ledger_failed: { label: "Ledger not whole", about: "a data plane found its ledger changed or incomplete, or cannot write it" },
  checkpoint_broken: { label: "Checkpoints behind", about: "checkpoints do not reach a copy of the ledger" },
  certificate_expiring: { label: "Certificate expires", about: "30 days, 7 days before, and when it has" },
  refusals_piling: { label: "Refusals piling up", about: "a rule refused or held ten statements or more within an hour" },
  query_slower: { label: "Query slower", about: "a query takes at least twice as long as it did" },
  schema_breaking: { label: "Breaking schema change", about: "a schema changed so that what uses it fails" },
  rules_published: { label: "Rules published", about: "somebody else published rule sets" },
  rules_rolled_back: { label: "Rules taken back", about: "somebody else rolled rule sets back or withdrew them" },
  mode_asked: { label: "Mode asked for", about: "another mode of a listener waits for an approval" },
  mode_changed: { label: "Mode changed", about: "another mode of a listener began, ended, or was not approved" },
  member_joined: { label: "Member joined", about: "somebody accepted an invitation" },
};

export const kindLabel = (kind: string): string => KINDS[kind as NotificationKind]?.label ?? kind.replaceAll("_", " ");

export const TONES: Record<NotificationTone, BadgeTone> = { danger: "danger", warn: "warn", ok: "ok", neutral: "neutral" };

/** What is said in one line, with the name of whoever did it. */
export function titleOf(notice: Pick<Notification, "kind" | "title" | "actor_name">): string {
  if (notice.kind === "member_joined") {
    return `${notice.actor_name ?? "Somebody"} joined the workspace`;
  }
  return notice.actor_name ? `${notice.title} by ${notice.actor_name}` : notice.title;
}

/** Where one sees what it is about. The records of a rule need view_ledger: without it, what that hour's statements were. */
export function placeOf(slug: string, notice: Pick<Notification, "target_kind" | "target" | "kind" | "at">, mayLedger: boolean): string {
  const { target_kind: kind, target } = notice;
  switch (kind) {
    case "plane":
      return withSearch(paths.fleet(slug), { plane: target });
    case "ledger":
      return withSearch(paths.audit(slug), { tab: "integrity" });
    case "connection":
      return notice.kind === "schema_breaking" ? withSearch(paths.schemaHistory(slug), { connection: target }) : paths.connection(slug, target);
    case "rule_set":
      return paths.ruleSet(slug, target);
    case "listener":
      return withSearch(paths.connections(slug), { tab: "listeners" });
    case "fingerprint":
      return paths.query(slug, target);
    case "rule": {
      const at = Date.parse(notice.at);
      const hour = 3_600_000;
      const from = new Date(Math.floor(at / hour) * hour).toISOString();
      const until = new Date(Math.floor(at / hour) * hour + hour).toISOString();
      return mayLedger ? withSearch(paths.audit(slug), { rule: target || undefined, from, until, events: "statement.refused,statement.held" }) : withSearch(paths.queries(slug), { sort: "refusals", from, until });
    }
    default:
      return paths.members(slug);
  }
}
