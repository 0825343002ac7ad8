// What does one record say, field by field?

import { Link } from "@tanstack/react-router";
import { Braces, Fingerprint, ListTree } from "lucide-react";
import { useState } from "react";
import type { Effects, LedgerLine, LedgerRecord } from "~/api/ledger";
import { DetailGroup, Details, type Detail } from "~/parts/details";
import { FormattedSql } from "~/parts/formatted-sql";
import { refuser } from "~/parts/no-rule";
import { ClassBadge, Verdict } from "~/parts/verdict";
import { environmentName, EnvironmentPill } from "~/parts/environment";
import { useWorkspace } from "~/parts/workspace";
import { paths } from "~/paths";
import { Button } from "~/ui/button";
import { copyText } from "~/ui/copy";
import { bytes, integer, moment } from "~/ui/format";
import { Note } from "~/ui/states";
import { Outcome } from "./columns";
import { eventWord } from "./events";
import { RuleNamed, RuleReason } from "./rule-named";
import { TimingBars } from "./timing-bars";

export function RecordDetail({ kept }: { kept: LedgerRecord }) {
  const line = kept.record;
  return (
    <div className="flex flex-col gap-5">
      {line.event === "statement.intent" && <Note>A statement was about to be forwarded. Its outcome is a record of its own, in the same session and exchange.</Note>}
      {line.text !== undefined && <Statement line={line} />}
      <Values line={line} />
      {line.note !== undefined && (
        <DetailGroup title="What the gateway notes">
          <p className="text-[13px] break-words text-ink">{line.note}</p>
        </DetailGroup>
      )}
      {line.verdict !== undefined && <Decision line={line} />}
      {line.timing_us !== undefined && (
        <DetailGroup title="Where its time went">
          <TimingBars timing={line.timing_us} />
        </DetailGroup>
      )}
      <Ending line={line} />
      {line.principal !== undefined && <Who line={line} />}
      <Place kept={kept} />
      <Raw line={line} />
    </div>
  );
}

function Statement({ line }: { line: LedgerLine }) {
  const workspace = useWorkspace();
  return (
    <DetailGroup
      title="Statement"
      actions={
        line.fingerprint && (
          <Button asChild size="small" variant="quiet">
            <Link to={paths.query(workspace.slug, line.fingerprint)}>
              <Fingerprint className="size-3.5" aria-hidden="true" /> {line.fingerprint}
            </Link>
          </Button>
        )
      }
    >
      <FormattedSql text={line.text ?? ""} protocol={line.text?.includes("`") ? "mysql" : "postgres"} />
      <Details
        items={[
          { label: "Class", value: line.class && <ClassBadge word={line.class} /> },
          { label: "Came as", value: line.kind },
          { label: "Tables it names", value: line.tables?.join(", "), mono: true },
          ...effectDetails(line.effects),
        ]}
      />
      {line.source?.text !== undefined && (
        <>
          <p className="text-xs text-ink-faint">What the name in it stands for</p>
          <FormattedSql text={line.source.text} />
        </>
      )}
    </DetailGroup>
  );
}

const WITHHELD: Record<string, string> = { secret: "it may hold a secret", cut: "only a part: the rest was too long", unseen: "not all of it was seen", no_key: "there was no key to seal with", erased: "the day had been erased" };

/** What a rule had kept of its values: here only that there are some. They open with the keys, which no browser has. */
function Values({ line }: { line: LedgerLine }) {
  if (line.sealed === undefined && line.hashes === undefined && line.withheld === undefined) {
    return null;
  }
  const command = `dragoman ledger reveal --directory LEDGER --id ${line.id}`;
  return (
    <DetailGroup
      title="Values"
      actions={
        line.sealed && (
          <Button size="small" variant="quiet" onClick={() => void copyText(command, "Command copied")}>
            Copy the command
          </Button>
        )
      }
    >
      <Details
        items={[
          { label: "Sealed", value: line.sealed && `with the key of ${line.sealed.day}` },
          { label: "Parameters with a hash", value: line.hashes && integer(line.hashes.length) },
          { label: "Not kept", value: line.withheld && (WITHHELD[line.withheld] ?? line.withheld) },
        ].filter((one) => Boolean(one.value))}
      />
      {line.sealed && (
        <p className="text-[13px] text-ink-soft">
          Whoever has the keys opens them: <code className="font-mono text-xs break-all">{command}</code>
        </p>
      )}
    </DetailGroup>
  );
}

function effectDetails(effects: Effects | undefined): Detail[] {
  if (effects === undefined) {
    return [];
  }
  const changes = effects.relations?.map((one) => `${one.name}: ${one.access.join(", ")}`).join("; ");
  return [
    { label: "Verb", value: effects.verb },
    { label: "Changes", value: changes, mono: true },
    { label: "Functions that do more than read", value: effects.functions?.join(", "), mono: true },
    { label: "Marks", value: effects.marks?.join(", ").replaceAll("_", " ") },
    { label: "Not judged since", value: effects.unjudged?.replaceAll("_", " ") },
  ].filter((one) => Boolean(one.value));
}

