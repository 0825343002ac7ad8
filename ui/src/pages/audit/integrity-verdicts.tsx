// Did the gateway find its own ledger whole, when, and how is it asked to look again?

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { ShieldCheck, TriangleAlert } from "lucide-react";
import { ledgerStatusQuery, stopVerifying, verifyLedger, type LedgerPlane, type LedgerVerdict } from "~/api/ledger";
import { useWorkspace } from "~/parts/workspace";
import { Status } from "~/ui/badge";
import { Button } from "~/ui/button";
import { classes } from "~/ui/classes";
import { bytes, count, duration, percent } from "~/ui/format";
import { ErrorNote, Note } from "~/ui/states";
import { RelativeTime } from "~/ui/time";
import { toast } from "~/ui/toast";
import { isBroken, MEANINGS, progressOf, VERDICTS } from "./integrity-words";

type Check = LedgerPlane["self_check"];

export function Verdicts({ plane }: { plane: LedgerPlane }) {
  const { self_check: check } = plane;
  return (
    <section aria-label="How whole it is" className="flex flex-col gap-3">
      <div className="flex flex-wrap items-start gap-x-6 gap-y-3">
        <dl className="grid min-w-0 flex-1 basis-72 gap-x-6 gap-y-3 sm:grid-cols-2">
          <Verdict about="integrity" label="Is it unchanged?" verdict={plane.integrity} />
          <Verdict about="completeness" label="Is it complete?" verdict={plane.completeness} />
        </dl>
        <VerifyNow plane={plane.plane} check={check} />
      </div>
      <div aria-live="polite" className="empty:-mb-3">
        <Going check={check} />
      </div>
      {isBroken(plane) && (
        <Note tone="danger" icon={<TriangleAlert className="mt-0.5 size-4 shrink-0" aria-hidden="true" />}>
          Keep a copy of the ledger's folder as it is now, before anything else is done to it. Then find out the place and the cause with <code className="font-mono text-xs">dragoman ledger verify</code>.
        </Note>
      )}
      <LastCheck check={check} />
    </section>
  );
}

function Verdict({ about, label, verdict }: { about: "integrity" | "completeness"; label: string; verdict: LedgerVerdict }) {
  const said = VERDICTS[verdict];
  return (
    <div className="min-w-0">
      <dt className="text-xs text-ink-faint">{label}</dt>
      <dd className="mt-0.5 font-semibold text-ink">
        <Status tone={said.tone}>
          {about === "integrity" ? "Integrity" : "Completeness"}: {said.word}
        </Status>
      </dd>
      <dd className="mt-0.5 text-xs text-ink-soft">{MEANINGS[about][verdict]}</dd>
    </div>
  );
}

function VerifyNow({ plane, check }: { plane: string; check: Check }) {
  const { slug } = useWorkspace();
  const queries = useQueryClient();
  const verifying = useMutation({
    mutationFn: () => verifyLedger(slug, plane),
    onSuccess: (asked) => {
      asked.unavailable.forEach((missing) => toast({ title: `${missing.plane_name} could not be asked`, detail: missing.reason, tone: "danger" }));
      return queries.invalidateQueries({ queryKey: ledgerStatusQuery(slug).queryKey });
    },
  });
  const stopping = useMutation({ mutationFn: () => stopVerifying(slug, plane), onSettled: () => queries.invalidateQueries({ queryKey: ledgerStatusQuery(slug).queryKey }) });
  const isBusy = verifying.isPending || check.state !== "idle";
  return (
    <div className="flex flex-wrap items-start gap-2 sm:justify-end">
      {check.state !== "idle" && (
        <Button size="small" variant="quiet" busy={stopping.isPending} title="Ends a check that somebody asked for; the gateway's own go on" onClick={() => stopping.mutate()}>
          Stop
        </Button>
      )}
      <Button size="small" icon={<ShieldCheck className="size-3.5" aria-hidden="true" />} busy={isBusy} onClick={() => verifying.mutate()}>
        {isBusy ? "Verifying" : "Verify now"}
      </Button>
      {(verifying.error ?? stopping.error) && <ErrorNote error={verifying.error ?? stopping.error} />}
    </div>
  );
}

function Going({ check }: { check: Check }) {
  if (check.state === "idle") {
    return null;
  }
  const done = progressOf(check);
  return (
    <div className="flex flex-col gap-1">
      <div role="progressbar" aria-label="How far the check is" aria-valuemin={0} aria-valuemax={100} aria-valuenow={done === undefined ? undefined : Math.round(done * 100)} className="h-1.5 overflow-hidden rounded-full bg-subtle">
        <div className="h-full rounded-full bg-brand transition-[width]" style={{ width: `${(done ?? 0) * 100}%` }} />
      </div>
      <p className="text-xs text-ink-faint">
        {done === undefined ? "The check is about to begin; it gives way to everything else." : `${percent(done)}: ${bytes(check.bytes_read ?? 0)} of ${bytes(check.bytes_total ?? 0)} read`}
        {check.started_at && (
          <>
            , begun <RelativeTime at={check.started_at} />
          </>
        )}
        . You can leave the page; nothing waits for it.
      </p>
    </div>
  );
}

function LastCheck({ check }: { check: Check }) {
  const last = check.last;
  if (last === undefined) {
    return (
      <p className="text-xs text-ink-faint">
        {check.next_at ? (
          <>
            The gateway reads its whole ledger by itself; next <RelativeTime at={check.next_at} />
          </>
        ) : (
          "The gateway reads its whole ledger when somebody asks for it."
        )}
      </p>
    );
  }
  const took = (Date.parse(last.ended_at) - Date.parse(last.started_at)) * 1_000;
  return (
    <div className="flex flex-col gap-1.5">
      <p className="text-xs text-ink-faint">
        Checked <RelativeTime at={last.ended_at} />: {count(last.records, "record")} in {duration(took)}
        {check.next_at && <>; next <RelativeTime at={check.next_at} /></>}
      </p>
      {last.findings.length === 0 && <p className="text-[13px] text-ink-soft">{last.summary}</p>}
      <Found label="What was found" texts={last.findings} look="bg-subtle px-3 py-2 text-[13px] font-medium text-ink" />
      {last.remarks.length > 0 && <h4 className="text-xs font-medium text-ink-faint">Good to know</h4>}
      <Found label="Good to know" texts={last.remarks} look="text-xs text-ink-soft" />
    </div>
  );
}

function Found({ label, texts, look }: { label: string; texts: readonly string[]; look: string }) {
  return texts.length === 0 ? null : (
    <ul aria-label={label} className={classes("flex flex-col gap-1 rounded-md", look)}>
      {texts.map((text) => (
        <li key={text} className="break-words">
          {text}
        </li>
      ))}
    </ul>
  );
}
