// How is a connection made or changed: typed, tried, saved?

import { useQuery } from "@tanstack/react-query";
import { PlugZap, Save } from "lucide-react";
import { useEffect, useRef, useState, type FormEvent, type ReactNode } from "react";
import { connectionVersionQuery, type Connection } from "~/api/connections";
import { isProblem } from "~/api/problem";
import type { Workspace } from "~/api/workspaces";
import { ChangedMeanwhile } from "~/parts/changed-meanwhile";
import { Button } from "~/ui/button";
import { Confirm } from "~/ui/dialog";
import { TextField } from "~/ui/field";
import { ErrorNote, Failed, SkeletonRows } from "~/ui/states";
import { GuardFields, SchemaFields } from "./form-guard";
import { EngineChoice, LoginFields, PlaceFields, TlsFields, UrlLine } from "./form-place";
import { TestProgress, TestResult } from "./test-result";
import { useConnectionForm } from "./use-connection-form";
import { changedFields, leadsElsewhere, valuesOf, type Values } from "./values";
import { FIELDS, shown } from "./words";

interface ConnectionFormProps {
  workspace: Workspace;
  /** The one that is changed; without it a new one is made. */
  connection?: Connection;
  onSaved: (connection: Connection) => void;
}

export function ConnectionForm({ workspace, connection, onSaved }: ConnectionFormProps) {
  return connection ? <ChangeForm workspace={workspace} connection={connection} onSaved={onSaved} /> : <FormBody workspace={workspace} onSaved={onSaved} />;
}

/** A change goes to a version: the form waits for it. */
function ChangeForm({ workspace, connection, onSaved }: Required<ConnectionFormProps>) {
  const { data, error, refetch } = useQuery(connectionVersionQuery(workspace.slug, connection.id));
  // What the form began with: a newer version does not get below what is typed.
  const [began, setBegan] = useState<{ data: Connection; etag: string; round: number }>();
  if (data && began === undefined) {
    setBegan({ ...data, round: 0 });
  }
  if (began === undefined) {
    return error ? <Failed error={error} onRetry={() => void refetch()} /> : <SkeletonRows />;
  }
  const saved = async (changed: Connection) => {
    const fresh = await refetch();
    if (fresh.data) {
      setBegan({ ...fresh.data, round: began.round + 1 });
    }
    onSaved(changed);
  };
  return <FormBody key={began.round} workspace={workspace} saved={{ connection: began.data, etag: began.etag }} onSaved={(changed) => void saved(changed)} />;
}

function Section({ title, about, children }: { title: string; about: ReactNode; children: ReactNode }) {
  return (
    <section className="grid gap-x-8 gap-y-3 border-t border-line py-5 first:border-t-0 first:pt-0 @3xl:grid-cols-[14rem_minmax(0,1fr)]">
      <div>
        <h2 className="text-[13px] font-semibold">{title}</h2>
        <p className="mt-0.5 text-xs text-ink-faint">{about}</p>
      </div>
      <div className="flex min-w-0 flex-col gap-4">{children}</div>
    </section>
  );
}

/** A change that makes production less guarded, or leads it elsewhere, is typed out first. */
const isDear = (before: Values, after: Values): boolean => before.environment === "production" && (after.environment !== "production" || (before.readOnly && !after.readOnly) || before.database !== after.database || leadsElsewhere(before, after));

