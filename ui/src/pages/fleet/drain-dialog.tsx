// How is a data plane taken out, and brought back?

import { useState } from "react";
import { drainPlane, undrainPlane, type FleetPlane } from "~/api/fleet";
import { Confirm } from "~/ui/dialog";
import { TextField } from "~/ui/field";
import { toast } from "~/ui/toast";

interface DrainDialogProps {
  plane: FleetPlane;
  onClose: () => void;
}

const SECONDS = { min: 0, step: 1, inputMode: "numeric", type: "number" } as const;

/** Says what will happen, and asks why. */
export function DrainDialog({ plane, onClose }: DrainDialogProps) {
  const [reason, setReason] = useState("");
  const [accept, setAccept] = useState("15");
  const [idle, setIdle] = useState("");
  return (
    <Confirm
      open
      onClose={onClose}
      title={`Drain ${plane.name}?`}
      consequence="Its /readyz says at once that it is not ready, so that balancers take it out. After the seconds below it closes its ports. Open sessions go on. When it is restarted, whoever does it, it takes sessions again."
      action="Drain data plane"
      onConfirm={async () => {
        await drainPlane(plane.id, { reason, accept_seconds: Number(accept), ...(idle === "" ? {} : { end_idle_after_seconds: Number(idle) }) });
        toast({ title: `${plane.name} is being drained`, tone: "ok" });
      }}
    >
      <TextField label="Why" required maxLength={500} value={reason} onChange={(event) => setReason(event.target.value)} autoComplete="off" data-begin />
      <TextField label="Goes on accepting, in seconds" help="As long as your balancer takes to notice." required max={3600} {...SECONDS} value={accept} onChange={(event) => setAccept(event.target.value)} />
      <TextField label="Then ends idle sessions, after seconds" optional help="Left empty, they stay. Those in a transaction end after it." max={86400} {...SECONDS} value={idle} onChange={(event) => setIdle(event.target.value)} />
    </Confirm>
  );
}

/** The same of bringing it back. */
export function UndrainDialog({ plane, onClose }: DrainDialogProps) {
  const [reason, setReason] = useState("");
  return (
    <Confirm
      open
      onClose={onClose}
      danger={false}
      title={`Bring ${plane.name} back?`}
      consequence="It opens its ports, and its /readyz says that it is ready. Sessions that are left go on."
      action="Bring back"
      onConfirm={async () => {
        await undrainPlane(plane.id, reason);
        toast({ title: `${plane.name} takes sessions again`, tone: "ok" });
      }}
    >
      <TextField label="Why" required maxLength={500} value={reason} onChange={(event) => setReason(event.target.value)} autoComplete="off" data-begin />
    </Confirm>
  );
}
