// How does a database run a query? Asked for, never by itself; what will happen is said before.

import { useMutation, useQuery } from "@tanstack/react-query";
import { ListTree, Play, TriangleAlert } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import { connectionsQuery, type Connection } from "~/api/connections";
import { explainFingerprint, type Fingerprint, type FingerprintPlan } from "~/api/fingerprints";
import { fieldProblem, isProblem } from "~/api/problem";
import { EnvironmentPill, environmentName, onEnvironment } from "~/parts/environment";
import { PlanView } from "~/parts/plan/plan-view";
import { SqlBlock } from "~/parts/sql-text";
import { useMay, useWorkspace } from "~/parts/workspace";
import { Button } from "~/ui/button";
import { Card } from "~/ui/card";
import { SelectField } from "~/ui/choice";
import { TextField } from "~/ui/field";
import { useRemembered } from "~/ui/remembered";
import { ErrorNote, FirstTime, NotAllowed, Note, Skeleton } from "~/ui/states";
import { numbered, placeholdersOf } from "./placeholders";

const NONE: Record<string, string> = {};

/** The connections of the statement's kind; first the one that is chosen, else one that goes where it was seen. */
function useConnections(found: Fingerprint, protocol: string): { fitting: readonly Connection[] | undefined; first: Connection | undefined } {
  const { slug } = useWorkspace();
  const [chosen] = useRemembered<Record<string, string>>("connection", NONE);
  const all = useQuery(connectionsQuery(slug)).data;
  const fitting = all?.filter((one) => one.kind === protocol);
  return { fitting, first: fitting?.find((one) => one.id === chosen[slug]) ?? fitting?.find((one) => found.statement.listeners.some((seen) => seen.listener === one.via)) ?? fitting?.[0] };
}

export function PlanTab({ found, protocol }: { found: Fingerprint; protocol: string }) {
  const { slug } = useWorkspace();
  const mayRun = useMay("run_queries");
  const { fitting, first } = useConnections(found, protocol);
  const [picked, setPicked] = useState<string>();
  const [values, setValues] = useState<readonly string[]>([]);
  const connection = fitting?.find((one) => one.id === picked) ?? first;
  const { fingerprint, text } = found.statement;
  const [counted, setCounted] = useState<number>();
  const plan = useMutation({
    mutationFn: async (analyze: boolean) => {
      const ask = { connection: connection?.id ?? "", analyze };
      const given = values.some((value) => value !== "") ? { values: values.map((value) => (value === "" ? null : value)) } : {};
      try {
        const answer = await explainFingerprint(slug, fingerprint, { ...ask, ...given });
        setCounted(answer.placeholders);
        return answer;
      } catch (error) {
        if (isAboutValues(error)) {
          // How many there are is told with a plan for whatever they are; what is typed stays.
          const bare = await explainFingerprint(slug, fingerprint, { connection: ask.connection }).catch(() => undefined);
          setCounted((before) => bare?.placeholders ?? before);
        }
        throw error;
      }
    },
  });
  // The server counts; until it was asked, the text says as much as it can.
  const wanted = counted ?? (text ? placeholdersOf(text) : 0);
  useEffect(() => setValues((before) => Array.from({ length: wanted }, (_, index) => before[index] ?? "")), [wanted]);
  if (!mayRun) {
    return <NotAllowed what="plans" capability="run_queries" />;
  }
  if (fitting === undefined) {
    return <Skeleton className="h-48" />;
  }
  if (connection === undefined) {
    return (
      <Card>
        <FirstTime icon={<ListTree className="size-5" />} title="No connection to ask">
          A plan is asked of a database by way of a connection. Make one to the {protocol === "mysql" ? "MySQL or MariaDB" : "PostgreSQL"} server behind this listener.
        </FirstTime>
      </Card>
    );
  }
  return (
    <div className="flex min-w-0 flex-col gap-4">
      <Asking connections={fitting} connection={connection} onPick={setPicked} text={text ?? undefined} values={values} onValues={setValues} error={plan.error} busy={plan.isPending ? (plan.variables ? "analyze" : "plan") : undefined} onAsk={(analyze) => plan.mutate(analyze)} />
      {plan.error && !isAboutValues(plan.error) && <Refused error={plan.error} />}
      {plan.data && <Result answer={plan.data} />}
      {!plan.data && !plan.error && !plan.isPending && (
        <Card>
          <FirstTime icon={<ListTree className="size-5" />} title="No plan asked for yet">
            Explain shows how the database would run the statement: which tables it reads, by which indexes, and where the cost is.
          </FirstTime>
        </Card>
      )}
      {plan.isPending && !plan.data && <Skeleton className="h-64" />}
    </div>
  );
}

interface AskingProps {
  connections: readonly Connection[];
  connection: Connection;
  onPick: (id: string) => void;
  /** The statement as it is known, with its values left open. */
  text: string | undefined;
  values: readonly string[];
  onValues: (values: string[]) => void;
  error: unknown;
  busy: "plan" | "analyze" | undefined;
  onAsk: (analyze: boolean) => void;
}

