// Where else does a ledger go, and when are old records removed?

import type { LedgerPlane } from "~/api/ledger";
import { DetailGroup, Details } from "~/parts/details";
import { Status } from "~/ui/badge";
import { bytes, count, duration, integer, moment } from "~/ui/format";
import { Note } from "~/ui/states";
import { RelativeTime } from "~/ui/time";
import { failureOf, retentionOf } from "./integrity-words";

type Copied = LedgerPlane["copies"][number];

export function Copies({ plane }: { plane: LedgerPlane }) {
  return (
    <DetailGroup title="Copies">
      {plane.copies.length === 0 ? (
        <p className="text-[13px] text-ink-soft">
          Nothing goes to another place. Whoever can write on this machine can also write its ledger: with <code className="font-mono text-xs">ledger.copies</code> checkpoints go where they cannot.
        </p>
      ) : (
        <ul aria-label="Copies" className="flex flex-col divide-y divide-line">
          {plane.copies.map((copy) => (
            <CopyRow key={copy.name} copy={copy} />
          ))}
        </ul>
      )}
    </DetailGroup>
  );
}

function CopyRow({ copy }: { copy: Copied }) {
  return (
    <li className="flex flex-wrap items-baseline gap-x-3 gap-y-0.5 py-2 first:pt-0 last:pb-0">
      <span className="text-[13px] font-medium text-ink">{copy.name}</span>
      <span className="text-xs text-ink-faint">{copy.content}</span>
      <span className="ml-auto">
        <Status tone={copy.is_failing ? "danger" : copy.lag_seconds > 0 ? "warn" : "ok"}>{copy.is_failing ? `failing: ${failureOf(copy.error)}` : copy.lag_seconds > 0 ? `${duration(copy.lag_seconds * 1_000_000)} behind` : "has all"}</Status>
      </span>
      <span className="basis-full font-mono text-xs break-all text-ink-soft">{copy.to}</span>
      <span className="basis-full text-xs text-ink-faint">
        {copy.last_taken_at ? <>last taken <RelativeTime at={copy.last_taken_at} /></> : "nothing taken yet"}
        {copy.is_failing && copy.lag_seconds > 0 && `, ${duration(copy.lag_seconds * 1_000_000)} behind`}
      </span>
    </li>
  );
}

export function Retention({ plane }: { plane: LedgerPlane }) {
  const { retention } = plane;
  const { last } = retention;
  return (
    <DetailGroup title="Retention">
      <p className="text-[13px] text-ink-soft">{retentionOf(retention, bytes)}</p>
      {retention.held_up && <Note tone="warn">It is time, and nothing is removed: {retention.held_up}.</Note>}
      {last && (
        <Details
          items={[
            { label: "Removed last", value: <RelativeTime at={last.at} /> },
            { label: "What", value: `${count(last.records, "record")}, ${bytes(last.bytes)}, segments ${integer(last.first_segment)} to ${integer(last.last_segment)}` },
            { label: "Of the time", value: `${moment(last.from)} to ${moment(last.until)}` },
            { label: "On record", value: "as ledger.removed, signed before anything was removed" },
          ]}
        />
      )}
    </DetailGroup>
  );
}
