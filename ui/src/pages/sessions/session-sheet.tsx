// What is known of one live session, and what can be done about it?

import { Link } from "@tanstack/react-router";
import { FileSearch, Fingerprint } from "lucide-react";
import type { LiveSession } from "~/api/live-sessions";
import { DetailGroup, Details } from "~/parts/details";
import { environmentName, EnvironmentPill } from "~/parts/environment";
import { FormattedSql } from "~/parts/formatted-sql";
import { usePageSearch } from "~/parts/search";
import { ClassBadge, Verdict } from "~/parts/verdict";
import { useMay, useWorkspace } from "~/parts/workspace";
import { paths } from "~/paths";
import { Button } from "~/ui/button";
import { Dialog } from "~/ui/dialog";
import { bytes, duration, integer } from "~/ui/format";
import { Note } from "~/ui/states";
import { RelativeTime } from "~/ui/time";
import { age, type LiveRow } from "./live-rows";
import { TransactionAge } from "./live-columns";
import { SessionControl, sessionName } from "./session-control";
import { StateBadge } from "./state-badge";

interface SheetProps {
  /** `undefined` when it lives no more. */
  row: LiveRow | undefined;
  id: string;
  at: string;
  sessions: readonly LiveSession[];
  onClose: () => void;
}

export function SessionSheet({ row, id, at, sessions, onClose }: SheetProps) {
  if (row === undefined) {
    return (
      <Dialog open side onClose={onClose} title="This session has ended" description="It is not among those that live now. What it did is on record." actions={<RecordsLink session={id} />}>
        <Details columns={1} items={[{ label: "Session", value: id, mono: true }]} />
      </Dialog>
    );
  }
  const { session, endedAt } = row;
  const seenAt = endedAt === undefined ? at : new Date(endedAt).toISOString();
  return (
    <Dialog open side onClose={onClose} title={<bdi>{sessionName(session)}</bdi>} description={<Summary row={row} />} actions={endedAt === undefined ? <SessionControl session={session} at={at} /> : undefined}>
      <div className="flex flex-col gap-5">
        {endedAt !== undefined && <Note>This session has ended. What is below is the last that was seen of it.</Note>}
        {(endedAt === undefined || session.current !== undefined) && <CurrentStatement session={session} at={seenAt} />}
        <Waits session={session} sessions={sessions} />
        <Facts session={session} at={seenAt} />
        <div className="flex flex-wrap gap-2">
          <RecordsLink session={session.session} />
        </div>
      </div>
    </Dialog>
  );
}

function Summary({ row }: { row: LiveRow }) {
  return (
    <span className="mt-1 flex flex-wrap items-center gap-2">
      <StateBadge state={row.session.state} ended={row.endedAt !== undefined} />
      <EnvironmentPill environment={environmentName(row.session.environment)} />
      <span className="text-xs text-ink-faint">
        began <RelativeTime at={row.session.started_at} />
      </span>
    </span>
  );
}

function RecordsLink({ session }: { session: string }) {
  const workspace = useWorkspace();
  const mayRead = useMay("view_ledger");
  if (!mayRead) {
    return null;
  }
  return (
    <Button asChild>
      <Link to={paths.audit(workspace.slug)} search={{ session, range: "7d" } as never}>
        <FileSearch className="size-4" aria-hidden="true" /> Records of this session
      </Link>
    </Button>
  );
}

function CurrentStatement({ session, at }: { session: LiveSession; at: string }) {
  const workspace = useWorkspace();
  const { current } = session;
  if (current === undefined) {
    return (
      <DetailGroup title="Statement">
        <p className="text-[13px] text-ink-soft">
          Nothing is under way. {session.state === "in_transaction" && "Its transaction is open all the same: what it has locked stays locked."}
          {session.state === "failed_transaction" && "Its transaction has failed and waits for the client to roll it back."}
        </p>
      </DetailGroup>
    );
  }
  return (
    <DetailGroup
      title="Statement under way"
      actions={
        <Button asChild size="small" variant="quiet">
          <Link to={paths.query(workspace.slug, current.fingerprint)}>
            <Fingerprint className="size-3.5" aria-hidden="true" /> {current.fingerprint}
          </Link>
        </Button>
      }
    >
      <FormattedSql text={current.text} protocol={session.protocol} isCut={current.is_text_cut} />
      <Details
        items={[
          { label: "Under way for", value: duration(age(current.started_at, at)) },
          { label: "Came as", value: current.kind },
          { label: "Class", value: <ClassBadge word={current.class} /> },
          { label: "Verdict", value: <Verdict word={current.verdict} /> },
          { label: "Rule", value: current.rule, mono: true },
        ]}
      />
    </DetailGroup>
  );
}

function Waits({ session, sessions }: { session: LiveSession; sessions: readonly LiveSession[] }) {
  const [, set] = usePageSearch();
  const blockers = session.blocked_by ?? [];
  const waitsFor = session.wait ? `${session.wait.kind}: ${session.wait.event}` : session.waits_at_gate ? "the gateway, which judges or records its next request" : undefined;
  return (
    <DetailGroup title="Waiting">
      <Details columns={1} items={[{ label: "Waits for", value: waitsFor }]} />
      {session.blocking === "unknown" && <Note tone="warn">Who blocks it is not known: {session.blocking_reason}.</Note>}
      {blockers.length > 0 && (
        <ul className="flex flex-col gap-1.5 text-[13px]">
          {blockers.map((blocker) => {
            const known = sessions.find((one) => one.session === blocker.session);
            return (
              <li key={blocker.session ?? blocker.process} className="flex flex-wrap items-center gap-2">
                <span className="text-ink-faint">Blocked by</span>
                {known ? (
                  <Button size="small" onClick={() => set({ session: known.session })}>
                    {sessionName(known)} · {known.caller.application || "no application"}
                  </Button>
                ) : (
                  <span>{blocker.is_prepared_transaction ? "a prepared transaction" : `process ${blocker.process}${blocker.user ? `, ${blocker.user}` : ""}${blocker.application ? `, ${blocker.application}` : ""}, outside of the gateway`}</span>
                )}
              </li>
            );
          })}
        </ul>
      )}
    </DetailGroup>
  );
}

function Facts({ session, at }: { session: LiveSession; at: string }) {
  return (
    <DetailGroup title="Session">
      <Details
        items={[
          { label: "User", value: session.caller.user },
          { label: "Principal", value: session.principal && `${session.principal.label} (${session.principal.kind})` },
          { label: "Database", value: session.caller.database },
          { label: "Application", value: session.caller.application },
          { label: "Address", value: session.address, mono: true },
          { label: "TLS", value: session.tls || "none" },
          { label: "Listener", value: session.listener },
          { label: "Data plane", value: session.plane_name },
          { label: "In this state", value: duration(age(session.state_since, at)) },
          { label: "Transaction open for", value: session.transaction_started_at && <TransactionAge since={session.transaction_started_at} at={at} /> },
          { label: "Statements", value: integer(session.statements) },
          { label: "From and to the client", value: `${bytes(session.bytes_in)}, ${bytes(session.bytes_out)}` },
          { label: "Process at the server", value: session.server_process === undefined ? undefined : String(session.server_process), mono: true },
          { label: "Session id", value: session.session, mono: true },
        ]}
      />
    </DetailGroup>
  );
}