function Decision({ line }: { line: LedgerLine }) {
  const ranAnyway = line.event === "statement.outcome" && (line.verdict === "refuse" || line.verdict === "hold");
  return (
    <DetailGroup title="Decision">
      {ranAnyway && <Note tone="warn">The listener only observes: the statement ran, and would not have, had it enforced.</Note>}
      {line.rule && (line.verdict === "refuse" || line.verdict === "hold") && <RuleReason rule={line.rule} />}
      <Details
        items={[
          { label: "Verdict", value: line.verdict && <Verdict word={line.verdict} /> },
          { label: "Rule that decided", value: line.rule ? <RuleNamed rule={line.rule} /> : `none: ${refuser(line.event === "statement.refused" ? line.sqlstate : undefined)}` },
          { label: "Policy epoch", value: line.policy_epoch === undefined ? undefined : integer(line.policy_epoch), help: "The number of the rules in force" },
          ...(line.would ? [{ label: "A rule on trial would have said", value: `${line.would.verdict ?? "–"}, ${line.would.rule ?? ""}` }] : []),
        ]}
      />
    </DetailGroup>
  );
}

function Ending({ line }: { line: LedgerLine }) {
  return (
    <DetailGroup title="Outcome">
      <Details
        items={[
          { label: "Event", value: eventWord(line.event) },
          { label: "Outcome", value: <Outcome line={line} /> },
          { label: "Rows", value: line.rows === undefined ? undefined : integer(line.rows) },
          { label: "SQLSTATE", value: line.sqlstate, mono: true },
          { label: "Kind of answer", value: line.message_class?.replaceAll("_", " ") },
          { label: "Request and answer", value: line.bytes_in === undefined && line.bytes_out === undefined ? undefined : `${bytes(line.bytes_in ?? 0)}, ${line.bytes_out === undefined ? "–" : bytes(line.bytes_out)}` },
          ...(line.lost === undefined ? [] : [{ label: "Records missing", value: integer(line.lost) }]),
        ]}
      />
    </DetailGroup>
  );
}

function Who({ line }: { line: LedgerLine }) {
  const principal = line.principal ?? {};
  const certificate: Detail[] = principal.certificate
    ? [
        { label: "Certificate", value: principal.certificate.names?.join(", ") || "names nobody" },
        { label: "Its SHA-256", value: principal.certificate.sha256, mono: true },
      ]
    : [];
  const claims: Detail[] = [
    { label: "On behalf of, as the client claims", value: principal.on_behalf_of },
    { label: "Trace, as the client claims", value: principal.trace_id, mono: true },
  ].filter((one) => one.value !== undefined);
  return (
    <DetailGroup title="Who">
      <Details
        items={[
          { label: "User", value: principal.user },
          { label: "Database", value: principal.database },
          { label: "Application", value: principal.application },
          { label: "Address", value: principal.address, mono: true },
          { label: "TLS", value: principal.tls },
          ...certificate,
          ...claims,
        ]}
      />
    </DetailGroup>
  );
}

function Place({ kept }: { kept: LedgerRecord }) {
  const workspace = useWorkspace();
  const line = kept.record;
  return (
    <DetailGroup
      title="Session and record"
      actions={
        line.session && (
          <Button asChild size="small" variant="quiet">
            <Link to={paths.audit(workspace.slug)} search={{ session: line.session, range: "7d" } as never}>
              <ListTree className="size-3.5" aria-hidden="true" /> All of this session
            </Link>
          </Button>
        )
      }
    >
      <Details
        items={[
          { label: "Time", value: `${moment(line.ts)} (${line.ts})` },
          {
            label: "Listener",
            value: line.listener && (
              <span className="inline-flex items-center gap-2">
                {line.listener} <EnvironmentPill environment={environmentName(line.environment)} />
              </span>
            ),
          },
          { label: "Session", value: line.session, mono: true },
          { label: "Exchange", value: line.exchange === undefined ? undefined : integer(line.exchange), help: "Numbers the requests of a session" },
          { label: "Transaction when it was asked", value: line.tx?.state },
          { label: "Record", value: line.id, mono: true },
          { label: "Data plane", value: kept.plane, mono: true },
          { label: "Writer and line", value: line.writer && `${line.writer}, ${line.seq ?? "–"}`, mono: true },
          { label: "Hash of the line before", value: line.prev, mono: true },
          { label: "Hash of this line", value: line.hash, mono: true },
        ]}
      />
    </DetailGroup>
  );
}

function Raw({ line }: { line: LedgerLine }) {
  const [shown, setShown] = useState(false);
  const text = JSON.stringify(line, null, 2);
  return (
    <DetailGroup
      title="The line itself"
      actions={
        <>
          <Button size="small" variant="quiet" onClick={() => void copyText(text, "Record copied")}>
            Copy JSON
          </Button>
          <Button size="small" variant="quiet" aria-expanded={shown} icon={<Braces className="size-3.5" aria-hidden="true" />} onClick={() => setShown(!shown)}>
            {shown ? "Hide JSON" : "Show JSON"}
          </Button>
        </>
      }
    >
      {shown && (
        <pre dir="ltr" tabIndex={0} role="region" aria-label="The record as JSON" className="scroll-thin max-h-96 overflow-auto rounded-md bg-subtle p-3 font-mono text-xs leading-5 text-ink">
          {text}
        </pre>
      )}
    </DetailGroup>
  );
}
