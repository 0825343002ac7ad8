// Who blocks whom, and who holds up all others?

import { CircleHelp, ShieldCheck } from "lucide-react";
import type { ReactNode } from "react";
import type { LiveSession } from "~/api/live-sessions";
import { usePageSearch } from "~/parts/search";
import { SqlLine } from "~/parts/sql-text";
import { Badge } from "~/ui/badge";
import { Button } from "~/ui/button";
import { Card } from "~/ui/card";
import { copyText } from "~/ui/copy";
import { count, duration, integer } from "~/ui/format";
import { FirstTime, Note, SkeletonRows } from "~/ui/states";
import type { Blocking, Knot, Unknown } from "./blocking";
import { age } from "./live-rows";
import { TransactionAge } from "./live-columns";
import { endAtServer } from "./protocol-words";
import { sessionName } from "./session-control";
import { StateBadge } from "./state-badge";

export function BlockingTab({ blocking, at, protocolOf }: { blocking: Blocking | undefined; at: string; protocolOf: (listener: string) => string }) {
  if (blocking === undefined) {
    return <SkeletonRows />;
  }
  const { roots, unknown } = blocking;
  return (
    <div className="flex flex-col gap-4">
      {unknown.map((one) => (
        <UnknownNote key={`${one.listener} ${one.reason}`} unknown={one} protocol={protocolOf(one.listener)} />
      ))}
      {roots.length === 0 && <Card>{unknown.length > 0 ? <NotKnown /> : <Nobody />}</Card>}
      {roots.map((root) => (
        <Card key={root.key} title={<RootTitle root={root} at={at} />}>
          <KnotLine knot={root} at={at} protocolOf={protocolOf} />
          <Below knots={root.blocked} at={at} protocolOf={protocolOf} />
        </Card>
      ))}
    </div>
  );
}

function Nobody() {
  return (
    <FirstTime icon={<ShieldCheck className="size-5" />} title="Nobody is seen waiting for anybody">
      When a session waits for a lock, it stands here below the one that holds it, with how many wait and for how long. The one at the top is the one to look at.
    </FirstTime>
  );
}

/** No all-clear: somebody may well wait among those that are not known. */
function NotKnown() {
  return (
    <FirstTime icon={<CircleHelp className="size-5" />} title="It is not known who waits for whom">
      Among the sessions that are known nobody waits; of those named above it is not known, so a lock may be held there without being seen here.
    </FirstTime>
  );
}

function UnknownNote({ unknown, protocol }: { unknown: Unknown; protocol: string }) {
  return (
    <Note tone="warn">
      <p>
        Who waits for whom is not known of {count(unknown.sessions, "session")} of the listener <b>{unknown.listener}</b>: {unknown.reason}.
      </p>
      {protocol !== "mysql" && (
        <p className="mt-1">
          A listener asks its server with the role of its probe: name one under <code className="font-mono text-xs">[listener.probe]</code> in the settings file and give it <code className="font-mono text-xs">pg_read_all_stats</code> in PostgreSQL.
        </p>
      )}
    </Note>
  );
}

function RootTitle({ root, at }: { root: Knot; at: string }) {
  return (
    <span className="flex flex-wrap items-center gap-2">
      <Badge tone="danger">blocks {count(root.waiting, "session")}</Badge>
      {root.waitingSince && <span className="text-xs font-normal text-ink-soft">the oldest statement that waits has been under way for {duration(age(root.waitingSince, at))}</span>}
      {root.isInCycle && <Badge tone="warn">waits in a circle: the server breaks it</Badge>}
    </span>
  );
}

interface BelowProps {
  knots: readonly Knot[];
  at: string;
  protocolOf: (listener: string) => string;
}