function Asking({ connections, connection, onPick, text, values, onValues, error, busy, onAsk }: AskingProps) {
  const mayProduction = useMay("use_production");
  const environment = environmentName(connection.environment);
  const isBarred = environment === "production" && !mayProduction;
  const lacksValues = values.length > 0 && values.every((value) => value === "");
  const wrong = fieldProblem(error, "values");
  return (
    <Card title="Ask for the plan">
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          onAsk(false);
        }}
      >
        <div className="flex flex-wrap items-end gap-x-4 gap-y-3">
          <div className="w-72 max-w-full">
            <SelectField label="Connection" value={connection.id} onChange={onPick} choices={connections.map((one) => ({ value: one.id, label: one.name, note: `${one.database}${one.environment ? `, ${one.environment}` : ""}` }))} />
          </div>
          <span className="flex h-8 items-center">
            <EnvironmentPill environment={environment} />
          </span>
        </div>
        {values.length > 0 && <Values text={text} values={values} onValues={onValues} wrong={wrong} />}
        {isBarred && <Note tone="warn">Production is asked only with the capability use_production. An admin or owner of this workspace can give it to you under Members.</Note>}
        <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
          <Button type="submit" variant="primary" busy={busy === "plan"} disabled={isBarred || busy !== undefined} icon={<ListTree className="size-3.5" aria-hidden="true" />}>
            {`Explain${onEnvironment(environment)}`}
          </Button>
          <Button busy={busy === "analyze"} disabled={isBarred || busy !== undefined || lacksValues} icon={<Play className="size-3.5" aria-hidden="true" />} onClick={() => onAsk(true)} title={lacksValues ? "Measuring needs the values of the placeholders" : undefined}>
            {`Run and measure${onEnvironment(environment)}`}
          </Button>
          <p className="min-w-0 basis-full text-xs text-ink-faint">
            Explain runs nothing. Run and measure runs the statement once{onEnvironment(environment)}, as you, in a transaction that only reads and with the limits of a query; only what reads can be measured
            {lacksValues ? ", and it needs the values" : ""}.
          </p>
        </div>
      </form>
    </Card>
  );
}

function Values({ text, values, onValues, wrong }: { text: string | undefined; values: readonly string[]; onValues: (values: string[]) => void; wrong: string | undefined }) {
  // Where one is given the others are missing values; where none is, the plan is for whatever they are.
  const isAny = values.every((value) => value === "");
  const told = useMemo(() => (text ? numbered(text) : undefined), [text]);
  // Where the server counts others than the text shows, the numbers may be others, too.
  const shown = told?.around.length === values.length ? told : undefined;
  const labelOf = (index: number): string => [`Value $${index + 1}`, shown?.around[index]].filter(Boolean).join(" · ");
  return (
    <fieldset className="min-w-0">
      <legend className="mb-2 text-[13px] font-medium">
        Values <span className="text-xs font-normal text-ink-faint">optional: with them the plan is the one these values get{shown ? "" : "; “What was explained” shows where each stands"}</span>
      </legend>
      {shown && <SqlBlock text={shown.text} className="mb-3 max-h-40 whitespace-pre-wrap" />}
      <div className="grid grid-cols-[repeat(auto-fill,minmax(11rem,1fr))] items-end gap-3">
        {values.map((value, index) => (
          <TextField key={index} label={labelOf(index)} value={value} placeholder={isAny ? "any" : "NULL"} autoComplete="off" spellCheck={false} onChange={(event) => onValues(values.map((one, at) => (at === index ? event.target.value : one)))} />
        ))}
      </div>
      {wrong && (
        <p role="alert" className="mt-2 text-xs font-medium text-danger">
          {wrong}
        </p>
      )}
    </fieldset>
  );
}

/** Said beside the values. */
const isAboutValues = (error: unknown): boolean => isProblem(error) && error.field("values") !== undefined;

function Refused({ error }: { error: unknown }) {
  if (isProblem(error, "text_cut")) {
    return (
      <Note tone="warn" icon={<TriangleAlert className="mt-0.5 size-4 shrink-0" aria-hidden="true" />}>
        The statement is too long to be kept in full, or no data plane has told its text. Paste it on the SQL page and explain it there.
      </Note>
    );
  }
  const said = fieldProblem(error, "sql");
  return (
    <div className="flex min-w-0 flex-col gap-2">
      <ErrorNote error={error} />
      {said && (
        <p dir="auto" className="rounded-md bg-subtle px-3 py-2 font-mono text-xs break-words">
          {said}
        </p>
      )}
    </div>
  );
}

function Result({ answer }: { answer: FingerprintPlan }) {
  return (
    <Card title={answer.analyzed ? "Plan, measured" : "Plan"} note={answer.analyzed ? "the statement ran" : "the statement did not run"}>
      <div className="flex flex-col gap-4">
        <details className="text-xs" open={answer.placeholders > 0}>
          <summary className="text-ink-soft">What was explained</summary>
          <SqlBlock text={answer.statement} className="mt-2 max-h-40 whitespace-pre-wrap" />
        </details>
        <PlanView format={answer.format} plan={answer.plan} text={answer.text} warnings={answer.warnings} />
      </div>
    </Card>
  );
}
