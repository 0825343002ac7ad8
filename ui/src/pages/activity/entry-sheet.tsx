// What exactly did somebody do, from where, and how did it end?

import { Link2 } from "lucide-react";
import type { ActivityEntry } from "~/api/activity";
import { DetailGroup, Details } from "~/parts/details";
import { usePageSearch, type Search } from "~/parts/search";
import { Badge, type BadgeTone } from "~/ui/badge";
import { Button } from "~/ui/button";
import { copyText } from "~/ui/copy";
import { Dialog } from "~/ui/dialog";
import { moment } from "~/ui/format";
import { deedWord, detailText, targetWord } from "./words";

const TONES: Record<string, BadgeTone> = { done: "ok", refused: "danger", failed: "warn" };

export function OutcomeBadge({ outcome }: { outcome: string }) {
  return <Badge tone={TONES[outcome] ?? "neutral"}>{outcome}</Badge>;
}

export const actorWord = (entry: ActivityEntry): string => (entry.actor_name && entry.machine ? `${entry.actor_name} (${entry.machine})` : entry.actor_name) ?? (entry.actor ? "somebody erased" : "the program or nobody known");

/** `isAlone` where the list it was opened from has no filters. */
export function EntrySheet({ entry, isAlone = false, onClose }: { entry: ActivityEntry; isAlone?: boolean; onClose: () => void }) {
  const details = Object.entries(entry.details).map(([name, value]) => ({ label: name.replaceAll("_", " "), value: shown(value) }));
  return (
    <Dialog
      open
      side
      onClose={onClose}
      title={
        <span className="flex flex-wrap items-center gap-2">
          {deedWord(entry.action)} <OutcomeBadge outcome={entry.outcome} />
        </span>
      }
      description={`${actorWord(entry)}, ${moment(entry.at)}`}
      actions={
        <Button size="small" icon={<Link2 className="size-3.5" aria-hidden="true" />} onClick={() => void copyText(location.href, "Link copied")}>
          Copy link
        </Button>
      }
    >
      <div className="flex flex-col gap-5">
        <DetailGroup title="To what">
          <Details
            items={[
              { label: "Thing", value: targetWord(entry) },
              { label: "Kind", value: entry.target_kind.replaceAll("_", " ") },
              { label: "Its id", value: entry.target, mono: true },
            ]}
          />
        </DetailGroup>
        {details.length > 0 && (
          <DetailGroup
            title="Details"
            actions={
              <Button size="small" variant="quiet" onClick={() => void copyText(JSON.stringify(entry.details, null, 2), "Details copied")}>
                Copy JSON
              </Button>
            }
          >
            <Details items={details} />
          </DetailGroup>
        )}
        <DetailGroup title="Who and from where">
          <Details
            items={[
              { label: "Person", value: actorWord(entry) },
              { label: "By", value: entry.token ? "a token" : entry.actor ? "a session of the console" : undefined },
              { label: "Token", value: entry.token, mono: true },
              { label: "Address", value: entry.address, mono: true },
              { label: "Program, as it said", value: entry.user_agent },
              { label: "Request", value: entry.request, mono: true },
              { label: "Entry", value: entry.id, mono: true },
            ]}
          />
        </DetailGroup>
        {!isAlone && (
          <DetailGroup title="More like this">
            <div className="flex flex-wrap gap-2">
              {entry.actor && <Only label="Only this person" change={{ actor: entry.actor }} />}
              <Only label="Only this deed" change={{ action: entry.action }} />
              <Only label="Only this kind of thing" change={{ target_kind: entry.target_kind }} />
              <Only label="Only this thing" change={{ target_kind: entry.target_kind, target: entry.target }} />
            </div>
          </DetailGroup>
        )}
      </div>
    </Dialog>
  );
}

function shown(value: unknown) {
  const text = detailText(value);
  return text.includes("\n") ? <span className="font-mono text-xs whitespace-pre-wrap">{text}</span> : text;
}

/** Sets a filter and goes back to the list. */
function Only({ label, change }: { label: string; change: Search }) {
  const [, set] = usePageSearch();
  return (
    <Button size="small" onClick={() => set({ ...change, entry: undefined })}>
      {label}
    </Button>
  );
}
