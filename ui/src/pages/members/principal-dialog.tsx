// Which sessions on the wire are meant, and who is that?

import { useMutation, useQuery } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { listenersQuery } from "~/api/listeners";
import { changePrincipal, createPrincipal, principalVersion, type Member, type Principal, type PrincipalDraft } from "~/api/members";
import { fieldProblem } from "~/api/problem";
import { ChangedMeanwhile } from "~/parts/changed-meanwhile";
import { LoadedVersion } from "~/parts/loaded-version";
import { useVersioned, type Version } from "~/parts/use-versioned";
import { useMay, useWorkspace } from "~/parts/workspace";
import { Button } from "~/ui/button";
import { SelectField } from "~/ui/choice";
import { Dialog } from "~/ui/dialog";
import { TextField } from "~/ui/field";
import { ErrorNote } from "~/ui/states";
import { toast } from "~/ui/toast";

type Values = Record<"label" | "kind" | "database_user" | "application" | "listener" | "user", string>;

/** A list of choices has no empty value: this stands for it. */
const NONE = "-";
const EMPTY: Values = { label: "", kind: "service", database_user: "", application: "", listener: "", user: "" };
const LABELS: Record<keyof Values, string> = { label: "Who", kind: "Kind", database_user: "Database user", application: "Application", listener: "Listener", user: "Member" };

const KINDS: readonly { value: Principal["kind"]; label: string; note: string }[] = [
  { value: "person", label: "Person", note: "Somebody at a keyboard." },
  { value: "service", label: "Service", note: "A program that runs by itself." },
  { value: "agent", label: "Agent", note: "A program that decides by itself what it asks." },
];

const draftOf = (values: Values): PrincipalDraft => ({
  label: values.label,
  kind: KINDS.find((one) => one.value === values.kind)?.value ?? "service",
  database_user: values.database_user,
  application: values.application || undefined,
  listener: values.listener || undefined,
  user: values.user || undefined,
});

const valuesOf = (principal: Principal): Values => ({ label: principal.label, kind: principal.kind, database_user: principal.database_user, application: principal.application ?? "", listener: principal.listener ?? "", user: principal.user ?? "" });

export function NewPrincipal({ members, onClose }: { members: readonly Member[]; onClose: () => void }) {
  const { slug } = useWorkspace();
  const [values, setValues] = useState(EMPTY);
  const making = useMutation({ mutationFn: () => createPrincipal(slug, draftOf(values)), onSuccess: onClose });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    making.mutate();
  };
  return (
    <Dialog open onClose={onClose} title="Link a name on the wire" description="Sessions that fit are shown under this name from now on.">
      <form onSubmit={submit} className="flex flex-col gap-4">
        <PrincipalFields values={values} onChange={(change) => setValues({ ...values, ...change })} members={members} error={making.error} />
        {making.error && <ErrorNote error={making.error} />}
        <Button type="submit" variant="primary" className="self-end" busy={making.isPending} disabled={values.label.trim() === "" || values.database_user === ""}>
          Link it
        </Button>
      </form>
    </Dialog>
  );
}

export function ChangePrincipal({ principal, members, onClose }: { principal: Principal; members: readonly Member[]; onClose: () => void }) {
  const { slug } = useWorkspace();
  const load = () => principalVersion(slug, principal.id);
  return (
    <Dialog open onClose={onClose} title={principal.label} description="Which sessions on the wire are meant, and who that is.">
      <LoadedVersion name={["principal", slug, principal.id]} load={load}>
        {(base) => <PrincipalForm base={base} load={load} members={members} onClose={onClose} />}
      </LoadedVersion>
    </Dialog>
  );
}

function PrincipalForm({ base, load, members, onClose }: { base: Version<Principal>; load: () => Promise<Version<Principal>>; members: readonly Member[]; onClose: () => void }) {
  const { slug } = useWorkspace();
  const form = useVersioned({
    base,
    load,
    fieldsOf: valuesOf,
    labels: LABELS,
    show: (field, value) => (field === "user" ? (members.find((one) => one.user === value)?.name ?? value) : value),
    save: (etag, fields) => changePrincipal(slug, base.data.id, etag, draftOf(fields)),
    onSaved: () => {
      toast({ title: "The link is saved.", tone: "ok" });
      onClose();
    },
  });
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        form.mutation.mutate();
      }}
    >
      <PrincipalFields values={form.fields} onChange={form.set} members={members} error={form.error} />
      {form.conflict && <ChangedMeanwhile what={base.data.label} {...form.conflict} />}
      {form.error && <ErrorNote error={form.error} />}
      <Button type="submit" variant="primary" className="self-end" busy={form.mutation.isPending} disabled={!form.dirty}>
        Save link
      </Button>
    </form>
  );
}

function PrincipalFields({ values, onChange, members, error }: { values: Values; onChange: (change: Partial<Values>) => void; members: readonly Member[]; error: unknown }) {
  const { slug } = useWorkspace();
  const listeners = useQuery({ ...listenersQuery(slug), enabled: useMay("view_traffic") }).data ?? [];
  const names = [...new Set([...listeners.map((one) => one.name), values.listener])].filter(Boolean);
  const wrong = (field: string) => fieldProblem(error, field);
  const text = (field: "label" | "database_user" | "application") => ({ value: values[field], onChange: (event: { target: { value: string } }) => onChange({ [field]: event.target.value }), error: wrong(field), autoComplete: "off", spellCheck: false });
  return (
    <>
      <TextField label="Who" required maxLength={100} {...text("label")} help="What people call it: checkout, Ada, the nightly report." />
      <SelectField label="Kind" value={values.kind} onChange={(kind) => onChange({ kind })} choices={KINDS} />
      <TextField label="Database user" required maxLength={256} {...text("database_user")} />
      <TextField label="Application" optional maxLength={256} {...text("application")} help="As the client names itself; any where nothing is said." />
      <SelectField label="Listener" value={values.listener || NONE} onChange={(name) => onChange({ listener: name === NONE ? "" : name })} error={wrong("listener")} choices={[{ value: NONE, label: "any" }, ...names.map((name) => ({ value: name, label: name }))]} />
      <SelectField label="Member" value={values.user || NONE} onChange={(user) => onChange({ user: user === NONE ? "" : user })} error={wrong("user")} help="Which person it is, or whose program." choices={[{ value: NONE, label: "nobody" }, ...members.map((one) => ({ value: one.user, label: one.name, note: one.email }))]} />
    </>
  );
}
