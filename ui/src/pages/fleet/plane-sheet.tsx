// What exactly is known of one data plane, and what is to be done about it?

import { Link } from "@tanstack/react-router";
import { Link2 } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import type { Drain, Fleet, FleetPlane, FleetListener } from "~/api/fleet";
import type { LedgerPlane } from "~/api/ledger";
import { forgetPlane } from "~/api/settings";
import { whenThere } from "~/api/reachability";
import { stateOf as ledgerStateOf } from "~/pages/audit/integrity-words";
import { DetailGroup, Details } from "~/parts/details";
import { EnvironmentPill, environmentName } from "~/parts/environment";
import { problemsOf } from "~/parts/plane-problems";
import { paths, withSearch } from "~/paths";
import { Badge, Status } from "~/ui/badge";
import { Button } from "~/ui/button";
import { copyText } from "~/ui/copy";
import { Confirm, Dialog } from "~/ui/dialog";
import { bytes, count, date, integer, moment } from "~/ui/format";
import { Note } from "~/ui/states";
import { RelativeTime, useNow } from "~/ui/time";
import { toast } from "~/ui/toast";
import { advice, EVENTS, expiryTone, stateOf } from "./words";

const DrainDialog = lazy(async () => ({ default: (await whenThere(() => import("./drain-dialog"))).DrainDialog }));
const UndrainDialog = lazy(async () => ({ default: (await whenThere(() => import("./drain-dialog"))).UndrainDialog }));

interface PlaneSheetProps {
  plane: FleetPlane;
  fleet: Fleet;
  slug: string | undefined;
  ledger: LedgerPlane | undefined;
  canForget: boolean;
  onClose: () => void;
}

export function PlaneSheet({ plane, fleet, slug, ledger, canForget, onClose }: PlaneSheetProps) {
  const [forgetting, setForgetting] = useState(false);
  const [draining, setDraining] = useState(false);
  const { label, tone, about } = stateOf(plane);
  const todo = advice(plane);
  return (
    <Dialog
      open
      side
      onClose={onClose}
      title={
        <span className="flex flex-wrap items-center gap-3">
          {plane.name} <Status tone={tone}>{label}</Status>
        </span>
      }
      description={about}
      actions={
        <>
          <Button size="small" icon={<Link2 className="size-3.5" aria-hidden="true" />} onClick={() => void copyText(location.href, "Link copied")}>
            Copy link
          </Button>
          {canForget && plane.is_listening && (
            <Button size="small" onClick={() => setDraining(true)}>
              {plane.drain ? "Bring back" : "Drain"}
            </Button>
          )}
          {canForget && plane.standing === "lost" && (
            <Button size="small" onClick={() => setForgetting(true)}>
              Forget
            </Button>
          )}
        </>
      }
    >
      <div className="flex flex-col gap-5">
        {plane.drain && <Drained drain={plane.drain} isAdmin={canForget} />}
        {todo.length > 0 && (
          <Note tone={plane.standing === "lost" || plane.rules === "refused" ? "danger" : "warn"}>
            <p className="font-medium">What to do</p>
            <ol className="mt-1 flex list-decimal flex-col gap-1 pl-5 text-ink">
              {todo.map((step) => (
                <li key={step}>{step}</li>
              ))}
            </ol>
          </Note>
        )}
        {problemsOf(plane).length > 0 && (
          <Note tone="danger">
            <p className="font-medium">It did not take what is published:</p>
            <ul className="list-disc pl-5 text-ink">
              {problemsOf(plane).map((problem) => (
                <li key={problem} className="break-words">{problem}</li>
              ))}
            </ul>
          </Note>
        )}
        <DetailGroup title="Data plane">
          <Details
            items={[
              { label: "Version", value: plane.version && `${plane.version}${plane.version === fleet.version ? "" : `, control plane ${fleet.version}`}` },
              { label: "Up since", value: plane.started_at && moment(plane.started_at) },
              { label: "Last heard", value: <RelativeTime at={plane.last_seen_at} /> },
              { label: "Last report", value: plane.reported_at && <RelativeTime at={plane.reported_at} />, help: "When it last told of what happened. One that has nothing to tell does not report." },
              { label: "Published rules", value: fleet.published === 0 ? "nothing is published" : `snapshot ${integer(plane.snapshot)} of ${integer(fleet.published)}` },
              { label: "Memory", value: plane.is_listening && plane.memory_bytes ? bytes(plane.memory_bytes) : undefined },
              { label: "Only counted", value: plane.untold > 0 && integer(plane.untold), help: "Sessions, refusals and events it could only count, since they were too many to tell." },
              { label: "First heard", value: moment(plane.first_seen_at) },
              { label: "Its id", value: plane.id, mono: true },
            ]}
          />
        </DetailGroup>
        {ledger && slug && (
          <DetailGroup title="Its ledger">
            <p className="flex flex-wrap items-center gap-3 text-[13px]">
              <Status tone={ledgerStateOf(ledger).tone}>{ledgerStateOf(ledger).word}</Status>
              <Link to={paths.audit(slug)} search={{ tab: "integrity" } as never} className="text-brand-text underline underline-offset-2">
                Integrity
              </Link>
            </p>
          </DetailGroup>
        )}
        <DetailGroup title={count(plane.listeners.length, "listener")}>
          <ul className="flex flex-col gap-3">
            {plane.listeners.map((one) => (
              <Listener key={`${one.workspace} ${one.name}`} listener={one} slug={slug} />
            ))}
          </ul>
        </DetailGroup>
        <DetailGroup title="What happened to it">
          {plane.events.length === 0 ? (
            <p className="text-[13px] text-ink-soft">Nothing is on record: it was linked before this was written down.</p>
          ) : (
            <ol className="flex flex-col gap-1.5 text-[13px]">
              {plane.events.map((event) => (
                <li key={`${event.at} ${event.event}`} className="flex flex-wrap gap-x-3">
                  <RelativeTime at={event.at} className="w-28 shrink-0 text-ink-faint" />
                  <span>
                    {EVENTS[event.event] ?? event.event}
                    {event.detail && <span className="text-ink-soft"> {event.detail}</span>}
                  </span>
                </li>
              ))}
            </ol>
          )}
        </DetailGroup>
      </div>
      {draining && (
        <Suspense>
          <DrainOrBack plane={plane} onClose={() => setDraining(false)} />
        </Suspense>
      )}
      <Confirm
        open={forgetting}
        onClose={() => setForgetting(false)}
        title={`Forget ${plane.name}`}
        consequence="Its listeners go from the workspaces they are shown in; their traffic stays. If it comes back it is heard of anew."
        action="Forget data plane"
        onConfirm={async () => {
          await forgetPlane(plane.id);
          toast({ title: `${plane.name} is forgotten.` });
          onClose();
        }}
      />
    </Dialog>
  );
}

