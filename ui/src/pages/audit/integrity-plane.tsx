// What is one gateway's ledger worth: is it whole, is anything lost, where else is it?

import type { LedgerPlane } from "~/api/ledger";
import { DetailGroup, Details } from "~/parts/details";
import { Status, type BadgeTone } from "~/ui/badge";
import { Card, Figure } from "~/ui/card";
import { bytes, compact, count, duration, integer } from "~/ui/format";
import { Note } from "~/ui/states";
import { RelativeTime } from "~/ui/time";
import { NewestCheckpoint, Proof } from "./integrity-evidence";
import { Copies, Retention } from "./integrity-places";
import { Verdicts } from "./integrity-verdicts";
import { failureOf, stateOf } from "./integrity-words";

export function PlaneCard({ plane }: { plane: LedgerPlane }) {
  const state = stateOf(plane);
  return (
    <Card
      title={plane.plane_name}
      note={
        <>
          writer started <RelativeTime at={plane.writer_started_at} />
        </>
      }
      actions={<Status tone={state.tone}>{state.word}</Status>}
    >
      <div className="flex flex-col gap-5">
        {plane.writer === "failing" && <CannotWrite plane={plane} />}
        <Verdicts plane={plane} />
        <div className="grid gap-x-8 gap-y-5 border-t border-line pt-4 lg:grid-cols-2">
          <div className="flex min-w-0 flex-col gap-5">
            <NewestCheckpoint plane={plane} />
            <Proof />
          </div>
          <div className="flex min-w-0 flex-col gap-5">
            <Copies plane={plane} />
            <Retention plane={plane} />
          </div>
        </div>
        <Writing plane={plane} />
        <Checks plane={plane} />
      </div>
    </Card>
  );
}

function CannotWrite({ plane }: { plane: LedgerPlane }) {
  const blocking = plane.copies.filter((copy) => copy.is_blocking);
  return (
    <Note tone="danger">
      {blocking.length > 0
        ? `${blocking.map((copy) => `The required copy ${copy.name} takes nothing: ${failureOf(copy.error)}; it is ${duration(copy.lag_seconds * 1_000_000)} behind.`).join(" ")} Until it does`
        : `It cannot write now: ${bytes(plane.queue_bytes)} of records wait in memory. Until it can`}
      , what happens to statements is the setting <code className="font-mono text-xs">ledger.on_failure</code>.
    </Note>
  );
}

const SYNC: Record<string, string> = { none: "when the system likes (none)", group: "in groups, within 10 ms (group)", each: "each record before it goes on (each)" };

function Writing({ plane }: { plane: LedgerPlane }) {
  return (
    <section aria-label="What was written" className="flex flex-col gap-5 border-t border-line pt-4">
      <dl className="grid grid-cols-2 gap-4 sm:grid-cols-5">
        <Figure label="Records written" value={compact(plane.records)} note={`${bytes(plane.bytes)} since the writer started`} />
        <Figure label="Records lost" value={integer(plane.records_lost)} tone={plane.records_lost > 0 ? "danger" : undefined} />
        <Figure label="Gaps" value={integer(plane.gaps)} tone={plane.gaps > 0 ? "danger" : undefined} />
        <Figure label="Failures to write" value={integer(plane.failures)} tone={plane.failures > 0 ? "warn" : undefined} />
        <Figure label="On disk" value={bytes(plane.segment_bytes)} note={count(plane.segments, "segment")} />
      </dl>
      <Details
        items={[
          { label: "Oldest record", value: plane.oldest_at && <RelativeTime at={plane.oldest_at} /> },
          { label: "Newest record", value: plane.newest_at && <RelativeTime at={plane.newest_at} /> },
          { label: "Kept on disk", value: SYNC[plane.sync] ?? plane.sync },
          { label: "Listeners of this workspace", value: <Listeners plane={plane} /> },
        ]}
      />
      {plane.segments_unsearched > 0 && (
        <Note>
          {count(plane.segments_unsearched, "segment is", "segments are")} compressed: searches do not read {plane.segments_unsearched === 1 ? "it" : "them"}.
        </Note>
      )}
    </section>
  );
}

function Listeners({ plane }: { plane: LedgerPlane }) {
  if (plane.listeners.length === 0) {
    return undefined;
  }
  return (
    <ul>
      {plane.listeners.map((one) => (
        <li key={one.listener}>
          {one.listener} <span className="text-xs text-ink-faint">{one.newest_at ? <>newest record <RelativeTime at={one.newest_at} /></> : "no record"}</span>
        </li>
      ))}
    </ul>
  );
}

const RESULTS: Record<string, { tone: BadgeTone; word: string; meaning: string }> = {
  holds: { tone: "ok", word: "holds", meaning: "When the writer started, the last line it went on from had the hash that it states." },
  differs: { tone: "danger", word: "differs", meaning: "When the writer started, the last line it went on from did not have the hash that it states: the file was changed or damaged." },
  unsealed: { tone: "warn", word: "no hash", meaning: "When the writer started, the last line it went on from had no hash to check." },
  nothing: { tone: "neutral", word: "nothing to check", meaning: "When the writer started, there was no line to go on from: the ledger began with it." },
};

function Checks({ plane }: { plane: LedgerPlane }) {
  if (plane.checks.length === 0) {
    return null;
  }
  return (
    <div className="border-t border-line pt-4">
      <DetailGroup title="When the writer started">
        {plane.checks.map((check) => {
          const result = RESULTS[check.result] ?? { tone: "neutral" as const, word: check.result, meaning: "" };
          return (
            <div key={`${check.what} ${check.at}`} className="flex flex-col gap-0.5 text-[13px]">
              <span className="flex flex-wrap items-center gap-2">
                <Status tone={result.tone}>{check.what === "last_line_at_start" ? "Last line" : check.what.replaceAll("_", " ")}: {result.word}</Status>
                <RelativeTime at={check.at} className="text-xs text-ink-faint" />
              </span>
              <p className="text-ink-soft">{result.meaning}</p>
              {check.remarks.map((remark) => (
                <p key={remark} className="break-words text-ink-soft">
                  {remark}
                </p>
              ))}
            </div>
          );
        })}
      </DetailGroup>
    </div>
  );
}
