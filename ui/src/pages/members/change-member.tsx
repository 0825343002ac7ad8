// What may a member do with another role, before it is given?

import { Minus, Plus } from "lucide-react";
import type { ReactNode } from "react";
import { changeMember, memberVersion, type Member } from "~/api/members";
import { explain } from "~/api/problem";
import type { Capability } from "~/api/workspaces";
import { CAPABILITIES } from "~/parts/capabilities";
import { ChangedMeanwhile } from "~/parts/changed-meanwhile";
import { ChoiceCards } from "~/parts/choice-cards";
import { LoadedVersion } from "~/parts/loaded-version";
import { useVersioned, type Version } from "~/parts/use-versioned";
import { useWorkspace } from "~/parts/workspace";
import { Button } from "~/ui/button";
import { Checkbox } from "~/ui/choice";
import { Dialog } from "~/ui/dialog";
import { ErrorNote, Note } from "~/ui/states";
import { toast } from "~/ui/toast";
import { allOf, allows, difference, mayGive } from "./roles";
import { useRoles } from "./use-roles";

const wordsOf = (text: string): Capability[] => CAPABILITIES.map((one) => one.capability).filter((one) => text.split(" ").includes(one));

export function ChangeMember({ member, onClose }: { member: Member; onClose: () => void }) {
  const { slug } = useWorkspace();
  const load = () => memberVersion(slug, member.user);
  return (
    <Dialog open onClose={onClose} title={`What ${member.name} may do`} description={member.email} side>
      <LoadedVersion name={["member", slug, member.user]} load={load}>
        {(base) => <MemberForm base={base} load={load} onClose={onClose} />}
      </LoadedVersion>
    </Dialog>
  );
}

/** Takes a change back: to what it was, from whatever version it is now. */
async function takeBack(slug: string, before: Member): Promise<void> {
  try {
    const { etag } = await memberVersion(slug, before.user);
    await changeMember(slug, before.user, etag, { role: before.role, capabilities: before.capabilities });
    toast({ title: `${before.name} is ${before.role} again.` });
  } catch (error) {
    const { title, hint } = explain(error);
    toast({ title, detail: hint, tone: "danger" });
  }
}

function MemberForm({ base, load, onClose }: { base: Version<Member>; load: () => Promise<Version<Member>>; onClose: () => void }) {
  const { slug, capabilities = [] } = useWorkspace();
  const own = capabilities ?? [];
  const member = base.data;
  const form = useVersioned({
    base,
    load,
    fieldsOf: (data: Member) => ({ role: data.role, extra: data.capabilities.join(" ") }),
    labels: { role: "Role", extra: "Beyond the role" },
    save: (etag, fields) => changeMember(slug, member.user, etag, { role: fields.role, capabilities: wordsOf(fields.extra) }),
    onSaved: () => {
      toast({ title: `${member.name} is changed.`, tone: "ok", action: { label: "Undo", run: () => void takeBack(slug, member) } });
      onClose();
    },
  });
  const role = form.fields.role;
  const roles = useRoles();
  const allowed = role === member.role ? member.role_capabilities : (roles.find((one) => one.role === role)?.capabilities ?? []);
  const extra = wordsOf(form.fields.extra);
  const after = allOf(allowed, extra);
  const { comes, goes } = difference(allOf(member.role_capabilities, member.capabilities), after);
  const tooMuch = !mayGive(own, after);
  return (
    <form
      className="flex flex-col gap-5"
      onSubmit={(event) => {
        event.preventDefault();
        form.mutation.mutate();
      }}
    >
      <ChoiceCards label="Role" value={role} onChange={(next) => form.set({ role: next })} columns="sm:grid-cols-2" choices={roles.filter((one) => one.role === member.role || mayGive(own, one.capabilities)).map((one) => ({ value: one.role, label: one.role, note: one.about }))} />
      <Extra has={allowed} extra={extra} own={own} onChange={(words) => form.set({ extra: words.join(" ") })} />
      <Consequence comes={comes} goes={goes} />
      {tooMuch && <Note tone="warn">You cannot give what you do not have yourself.</Note>}
      {form.conflict && <ChangedMeanwhile what={member.name} {...form.conflict} />}
      {form.error && <ErrorNote error={form.error} />}
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>Keep as it is</Button>
        <Button type="submit" variant="primary" busy={form.mutation.isPending} disabled={!form.dirty || tooMuch}>
          {role === member.role ? "Save" : `Make ${member.name} ${role}`}
        </Button>
      </div>
    </form>
  );
}

/** What may be given beyond the role: what it has by itself is not asked. */
function Extra({ has, extra, own, onChange }: { has: readonly Capability[]; extra: readonly Capability[]; own: readonly Capability[]; onChange: (extra: Capability[]) => void }) {
  const open = CAPABILITIES.filter(({ capability }) => capability !== "own_workspace" && !has.includes(capability) && (own.includes(capability) || extra.includes(capability)));
  if (open.length === 0) {
    return null;
  }
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="mb-2 text-[13px] font-medium">Beyond the role</legend>
      {open.map(({ capability, allows: words }) => (
        <Checkbox
          key={capability}
          label={<code className="font-mono text-xs">{capability}</code>}
          note={words}
          checked={extra.includes(capability)}
          onChange={(given) => onChange(given ? [...extra, capability] : extra.filter((one) => one !== capability))}
        />
      ))}
    </fieldset>
  );
}

function Consequence({ comes, goes }: { comes: readonly Capability[]; goes: readonly Capability[] }) {
  if (comes.length === 0 && goes.length === 0) {
    return <Note>What they may do stays the same.</Note>;
  }
  return (
    <section aria-label="What changes" aria-live="polite" className="grid gap-3 sm:grid-cols-2">
      {comes.length > 0 && <Side title="From now on they may" look="bg-ok-soft text-ok" icon={<Plus className="mt-0.5 size-3.5 shrink-0" aria-hidden="true" />} items={comes} />}
      {goes.length > 0 && <Side title="From now on they may not" look="bg-danger-soft text-danger" icon={<Minus className="mt-0.5 size-3.5 shrink-0" aria-hidden="true" />} items={goes} />}
    </section>
  );
}

function Side({ title, look, icon, items }: { title: string; look: string; icon: ReactNode; items: readonly Capability[] }) {
  return (
    <div className={`rounded-md px-3 py-2 text-[13px] ${look}`}>
      <p className="font-medium">{title}</p>
      <ul className="mt-1 flex flex-col gap-1">
        {items.map((one) => (
          <li key={one} className="flex gap-1.5 text-xs">
            {icon}
            <span className="text-ink">{allows(one)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
