// Which services and agents act here by tokens of their own, and who answers for each?

import { useInfiniteQuery, useMutation } from "@tanstack/react-query";
import { Bot, Plus } from "lucide-react";
import { useRef, useState } from "react";
import { changeMachine, createMachine, createMachineToken, deleteMachine, machinesQuery, machineTokensQuery, machineVersion, revokeMachineToken, type Machine } from "~/api/machines";
import { membersQuery } from "~/api/members";
import { fieldProblem } from "~/api/problem";
import type { MadeToken } from "~/api/tokens";
import { ChangedMeanwhile } from "~/parts/changed-meanwhile";
import { listed, rowsOf } from "~/parts/list";
import { LoadedVersion } from "~/parts/loaded-version";
import { usePageSearch } from "~/parts/search";
import { useVersioned, type Version } from "~/parts/use-versioned";
import { useMay, useWorkspace } from "~/parts/workspace";
import { Badge } from "~/ui/badge";
import { Button } from "~/ui/button";
import { Card } from "~/ui/card";
import { Checkbox, SelectField } from "~/ui/choice";
import { Confirm, Dialog } from "~/ui/dialog";
import { TextArea, TextField } from "~/ui/field";
import { ErrorNote, FirstTime, Note } from "~/ui/states";
import type { Column } from "~/ui/table/columns";
import { DataTable } from "~/ui/table/data-table";
import { RelativeTime, useNow } from "~/ui/time";
import { MadeDialog } from "../tokens/made-dialog";
import { mayGive } from "./roles";
import { useRoles } from "./use-roles";

const DAY_MS = 86_400_000;

function State({ machine, now }: { machine: Machine; now: number }) {
  if (machine.is_disabled) {
    return <Badge tone="danger">{machine.responsible ? "disabled" : "nobody answers for it"}</Badge>;
  }
  if (machine.is_responsible_disabled) {
    return <Badge tone="danger">{machine.responsible_name} is disabled</Badge>;
  }
  return machine.expires_at && Date.parse(machine.expires_at) <= now ? <Badge tone="danger">ended</Badge> : <Badge tone="ok">active</Badge>;
}

export function Machines() {
  const { slug } = useWorkspace();
  const manages = useMay("manage_members");
  const now = useNow();
  const [search, set] = usePageSearch();
  const [deleting, setDeleting] = useState<Machine>();
  const query = useInfiniteQuery(machinesQuery(slug));
  const open = rowsOf(query.data)?.find((one) => one.id === search["machine"]);
  const columns: Column<Machine>[] = [
    { id: "name", header: "Name", grow: true, width: 180, value: (row) => row.name, cell: (row) => <span className="font-medium" title={row.description}>{row.name}</span> },
    { id: "kind", header: "Kind", width: 90, value: (row) => row.kind, cell: (row) => row.kind },
    { id: "role", header: "Role", width: 110, value: (row) => row.role, cell: (row) => <Badge>{row.role}</Badge> },
    { id: "responsible", header: "Answers for it", width: 160, value: (row) => row.responsible_name, cell: (row) => row.responsible_name ?? "–" },
    { id: "state", header: "State", width: 170, value: (row) => String(row.is_disabled), cell: (row) => <State machine={row} now={now} /> },
    { id: "used", header: "Last used", width: 120, value: (row) => row.last_used_at, cell: (row) => <RelativeTime at={row.last_used_at} /> },
    { id: "ends", header: "Ends", width: 120, value: (row) => row.expires_at, cell: (row) => <RelativeTime at={row.expires_at} /> },
    ...(manages ? [{ id: "actions", header: "Actions", width: 110, cell: (row: Machine) => <Button size="small" onClick={() => setDeleting(row)} aria-label={`Delete ${row.name}`}>Delete</Button> }] : []),
  ];
  const add = manages && (
    <Button variant="primary" size="small" icon={<Plus className="size-3.5" aria-hidden="true" />} onClick={() => set({ machine: "new" })}>
      New service or agent
    </Button>
  );
  return (
    <>
      {search["machine"] && search["machine"] !== "new" && query.data && !open && <Note tone="warn">The service or agent that the link names is not here: it was deleted, or is of another workspace.</Note>}
      <Card title="Services and agents" note="members that are no people: they have tokens of their own and decide nothing for others" actions={add} flush>
        <DataTable
          label="Services and agents"
          id="machines"
          columns={columns}
          {...listed(query)}
          rowKey={(row) => row.id}
          selected={open?.id}
          onOpen={manages ? (row) => set({ machine: row.id }) : undefined}
          empty={
            <FirstTime icon={<Bot className="size-5" />} title="No services or agents yet" actions={add}>
              A nightly report, an assistant that writes queries: each acts under its own name, with a role, and with a member who answers for it.
            </FirstTime>
          }
        />
      </Card>
      {search["machine"] === "new" && manages && <NewMachine onClose={(made) => set({ machine: made })} />}
      {open && manages && <MachineDialog key={open.id} machine={open} onClose={() => set({ machine: undefined })} />}
      <Confirm open={deleting !== undefined} onClose={() => setDeleting(undefined)} title={`Delete ${deleting?.name ?? ""}`} consequence="Its tokens are refused from the next request on. What it did stays in the activity under its name." action="Delete" onConfirm={() => deleteMachine(slug, deleting?.id ?? "")} />
    </>
  );
}