/** What is left of a drain, and until when; who asked for it and why stands in the activity. */
function Drained({ drain, isAdmin }: { drain: Drain; isAdmin: boolean }) {
  const idle = drain.end_idle_after_seconds;
  return (
    <Note tone="warn">
      <p className="font-medium">
        {count(drain.sessions, "session")} left
      </p>
      <p className="text-ink">
        Asked <RelativeTime at={drain.since} />. Its ports {drain.phase === "accepting" ? "close" : "closed"} <RelativeTime at={drain.accepts_until} />
        {typeof idle === "number" && drain.phase !== "drained" && (
          <>
            ; sessions that are idle end <RelativeTime at={Date.parse(drain.accepts_until) + idle * 1_000} />
          </>
        )}
        .
      </p>
      {isAdmin && (
        <Link to={withSearch(paths.instance, { tab: "activity" })} className="text-brand-text underline underline-offset-2">
          Who asked, and why
        </Link>
      )}
    </Note>
  );
}

/** What is asked stays what it was asked as, whatever the data plane tells meanwhile. */
function DrainOrBack({ plane, onClose }: { plane: FleetPlane; onClose: () => void }) {
  const [isBack] = useState(plane.drain !== undefined);
  return isBack ? <UndrainDialog plane={plane} onClose={onClose} /> : <DrainDialog plane={plane} onClose={onClose} />;
}

function Listener({ listener, slug }: { listener: FleetListener; slug: string | undefined }) {
  const now = useNow();
  const up = listener.upstream_up;
  return (
    <li className="rounded-md border border-line p-3">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <span className="text-[13px] font-medium">{slug ? <Link to={paths.traffic(slug)} search={{ listener: listener.name } as never} className="hover:underline">{listener.name}</Link> : listener.name}</span>
        {listener.environment && <EnvironmentPill environment={environmentName(listener.environment)} />}
        {listener.mode && <Badge tone={listener.mode === "enforce" ? "brand" : "neutral"}>{listener.mode}</Badge>}
        {!listener.is_present && <Badge tone="warn">no longer there</Badge>}
        {listener.is_present && <Status tone={up === true ? "ok" : up === false ? "danger" : "neutral"}>{up === true ? "upstream up" : up === false ? "upstream down" : "upstream not looked at yet"}</Status>}
      </div>
      <p className="mt-1 text-xs text-ink-soft">
        {[listener.protocol, listener.listen, count(listener.sessions, "session"), slug === undefined && listener.workspace && `workspace ${listener.workspace}`].filter(Boolean).join(" · ")}
      </p>
      {listener.certificates.length > 0 && (
        <ul className="mt-2 flex flex-col gap-1 text-xs">
          {listener.certificates.map((one) => {
            const tone = expiryTone(one.expires_at, now);
            return (
              <li key={`${one.setting} ${one.expires_at}`} className="flex flex-wrap items-center gap-2">
                <code className="font-mono">{one.setting}</code>
                <span className="text-ink-soft">until {date(one.expires_at)}</span>
                {tone && <Badge tone={tone}>{Date.parse(one.expires_at) < now ? "expired" : "soon"}</Badge>}
              </li>
            );
          })}
        </ul>
      )}
      {slug && !listener.is_present && <Link to={withSearch(paths.connections(slug), {})} search={{ tab: "listeners" } as never} className="mt-2 inline-block text-xs text-brand-text underline underline-offset-2">All listeners</Link>}
    </li>
  );
}