function Below({ knots, at, protocolOf }: BelowProps) {
  if (knots.length === 0) {
    return null;
  }
  return (
    <ul className="mt-3 flex flex-col gap-3 border-l-2 border-line pl-4 max-sm:pl-2">
      {knots.map((knot) => (
        <li key={knot.key} className="min-w-0">
          <KnotLine knot={knot} at={at} protocolOf={protocolOf} />
          <Below knots={knot.blocked} at={at} protocolOf={protocolOf} />
        </li>
      ))}
    </ul>
  );
}

function KnotLine({ knot, at, protocolOf }: { knot: Knot; at: string; protocolOf: (listener: string) => string }) {
  if (knot.session) {
    return <SessionLine session={knot.session} at={at} extra={<Waits knot={knot} />} />;
  }
  return knot.outside ? <Outside blocker={knot.outside} protocol={protocolOf(knot.outside.listener)} /> : null;
}

function Waits({ knot }: { knot: Knot }) {
  return (
    <>
      {knot.blocked.length > 0 && <span className="text-xs text-ink-faint">{integer(knot.waiting)} wait below</span>}
      {knot.alsoWaitsFor > 0 && !knot.isInCycle && <span className="text-xs text-ink-faint">waits for {integer(knot.alsoWaitsFor)} more</span>}
    </>
  );
}

function SessionLine({ session, at, extra }: { session: LiveSession; at: string; extra: ReactNode }) {
  const [, set] = usePageSearch();
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <div className="flex flex-wrap items-center gap-2 text-[13px]">
        <button type="button" className="font-medium text-brand-text underline-offset-2 hover:underline" onClick={() => set({ session: session.session })}>
          <bdi>{sessionName(session)}</bdi>
        </button>
        <span className="text-ink-soft">
          <bdi>{session.caller.application || "no application"}</bdi> · {session.address}
        </span>
        <StateBadge state={session.state} />
        {session.transaction_started_at && (
          <span className="text-xs text-ink-faint">
            transaction <TransactionAge since={session.transaction_started_at} at={at} />
          </span>
        )}
        {session.current && <span className="text-xs text-ink-faint tabular-nums">statement {duration(age(session.current.started_at, at))}</span>}
        {extra}
      </div>
      {session.current ? <SqlLine text={session.current.text} className="block truncate" /> : <span className="text-xs text-ink-faint">Nothing is under way: it holds its locks until its transaction ends.</span>}
    </div>
  );
}

/** What ends it must be done at the server, with the right to do so there. */
function Outside({ blocker, protocol }: { blocker: NonNullable<Knot["outside"]>; protocol: string }) {
  if (blocker.is_prepared_transaction) {
    const look = "SELECT gid, prepared, owner, database FROM pg_prepared_xacts ORDER BY prepared;";
    return (
      <OutsideLine title="A prepared transaction" command={look}>
        It belongs to no session: whoever prepared it has to COMMIT PREPARED or ROLLBACK PREPARED it. This lists them:
      </OutsideLine>
    );
  }
  const command = endAtServer(protocol, blocker.process);
  const who = [blocker.user, blocker.database, blocker.application].filter(Boolean).join(", ");
  return (
    <OutsideLine title={`Process ${blocker.process}${who === "" ? "" : `: ${who}`}`} command={command}>
      It did not come through this workspace’s listener {blocker.listener}, so it cannot be ended from here. At the server this ends it:
    </OutsideLine>
  );
}

function OutsideLine({ title, command, children }: { title: string; command: string; children: ReactNode }) {
  return (
    <div className="flex flex-col gap-1 text-[13px]">
      <div className="flex flex-wrap items-center gap-2">
        <span className="font-medium">
          <bdi>{title}</bdi>
        </span>
        <Badge tone="info">outside of the gateway</Badge>
      </div>
      <p className="text-ink-soft">{children}</p>
      <div className="flex min-w-0 items-center gap-2">
        <SqlLine text={command} className="truncate" />
        <Button size="small" variant="quiet" onClick={() => void copyText(command, "Command copied")}>
          Copy
        </Button>
      </div>
    </div>
  );
}
