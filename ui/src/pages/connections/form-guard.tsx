// How careful do people have to be with the database, and how is its schema read?

import { useQuery } from "@tanstack/react-query";
import { environmentOf, listenersQuery } from "~/api/listeners";
import { may, type Workspace } from "~/api/workspaces";
import { ChoiceCards } from "~/parts/choice-cards";
import { EnvironmentPill } from "~/parts/environment";
import { Checkbox, SelectField } from "~/ui/choice";
import { TextField } from "~/ui/field";
import type { ConnectionFormState } from "./use-connection-form";
import type { Values } from "./values";

const GUARDS: readonly { value: Values["environment"]; note: string }[] = [
  { value: "development", note: "No guard beyond the roles." },
  { value: "staging", note: "Marked in the top bar and in the browser's tab." },
  { value: "production", note: "Marked in red everywhere. Only who has use_production may ask or test it, and changes are confirmed by typing." },
];

const POLICIES: readonly { value: Values["applyPolicy"]; label: string; note: string }[] = [
  { value: "never", label: "Never", note: "Proposals are not made through this connection." },
  { value: "development", label: "On development", note: "As long as the environment is development." },
  { value: "after_approval", label: "After approval", note: "When somebody with approve_changes has approved them." },
];

const ROLLED_BACK = "SQL Server has no transaction that only reads. Whatever is chosen, one SELECT of what is known to read runs at a time, and is rolled back.";

export function GuardFields({ form, workspace }: { form: ConnectionFormState; workspace: Workspace }) {
  const { values, told, change } = form;
  const listeners = useQuery({ ...listenersQuery(workspace.slug), enabled: may(workspace, "view_traffic") }).data;
  const through = values.way === "listener" ? listeners?.find((one) => one.name === values.via) : undefined;
  // What lies behind a production listener is production, whatever somebody calls it.
  const isFixed = through !== undefined && environmentOf(through) === "production" && values.environment === "production";
  return (
    <>
      <ChoiceCards
        label="Environment"
        value={values.environment}
        onChange={(environment) => change({ environment })}
        error={told.environment}
        columns="sm:grid-cols-3"
        disabled={isFixed}
        choices={GUARDS.map(({ value, note }) => ({ value, note, label: <EnvironmentPill environment={value} /> }))}
      />
      {isFixed && <p className="-mt-2 text-xs text-ink-faint">The listener {values.via} is production, so the connection is.</p>}
      <Checkbox
        label="Read-only"
        note={values.engine === "sqlserver" ? ROLLED_BACK : values.readOnly ? "Everything runs in transactions that only read." : "Statements of people who may run queries can change data here."}
        checked={values.readOnly}
        onChange={(readOnly) => change({ readOnly })}
      />
      <SelectField label="Proposed changes of the schema are made" value={values.applyPolicy} onChange={(applyPolicy) => change({ applyPolicy })} error={told.applyPolicy} choices={POLICIES} help={POLICIES.find((one) => one.value === values.applyPolicy)?.note} />
    </>
  );
}

/** Seldom needed: closed until somebody opens it, or something in it is wrong. */
export function SchemaFields({ form }: { form: ConnectionFormState }) {
  const { values, told, change } = form;
  const wrong = told.refreshHours ?? told.schemas ?? told.excludeSchemas ?? told.searchPath;
  return (
    <details open={wrong !== undefined || undefined} className="group">
      <summary className="cursor-pointer text-[13px] text-ink-soft hover:text-ink">
        Schema is read every {values.refreshHours || "?"} h{values.refreshOnDdl && ", and after statements that change it"}; {values.schemas === "" ? "all schemas" : values.schemas}
      </summary>
      <div className="mt-4 flex flex-col gap-4">
        <TextField label="Read the schema every (hours)" value={values.refreshHours} onChange={(event) => change({ refreshHours: event.target.value })} error={told.refreshHours} inputMode="numeric" help="0: only when somebody asks." className="max-w-60" />
        <Checkbox label="Read it again after DDL" note="Half a minute after a statement that changes it passed a listener." checked={values.refreshOnDdl} onChange={(refreshOnDdl) => change({ refreshOnDdl })} />
        <TextField label="Only these schemas" optional value={values.schemas} onChange={(event) => change({ schemas: event.target.value })} error={told.schemas} placeholder="public, sales" spellCheck={false} help="Names with commas between; all where nothing is said." />
        <TextField label="Without these schemas" optional value={values.excludeSchemas} onChange={(event) => change({ excludeSchemas: event.target.value })} error={told.excludeSchemas} spellCheck={false} />
        <TextField label="Search path" optional value={values.searchPath} onChange={(event) => change({ searchPath: event.target.value })} error={told.searchPath} spellCheck={false} help="Where statements on the wire find a table they name without a schema; the first that has it." />
      </div>
    </details>
  );
}
