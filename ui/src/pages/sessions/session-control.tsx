// How is a statement given up or a session ended, and what is said before?

import { useQueryClient } from "@tanstack/react-query";
import { CircleStop, OctagonX } from "lucide-react";
import { useState } from "react";
import { cancelStatement, CONTROL_SESSIONS, liveSessionsQuery, terminateSession, type LiveSession } from "~/api/live-sessions";
import { environmentName, onEnvironment } from "~/parts/environment";
import { SqlLine } from "~/parts/sql-text";
import { useMay, useWorkspace } from "~/parts/workspace";
import { Button } from "~/ui/button";
import { Confirm } from "~/ui/dialog";
import { TextField } from "~/ui/field";
import { duration } from "~/ui/format";
import { Note } from "~/ui/states";
import { toast } from "~/ui/toast";
import { age } from "./live-rows";
import { afterCancel, afterTermination } from "./protocol-words";

type Deed = "cancel" | "terminate";

/** How people call a session, here and in the activity. */
export const sessionName = (session: LiveSession): string => `${session.caller.user}@${session.listener}`;

/** Buttons for one session; nothing for people who may not use them. */
export function SessionControl({ session, at }: { session: LiveSession; at: string }) {
  const [deed, setDeed] = useState<{ kind: Deed; session: LiveSession }>();
  const isAllowed = useMay(CONTROL_SESSIONS);
  if (!isAllowed) {
    return null;
  }
  const reason = session.current === undefined ? "There is no statement under way." : undefined;
  return (
    <>
      <span title={reason}>
        <Button icon={<CircleStop className="size-4" aria-hidden="true" />} disabled={reason !== undefined} onClick={() => setDeed({ kind: "cancel", session })}>
          Cancel statement
        </Button>
      </span>
      <Button variant="danger" icon={<OctagonX className="size-4" aria-hidden="true" />} onClick={() => setDeed({ kind: "terminate", session })}>
        Terminate session
      </Button>
      {deed && <ControlDialog deed={deed.kind} asked={deed.session} now={session} at={at} onClose={() => setDeed(undefined)} />}
    </>
  );
}

function ControlDialog({ deed, asked, now, at, onClose }: { deed: Deed; asked: LiveSession; now: LiveSession; at: string; onClose: () => void }) {
  const workspace = useWorkspace();
  const queries = useQueryClient();
  const [reason, setReason] = useState("");
  const environment = environmentName(asked.environment);
  const name = sessionName(asked);
  const hasMovedOn = !isSameStatement(now, asked);
  const run = async () => {
    const done = await (deed === "cancel" ? cancelStatement : terminateSession)(workspace.slug, asked.session, reason);
    toast({ title: deed === "cancel" ? `The statement of ${name} is cancelled` : `The session of ${name} is terminated`, detail: done.statement && <SqlLine text={done.statement.text.slice(0, 80)} />, tone: "ok" });
    void queries.invalidateQueries({ queryKey: liveSessionsQuery(workspace.slug).queryKey });
  };
  return (
    <Confirm
      open
      onClose={onClose}
      title={`${deed === "cancel" ? "Cancel the statement" : "Terminate the session"} of ${name}${onEnvironment(environment)}?`}
      consequence={deed === "cancel" ? <CancelConsequence session={asked} /> : <TerminateConsequence session={asked} at={at} />}
      action={`${deed === "cancel" ? "Cancel statement" : "Terminate session"}${onEnvironment(environment)}`}
      typed={environment === "production" ? name : undefined}
      onConfirm={run}
    >
      {asked.current && (
        <div className="overflow-hidden rounded-md bg-subtle px-3 py-2">
          <p className="mb-1 text-xs text-ink-faint">Its statement, under way for {duration(age(asked.current.started_at, at))}</p>
          <SqlLine text={asked.current.text} className="block truncate" />
        </div>
      )}
      {hasMovedOn && <Note tone="warn">{now.current ? "The session runs another statement by now: this is what it would hit." : "That statement has ended by now; the session runs nothing."}</Note>}
      {hasMovedOn && now.current && <SqlLine text={now.current.text} className="block truncate" />}
      <TextField label="Reason" optional help="Kept in the activity, beside your name." maxLength={500} value={reason} onChange={(event) => setReason(event.target.value)} />
    </Confirm>
  );
}

/** The same statement is told with a start that differs by what asking the data plane takes. */
const SAME_START_MS = 1_000;

function isSameStatement(one: LiveSession, other: LiveSession): boolean {
  if (one.current === undefined || other.current === undefined) {
    return one.current === other.current;
  }
  const apart = Math.abs(Date.parse(one.current.started_at) - Date.parse(other.current.started_at));
  return one.current.fingerprint === other.current.fingerprint && apart < SAME_START_MS;
}

function who(session: LiveSession): string {
  const { application, database } = session.caller;
  return `${application === "" ? "An application without a name" : application} at ${session.address}, database ${database === "" ? "unknown" : database}`;
}

function CancelConsequence({ session }: { session: LiveSession }) {
  return (
    <>
      {who(session)}: {afterCancel(session.protocol, session.transaction_started_at !== undefined)}
    </>
  );
}

function TerminateConsequence({ session, at }: { session: LiveSession; at: string }) {
  const open = age(session.transaction_started_at, at);
  return (
    <>
      {who(session)}: {afterTermination(session.protocol)}{" "}
      {open === undefined ? "No transaction is open." : `Its transaction, open for ${duration(open)}, is rolled back.`} Many applications connect again at once.
    </>
  );
}
