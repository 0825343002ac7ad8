// Which listener has another mode for a while, who waits for an approval, and how is one asked for?

import { useQuery } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { environmentOf, type Listener } from "~/api/listeners";
import { askMode, dealWith, modeChangesQuery, type Deal, type ModeChange } from "~/api/mode-changes";
import { sessionQuery } from "~/api/session";
import { useMay, useWorkspace } from "~/parts/workspace";
import { Button } from "~/ui/button";
import { SelectField } from "~/ui/choice";
import { Confirm, Dialog } from "~/ui/dialog";
import { TextField } from "~/ui/field";
import { count, minuteOfDay } from "~/ui/format";
import { ErrorNote, Note } from "~/ui/states";
import { useNow } from "~/ui/time";
import { toast } from "~/ui/toast";

const MINUTES = ["5", "15", "30", "60", "240", "1440"] as const;

/** Whether the settings of a data plane let its mode be changed. */
export const permits = (listener: Listener): boolean => listener.planes.some((plane) => plane.is_present && plane.state?.mode_changes);

/** What is open for a listener; nothing where nothing is. */
export function ModeNote({ listener }: { listener: Listener }) {
  const { slug } = useWorkspace();
  const now = useNow();
  const mayApprove = useMay("approve_changes");
  const own = useQuery(sessionQuery).data?.person.id;
  const [change] = useQuery(modeChangesQuery(slug, listener.name)).data ?? [];
  const [error, setError] = useState<unknown>();
  const [approving, setApproving] = useState<ModeChange>();
  if (change === undefined || (change.standing !== "asked" && change.standing !== "running")) {
    return null;
  }
  const isOwn = change.asked_by.id === own;
  const name = (person: ModeChange["asked_by"]) => person.name ?? "somebody";
  const deal = (how: Deal) => dealWith(slug, listener.name, change, how).then(() => setError(undefined), setError);
  const left = change.until && Math.max(1, Math.ceil((Date.parse(change.until) - now) / 60_000));
  return (
    <section aria-label={`Mode of ${listener.name}`}>
      <Note tone={change.mode === "observe" ? "danger" : "warn"}>
        <div className="flex flex-wrap items-center gap-2 text-ink">
          <p className="min-w-0 flex-1 basis-80">
            {change.until ? (
              <>
                <b>{listener.name}</b> is in mode <b>{change.mode}</b> until {minuteOfDay(change.until)}, {count(Number(left), "minute")} left. {change.decided_by && `Approved by ${name(change.decided_by)}. `}
              </>
            ) : (
              <>
                Mode <b>{change.mode}</b> is asked for <b>{listener.name}</b>, for {count(change.minutes, "minute")}. It lapses at {minuteOfDay(change.lapses_at)}.{" "}
              </>
            )}
            {name(change.asked_by)}: {change.reason}
          </p>
          {change.until && (isOwn || mayApprove) && (
            <Button size="small" onClick={() => void deal("end")}>
              End it now
            </Button>
          )}
          {!change.until && isOwn && (
            <Button size="small" onClick={() => void deal("withdraw")}>
              Withdraw
            </Button>
          )}
          {!change.until && !isOwn && mayApprove && (
            <>
              <Button size="small" onClick={() => void deal("deny")}>
                Deny
              </Button>
              <Button size="small" variant="primary" onClick={() => setApproving(change)}>
                Approve
              </Button>
            </>
          )}
        </div>
        {error !== undefined && <ErrorNote error={error} />}
      </Note>
      <Confirm
        open={approving !== undefined}
        onClose={() => setApproving(undefined)}
        title={`Approve mode ${change.mode} of ${listener.name}?`}
        consequence={change.mode === "observe" ? `What the rules refuse passes for ${count(change.minutes, "minute")}, and is recorded.` : `What the rules refuse does not pass for ${count(change.minutes, "minute")}.`}
        action="Approve"
        typed={environmentOf(listener) === "production" ? listener.name : undefined}
        onConfirm={() => dealWith(slug, listener.name, approving ?? change, "approve")}
      />
    </section>
  );
}

/** Asks for the mode that a listener does not have. */
export function ModeDialog({ listener, mode, onClose }: { listener: Listener; mode: ModeChange["mode"]; onClose: () => void }) {
  const { slug } = useWorkspace();
  const [minutes, setMinutes] = useState<(typeof MINUTES)[number]>("30");
  const [reason, setReason] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    try {
      const { standing } = await askMode(slug, listener.name, { mode, minutes: Number(minutes), reason });
      toast({ title: standing === "running" ? `${listener.name} goes to mode ${mode}` : "Somebody else has to approve", tone: "ok" });
      onClose();
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };
  return (
    <Dialog open onClose={onClose} title={`Mode ${mode} for ${listener.name}`} description={`It returns by itself. ${mode === "observe" ? "Somebody else has to approve." : "It begins at once if you may publish rules."}`}>
      <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-4">
        <SelectField label="For" value={minutes} onChange={setMinutes} choices={MINUTES.map((value) => ({ value, label: Number(value) < 60 ? `${value} minutes` : count(Number(value) / 60, "hour") }))} />
        <TextField label="Reason" required maxLength={500} value={reason} onChange={(event) => setReason(event.target.value)} help="Who approves reads it, and the ledger keeps it." data-begin />
        {error !== undefined && <ErrorNote error={error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" busy={busy} disabled={reason.trim() === ""}>
            Ask for it
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
