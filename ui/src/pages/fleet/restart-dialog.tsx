// How are data planes restarted one after the other, and how far is that?

import { useQuery } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { cancelRestart, planeRestartsQuery, restartPlanes, wholeFleetQuery, type FleetPlane, type PlaneRestart } from "~/api/fleet";
import { Status } from "~/ui/badge";
import { Button } from "~/ui/button";
import { Checkbox } from "~/ui/choice";
import { Dialog } from "~/ui/dialog";
import { TextField } from "~/ui/field";
import { count } from "~/ui/format";
import { ErrorNote, Note } from "~/ui/states";
import { RelativeTime } from "~/ui/time";
import { RESTARTS, STEPS, versions } from "./words";

export function RestartDialog({ onClose }: { onClose: () => void }) {
  const restarts = useQuery(planeRestartsQuery);
  const fleet = useQuery(wholeFleetQuery);
  const [isAnother, setIsAnother] = useState(false);
  const latest = restarts.data?.[0];
  const isShown = latest !== undefined && !(isAnother && latest.standing !== "running");
  const error = restarts.error ?? fleet.error;
  return (
    <Dialog open wide onClose={onClose} title="Rolling restart" description="One data plane after the other hands over to a new process of its own program. Nobody is refused, and open sessions stay where they are.">
      {error ? (
        <ErrorNote error={error} />
      ) : isShown ? (
        <Progress restart={latest} onAnother={() => setIsAnother(true)} />
      ) : restarts.data && fleet.data ? (
        <Ask planes={fleet.data.items} onBegun={() => setIsAnother(false)} />
      ) : (
        <p role="status" className="text-[13px] text-ink-soft">Looking which data planes there are…</p>
      )}
    </Dialog>
  );
}

/** Which, and why; those that cannot be restarted from here are named with the reason. */
function Ask({ planes, onBegun }: { planes: readonly FleetPlane[]; onBegun: () => void }) {
  const able = planes.filter((one) => one.cannot_restart === undefined);
  const unable = planes.filter((one) => one.cannot_restart !== undefined);
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const [reason, setReason] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const chosen = able.filter((one) => !left.has(one.id));
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    try {
      await restartPlanes(reason, chosen.map((one) => one.id));
      onBegun();
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-4">
      {able.length === 0 ? (
        <Note tone="warn">No data plane can be restarted from here.</Note>
      ) : (
        <fieldset className="flex flex-col gap-1.5">
          <legend className="mb-1.5 text-[13px] font-medium">Data planes</legend>
          {able.map((one) => (
            <Checkbox key={one.id} label={`${one.name}, ${one.version}`} note={one.id} checked={!left.has(one.id)} onChange={(checked) => setLeft(new Set(checked ? [...left].filter((id) => id !== one.id) : [...left, one.id]))} />
          ))}
        </fieldset>
      )}
      {unable.length > 0 && (
        <section aria-label="Left out" className="text-[13px]">
          <p className="font-medium">Left out</p>
          <ul className="list-disc pl-5 text-ink-soft">
            {unable.map((one) => (
              <li key={one.id}>
                {one.name} <code className="font-mono text-2xs text-ink-faint">{one.id}</code>: {one.cannot_restart}
              </li>
            ))}
          </ul>
        </section>
      )}
      {able.length > 0 && <TextField label="Why" required maxLength={500} value={reason} onChange={(event) => setReason(event.target.value)} autoComplete="off" data-begin autoFocus />}
      {error !== undefined && <ErrorNote error={error} />}
      <div className="flex justify-end">
        <Button type="submit" variant="primary" busy={busy} disabled={chosen.length === 0}>
          Restart {count(chosen.length, "data plane")}
        </Button>
      </div>
    </form>
  );
}

function Progress({ restart, onAnother }: { restart: PlaneRestart; onAnother: () => void }) {
  const [error, setError] = useState<unknown>();
  const { label, tone } = RESTARTS[restart.standing];
  const isCancelled = restart.cancelled_by !== undefined;
  return (
    <div className="flex flex-col gap-4">
      <p role="status" className="flex flex-wrap items-center gap-3 text-[13px]">
        <Status tone={tone}>{restart.standing === "running" && isCancelled ? "ends after this one" : label}</Status>
        <span className="text-ink-soft">
          {restart.asked_by.name ?? "Somebody"}, <RelativeTime at={restart.asked_at} />: {restart.reason}
        </span>
      </p>
      <ol aria-label="Data planes" className="flex flex-col gap-2 text-[13px]">
        {restart.steps.map((step) => (
          <li key={step.plane} className="rounded-md border border-line p-3">
            <span className="flex flex-wrap items-center gap-3">
              <span className="font-medium">{step.name}</span>
              <Status tone={STEPS[step.standing].tone}>{STEPS[step.standing].label}</Status>
              <span className="text-ink-soft tabular-nums">{versions(step)}</span>
              <code className="font-mono text-2xs text-ink-faint">{step.plane}</code>
            </span>
            {step.why && <p className="mt-1 text-xs break-words text-ink-soft">{step.why}</p>}
          </li>
        ))}
      </ol>
      {error !== undefined && <ErrorNote error={error} />}
      <div className="flex justify-end gap-2">
        {restart.standing === "running" ? (
          <Button disabled={isCancelled} onClick={() => void cancelRestart(restart.id).then(() => setError(undefined), setError)}>
            Cancel the rest
          </Button>
        ) : (
          <Button onClick={onAnother}>Another restart</Button>
        )}
      </div>
    </div>
  );
}