type Fields = Record<"name" | "description" | "role" | "responsible" | "ends" | "disabled", string>;

interface AskedProps {
  fields: Fields;
  set: (change: Partial<Fields>) => void;
  error: unknown;
  /** Who it is where nobody is named. */
  nobody: string;
  /** The last day as it is saved. */
  ends?: string;
}

/** What is asked of both a new one and one that is there. */
function Asked({ fields, set, error, nobody, ends = "" }: AskedProps) {
  const today = dayOf(new Date().toISOString());
  const { slug, capabilities } = useWorkspace();
  const people = rowsOf(useInfiniteQuery(membersQuery(slug)).data) ?? [];
  const roles = useRoles().filter((one) => one.role !== "owner" && (one.role === fields.role || mayGive(capabilities ?? [], one.capabilities)));
  return (
    <>
      <TextField label="Name" required maxLength={100} value={fields.name} onChange={(event) => set({ name: event.target.value })} error={fieldProblem(error, "name")} autoComplete="off" />
      <TextArea label="What it is for" optional maxLength={2_000} value={fields.description} onChange={(event) => set({ description: event.target.value })} />
      <div className="grid gap-4 sm:grid-cols-3">
        <SelectField label="Role" value={fields.role} onChange={(role) => set({ role })} choices={roles.map((one) => ({ value: one.role, label: one.role, note: one.about }))} />
        <SelectField label="Who answers for it" value={fields.responsible} onChange={(responsible) => set({ responsible })} choices={[...(fields.responsible ? [] : [{ value: "", label: nobody }]), ...people.map((one) => ({ value: one.user, label: one.name }))]} />
        <TextField label="Last day" type="date" optional min={ends !== "" && ends < today ? ends : today} value={fields.ends} onChange={(event) => set({ ends: event.target.value })} />
      </div>
    </>
  );
}

/** The end of the last day, and back. */
const endOf = (day: string): string | undefined => (day === "" ? undefined : new Date(Date.parse(`${day}T00:00:00Z`) + DAY_MS).toISOString());
const dayOf = (end: string | null | undefined): string => (end ? new Date(Date.parse(end) - 1).toISOString().slice(0, 10) : "");

const wantedOf = ({ name, description, role, responsible, ends }: Fields) => ({ name, description, role, responsible: responsible || undefined, expires_at: endOf(ends) });

function NewMachine({ onClose }: { onClose: (made?: string) => void }) {
  const { slug } = useWorkspace();
  const [kind, setKind] = useState<Machine["kind"]>("service");
  const [fields, setFields] = useState<Fields>({ name: "", description: "", role: "viewer", responsible: "", ends: "", disabled: "" });
  const make = useMutation({
    mutationFn: () => createMachine(slug, { kind, ...wantedOf(fields) }),
    onSuccess: (made) => onClose(made.id),
  });
  return (
    <Dialog open onClose={() => onClose()} title="New service or agent" wide>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          make.mutate();
        }}
      >
        <SelectField label="Kind" value={kind} onChange={setKind} choices={[{ value: "service", label: "service", note: "Does what it was written to do." }, { value: "agent", label: "agent", note: "Decides by itself what it does." }]} />
        <Asked fields={fields} set={(change) => setFields({ ...fields, ...change })} error={make.error} nobody="Yourself" />
        {make.error && <ErrorNote error={make.error} />}
        <Button type="submit" variant="primary" className="self-end" busy={make.isPending} disabled={fields.name.trim() === ""}>
          Make it
        </Button>
      </form>
    </Dialog>
  );
}

