// What holds at the listeners whatever is written here: the rules of the settings file?

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Lock } from "lucide-react";
import { useState } from "react";
import { listenersQuery, type Listener } from "~/api/listeners";
import { packQuery, packsQuery } from "~/api/publications";
import { EnvironmentPill, environmentName } from "~/parts/environment";
import { useMay, useWorkspace } from "~/parts/workspace";
import { paths } from "~/paths";
import { Badge } from "~/ui/badge";
import { Card } from "~/ui/card";
import { Dialog } from "~/ui/dialog";
import { Failed, SkeletonRows } from "~/ui/states";

interface Floor {
  listener: string;
  /** Of the planes that have it; they differ only where their files do. */
  planes: { plane: string; environment: string; mode: string; fallback: string; policies: readonly string[]; isManaged: boolean }[];
}

const floorOf = (listener: Listener): Floor => ({
  listener: listener.name,
  planes: listener.planes.flatMap(({ plane_name: name, plane, state, is_present: isPresent }) =>
    state && isPresent ? [{ plane: name ?? plane, environment: state.environment, mode: state.floor_mode, fallback: state.default, policies: state.floor_policies, isManaged: state.managed }] : [],
  ),
});

/** Of the listeners that take the rule set; of all that could, while none does. */
export function FloorCard({ listeners }: { listeners: readonly string[] }) {
  const { slug } = useWorkspace();
  const mayTraffic = useMay("view_traffic");
  const known = useQuery({ ...listenersQuery(slug), enabled: mayTraffic });
  const packs = useQuery(packsQuery).data ?? [];
  const [pack, setPack] = useState<string>();
  const all = (known.data ?? []).map(floorOf).filter((one) => one.planes.length > 0);
  const taking = listeners.length > 0 ? all.filter((one) => listeners.includes(one.listener)) : all.filter((one) => one.planes.some((plane) => plane.isManaged));
  // What holds anyway is worth knowing also where nothing can be added to it yet.
  const shown = taking.length > 0 ? taking : all;
  return (
    <Card title="The file's floor" note="read-only" actions={<Lock className="size-3.5 text-ink-faint" aria-hidden="true" />}>
      <div className="flex flex-col gap-3 text-[13px] text-ink-soft">
        <p>
          The settings file of the gateway comes first. What it refuses stays refused, a listener that enforces by its file goes on enforcing, and its default stays: no rule set written here can weaken them. They are changed in the file, by whoever has the machine.
        </p>
        {!mayTraffic ? (
          <p>What it says for each listener needs the capability view_traffic.</p>
        ) : known.data === undefined ? (
          known.error ? <Failed error={known.error} onRetry={() => void known.refetch()} /> : <SkeletonRows rows={2} />
        ) : (
          <>
            {taking.length === 0 && (
              <p>
                No listener takes rule sets yet. One whose settings say <code className="font-mono text-xs">managed = true</code> can be given this one under{" "}
                <Link to={paths.connections(slug)} className="underline underline-offset-2">
                  Connections
                </Link>
                .
              </p>
            )}
            {shown.length > 0 && (
              <ul aria-label="Floors" className="flex flex-col divide-y divide-line">
                {shown.flatMap((one) =>
                  one.planes.map((plane) => (
                    <li key={`${one.listener} ${plane.plane}`} className="flex flex-wrap items-center gap-x-2 gap-y-1 py-2 first:pt-0 last:pb-0">
                      <span className="font-medium text-ink">{one.listener}</span>
                      <EnvironmentPill environment={environmentName(plane.environment)} />
                      <span className="text-xs">at {plane.plane}:</span>
                      <Badge tone={plane.mode === "enforce" ? "ok" : "neutral"}>{plane.mode === "enforce" ? "enforces" : "observes"}</Badge>
                      <span className="text-xs">
                        where no rule speaks, it {plane.fallback === "refuse" ? "refuses" : "allows"}
                        {plane.policies.length === 0 ? "; no rules of its own" : "; rules:"}
                      </span>
                      {plane.policies.map((name) =>
                        packs.includes(name) ? (
                          <button key={name} type="button" onClick={() => setPack(name)} className="font-mono text-xs text-ink underline decoration-dotted underline-offset-2" title="See what the pack says">
                            {name}
                          </button>
                        ) : (
                          <span key={name} className="font-mono text-xs text-ink" title="A file on the machine; its text is known there only">
                            {name} <span className="font-sans text-ink-soft">(file)</span>
                          </span>
                        ),
                      )}
                    </li>
                  )),
                )}
              </ul>
            )}
          </>
        )}
      </div>
      {pack !== undefined && <PackDialog pack={pack} onClose={() => setPack(undefined)} />}
    </Card>
  );
}

/** What a pack says, word for word. */
export function PackDialog({ pack, onClose }: { pack: string; onClose: () => void }) {
  const { data, error, refetch } = useQuery(packQuery(pack));
  return (
    <Dialog open onClose={onClose} title={`Pack ${pack}`} description="It comes with Dragoman and cannot be changed. A rule set can include it, and add to it." wide>
      {data ? (
        <pre tabIndex={0} role="region" aria-label={`Text of ${pack}`} className="scroll-thin overflow-auto rounded-md bg-subtle p-3 font-mono text-xs leading-5 whitespace-pre-wrap text-ink">
          {data.text}
        </pre>
      ) : error ? (
        <Failed error={error} onRetry={() => void refetch()} />
      ) : (
        <SkeletonRows />
      )}
    </Dialog>
  );
}