function FormBody({ workspace, saved, onSaved }: { workspace: Workspace; saved?: { connection: Connection; etag: string }; onSaved: (connection: Connection) => void }) {
  const form = useConnectionForm(workspace.slug, saved, onSaved);
  const [asking, setAsking] = useState(false);
  const { values, told, test, save, conflict } = form;
  const against = conflict ? valuesOf(conflict.theirs.connection) : form.before;
  const changed = form.base ? changedFields(against, form.final) : [];
  const outcome = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (test.data || test.isPending || conflict || save.error) {
      outcome.current?.scrollIntoView({ block: "nearest" });
    }
  }, [test.data, test.isPending, conflict, save.error]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!form.complete()) {
      return;
    }
    if (form.base && isDear(against, form.final)) {
      setAsking(true);
    } else {
      save.mutate();
    }
  };
  const atFields = isProblem(save.error) && Object.keys(told).length > 0;
  return (
    <form onSubmit={submit} noValidate className="@container flex flex-col" aria-label={form.base ? `Settings of ${form.base.connection.name}` : "New connection"}>
      <Section title="Database" about="Which engine it is, and what people call it here.">
        <EngineChoice form={form} />
        <UrlLine form={form} />
        <TextField label="Name" value={values.name} onChange={(event) => form.change({ name: event.target.value })} error={told.name} maxLength={100} autoComplete="off" help="Unique in the workspace." />
      </Section>
      <Section title="Place" about={values.engine === "sqlite" ? "The file, as the control plane sees it." : "The control plane connects from where it runs, not from your machine."}>
        <PlaceFields form={form} workspace={workspace} />
      </Section>
      {values.engine !== "sqlite" && (
        <>
          <Section title="Login" about="A user that may only read is the best guard there is.">
            <LoginFields form={form} />
          </Section>
          <Section title="Encryption" about="Whether it can be read on the way, and who may answer.">
            <TlsFields form={form} />
          </Section>
        </>
      )}
      <Section title="Guard" about="How much depends on it, and what may be done through it.">
        <GuardFields form={form} workspace={workspace} />
      </Section>
      <Section title="Schema" about="How its tables and columns are looked at.">
        <SchemaFields form={form} />
      </Section>
      <div ref={outcome} className="flex scroll-my-4 flex-col gap-3 border-t border-line pt-4" aria-live="polite">
        {test.isPending && <TestProgress />}
        {test.data && <TestResult result={test.data} />}
        {test.error && <ErrorNote error={test.error} />}
        {conflict && <ChangedMeanwhile what={conflict.theirs.connection.name} changedAt={conflict.theirs.connection.changed_at} fields={conflict.all} choices={form.choices} onChoose={form.setChoices} />}
        {save.error && !asking && !isProblem(save.error, "changed") && <ErrorNote error={save.error} />}
        {Object.keys(told).length > 0 && !atFields && !test.data && !test.error && <p className="text-xs font-medium text-danger">Something above is missing: {Object.keys(told).map((field) => FIELDS[field as keyof Values]).join(", ")}.</p>}
        <Buttons form={form} />
      </div>
      {form.base && (
        <Confirm
          open={asking}
          onClose={() => setAsking(false)}
          title={`Change ${form.base.connection.name} on production`}
          consequence="People of this workspace work with this connection. What changes at once, for all of them:"
          action="Save on production"
          typed={form.base.connection.name}
          onConfirm={() => save.mutateAsync()}
        >
          <ul className="flex flex-col gap-1 text-[13px]">
            {changed.map((field) => (
              <li key={field} className="break-words">
                <span className="font-medium">{FIELDS[field]}</span> <span className="text-ink-faint line-through">{shown(field, against)}</span> {shown(field, form.final)}
              </li>
            ))}
          </ul>
        </Confirm>
      )}
    </form>
  );
}

function Buttons({ form }: { form: ReturnType<typeof useConnectionForm> }) {
  const { base, test, save, conflict, changed, values, moved } = form;
  const dirty = changed.length > 0;
  const needsPassword = base !== undefined && base.connection.has_password && values.password === "" && (moved || changed.includes("database"));
  return (
    <div className="flex flex-wrap items-center justify-end gap-2">
      {needsPassword && <p className="mr-auto text-xs text-ink-faint">To test this, type the password too.</p>}
      {base && dirty && (
        <Button variant="quiet" onClick={form.reset}>
          Undo changes
        </Button>
      )}
      <Button icon={<PlugZap className="size-3.5" aria-hidden="true" />} busy={test.isPending} disabled={needsPassword} onClick={() => form.complete(["name"]) && test.mutate()}>
        Test
      </Button>
      <Button type="submit" variant="primary" icon={<Save className="size-3.5" aria-hidden="true" />} busy={save.isPending} disabled={base !== undefined && !dirty}>
        {conflict ? "Save with these choices" : base ? "Save changes" : "Save connection"}
      </Button>
    </div>
  );
}