function MachineDialog({ machine, onClose }: { machine: Machine; onClose: () => void }) {
  const { slug } = useWorkspace();
  const load = () => machineVersion(slug, machine.id);
  return (
    <Dialog open onClose={onClose} title={machine.name} side>
      <div className="flex flex-col gap-6">
        {!machine.responsible && <Note tone="warn">Nobody answers for it: the member who did is no longer here. So it was disabled, and the tokens it had are good no more. Name somebody who answers for it, enable it, then make new tokens.</Note>}
        <MachineTokens machine={machine} />
        <LoadedVersion name={["machine", slug, machine.id]} load={load}>
          {(base) => <MachineForm base={base} load={load} onClose={onClose} />}
        </LoadedVersion>
      </div>
    </Dialog>
  );
}

function MachineForm({ base, load, onClose }: { base: Version<Machine>; load: () => Promise<Version<Machine>>; onClose: () => void }) {
  const { slug } = useWorkspace();
  const form = useVersioned<Machine, Fields>({
    base,
    load,
    fieldsOf: (one) => ({ name: one.name, description: one.description, role: one.role, responsible: one.responsible ?? "", ends: dayOf(one.expires_at), disabled: one.is_disabled ? "yes" : "" }),
    labels: { name: "Name", description: "What it is for", role: "Role", responsible: "Who answers for it", ends: "Last day", disabled: "Disabled" },
    // A day that nobody changed keeps its hour.
    save: (etag, fields) => changeMachine(slug, base.data.id, etag, { ...wantedOf(fields), is_disabled: fields.disabled === "yes", ...(fields.ends === dayOf(base.data.expires_at) && { expires_at: base.data.expires_at ?? undefined }) }),
    onSaved: onClose,
  });
  return (
    <form
      className="flex flex-col gap-4 border-t border-line pt-4"
      onSubmit={(event) => {
        event.preventDefault();
        form.mutation.mutate();
      }}
    >
      <Asked fields={form.fields} set={form.set} error={form.error} nobody="Nobody" ends={dayOf(base.data.expires_at)} />
      <Checkbox label="Disabled" note="Its tokens are refused." checked={form.fields.disabled === "yes"} onChange={(wanted) => form.set({ disabled: wanted ? "yes" : "" })} />
      {form.conflict && <ChangedMeanwhile what={base.data.name} {...form.conflict} />}
      {form.error && <ErrorNote error={form.error} />}
      <Button type="submit" variant="primary" className="self-end" busy={form.mutation.isPending} disabled={!form.dirty}>
        {form.conflict ? "Save with these choices" : "Save"}
      </Button>
    </form>
  );
}

function MachineTokens({ machine }: { machine: Machine }) {
  const { slug } = useWorkspace();
  const [name, setName] = useState("");
  const [made, setMade] = useState<MadeToken>();
  // Two clicks come before anything is drawn anew: the secret of a second token would be seen by nobody.
  const isAsked = useRef(false);
  const tokens = (rowsOf(useInfiniteQuery(machineTokensQuery(slug, machine.id)).data) ?? []).filter((one) => one.is_good);
  const make = useMutation({
    mutationFn: () => createMachineToken(slug, machine.id, name),
    onSuccess: (one) => {
      setName("");
      setMade(one);
    },
    onSettled: () => {
      isAsked.current = false;
    },
  });
  const revoke = useMutation({ mutationFn: (token: string) => revokeMachineToken(slug, machine.id, token) });
  return (
    <section aria-label="Tokens" className="flex flex-col gap-2">
      <h3 className="text-[13px] font-semibold">Tokens</h3>
      <ul className="divide-y divide-line rounded-md border border-line text-[13px] empty:hidden">
        {tokens.map((one) => (
          <li key={one.id} className="flex items-center gap-3 px-3 py-1.5">
            <span className="min-w-0 flex-1 truncate">
              {one.name} <code className="font-mono text-xs text-ink-faint">{one.prefix}…</code>
            </span>
            <span className="text-xs text-ink-faint">
              used <RelativeTime at={one.last_used_at} />, ends <RelativeTime at={one.expires_at} />
            </span>
            <Button size="small" aria-label={`Revoke ${one.name}`} disabled={revoke.isPending} onClick={() => revoke.mutate(one.id)}>
              Revoke
            </Button>
          </li>
        ))}
      </ul>
      <form
        className="flex items-end gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          if (!isAsked.current) {
            isAsked.current = true;
            make.mutate();
          }
        }}
      >
        <TextField label="New token" className="flex-1" maxLength={100} value={name} onChange={(event) => setName(event.target.value)} placeholder="server 1" autoComplete="off" />
        <Button type="submit" busy={make.isPending} disabled={name.trim() === ""}>
          Make the token
        </Button>
      </form>
      {(make.error ?? revoke.error) && <ErrorNote error={make.error ?? revoke.error} />}
      {made && <MadeDialog made={made} workspace={slug} onClose={() => setMade(undefined)} />}
    </section>
  );
}
