// Is what is seen live, held, or old? And how is it held?

import { Pause, Play } from "lucide-react";
import { useLiveState } from "~/api/live";
import { useReachability } from "~/api/reachability";
import { Button } from "~/ui/button";
import { useShortcuts } from "~/ui/shortcuts";
import { ago } from "~/ui/format";
import { useNow } from "~/ui/time";
import { useWorkspace } from "./workspace";

/** Pauses what moves by itself; `waiting` is how much has come since. */
export function LiveControl({ paused, onPause, waiting = 0, updatedAt }: { paused: boolean; onPause: (paused: boolean) => void; waiting?: number; updatedAt?: number }) {
  const workspace = useWorkspace();
  const state = useLiveState(workspace.slug);
  const reach = useReachability();
  const now = useNow();
  useShortcuts([{ keys: "p", label: paused ? "Go on" : "Pause live updates", run: () => onPause(!paused) }]);
  const word = reach.state === "away" ? "away" : paused ? "paused" : state === "live" ? "live" : state === "ended" ? "ended" : "connecting";
  const dot = { away: "bg-danger", paused: "bg-warn", live: "bg-ok", ended: "bg-danger", connecting: "bg-ink-faint" }[word];
  return (
    <span className="inline-flex items-center gap-2 text-xs text-ink-soft">
      <span role="status" className="inline-flex items-center gap-1.5">
        <span className={`size-2 rounded-full ${dot}`} aria-hidden="true" />
        {word}
        {word !== "live" && updatedAt !== undefined && <span className="text-ink-faint">from {ago(updatedAt, now)}</span>}
      </span>
      <Button size="small" onClick={() => onPause(!paused)} icon={paused ? <Play className="size-3" aria-hidden="true" /> : <Pause className="size-3" aria-hidden="true" />}>
        {paused ? (waiting > 0 ? `Show ${waiting} new` : "Go on") : "Pause"}
      </Button>
    </span>
  );
}
