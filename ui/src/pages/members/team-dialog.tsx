// What is a team called, and who is in it?

import { useInfiniteQuery, useMutation, useQuery } from "@tanstack/react-query";
import { UserMinus, UserPlus } from "lucide-react";
import { useState, type FormEvent } from "react";
import { addToTeam, changeTeam, createTeam, membersQuery, removeFromTeam, teamMembersQuery, teamVersion, type Member, type Team } from "~/api/members";
import { explain, isProblem } from "~/api/problem";
import { rowsOf } from "~/parts/list";
import { LoadedVersion } from "~/parts/loaded-version";
import { NameForm } from "~/parts/name-form";
import { useVersioned, type Version } from "~/parts/use-versioned";
import { useMay, useWorkspace } from "~/parts/workspace";
import { Button, IconButton } from "~/ui/button";
import { Dialog } from "~/ui/dialog";
import { TextArea, TextField } from "~/ui/field";
import { Menu, MenuItem } from "~/ui/menu";
import { ErrorNote, Failed, SkeletonRows } from "~/ui/states";
import { toast } from "~/ui/toast";

export function NewTeam({ onClose }: { onClose: (made?: string) => void }) {
  const { slug } = useWorkspace();
  const [name, setName] = useState("");
  const [description, setDescription] = useState("");
  const making = useMutation({ mutationFn: () => createTeam(slug, { name, description }), onSuccess: (team) => onClose(team.id) });
  const error = isProblem(making.error) ? (making.error.field("name") ?? (making.error.code === "duplicate" ? making.error.message : undefined)) : undefined;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    making.mutate();
  };
  return (
    <Dialog open onClose={() => onClose()} title="New team">
      <form onSubmit={submit} className="flex flex-col gap-4">
        <TextField label="Name" required maxLength={100} value={name} onChange={(event) => setName(event.target.value)} error={error} autoFocus autoComplete="off" />
        <TextArea label="What it is about" optional maxLength={2_000} value={description} onChange={(event) => setDescription(event.target.value)} />
        {making.error && !error && <ErrorNote error={making.error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={() => onClose()}>Cancel</Button>
          <Button type="submit" variant="primary" busy={making.isPending} disabled={name.trim() === ""}>
            Make team
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

export function TeamDialog({ team, onClose }: { team: Team; onClose: () => void }) {
  const { slug } = useWorkspace();
  const mayManage = useMay("manage_members");
  const load = () => teamVersion(slug, team.id);
  return (
    <Dialog open onClose={onClose} title={team.name} description={team.description || undefined} side>
      <div className="flex flex-col gap-6">
        <TeamMembers team={team} />
        {mayManage && (
          <LoadedVersion name={["team", slug, team.id]} load={load}>
            {(base) => <TeamForm base={base} load={load} onClose={onClose} />}
          </LoadedVersion>
        )}
      </div>
    </Dialog>
  );
}

function TeamForm({ base, load, onClose }: { base: Version<Team>; load: () => Promise<Version<Team>>; onClose: () => void }) {
  const { slug } = useWorkspace();
  const form = useVersioned({
    base,
    load,
    fieldsOf: (team: Team) => ({ name: team.name, description: team.description }),
    labels: { name: "Name", description: "What it is about" },
    save: (etag, fields) => changeTeam(slug, base.data.id, etag, fields),
    onSaved: () => {
      toast({ title: "The team is saved.", tone: "ok" });
      onClose();
    },
  });
  return <NameForm form={form} what={base.data.name} about="What it is about" action="Save team" />;
}

const failed = (error: unknown) => {
  const { title, hint } = explain(error);
  toast({ title, detail: hint, tone: "danger" });
};

function TeamMembers({ team }: { team: Team }) {
  const { slug } = useWorkspace();
  const mayManage = useMay("manage_members");
  const { data, error, refetch } = useQuery(teamMembersQuery(slug, team.id));
  const everybody = rowsOf(useInfiniteQuery({ ...membersQuery(slug), enabled: mayManage }).data) ?? [];
  if (data === undefined) {
    return error ? <Failed error={error} onRetry={() => void refetch()} /> : <SkeletonRows rows={3} />;
  }
  const others = everybody.filter((one) => !data.items.some((member) => member.user === one.user));
  const add = (user: string) => void addToTeam(slug, team.id, user).catch(failed);
  const remove = (member: Member) =>
    void removeFromTeam(slug, team.id, member.user).then(() => toast({ title: `${member.name} left ${team.name}.`, action: { label: "Undo", run: () => add(member.user) } }), failed);
  return (
    <section aria-label="Members of the team" className="flex flex-col gap-2">
      <div className="flex flex-wrap items-center gap-2">
        <h3 className="text-[13px] font-semibold">Members</h3>
        <span className="text-xs text-ink-faint tabular-nums">
          {data.items.length}
          {data.next ? "+" : ""}
        </span>
        {mayManage && others.length > 0 && (
          <span className="ml-auto">
            <Menu trigger={<Button size="small" icon={<UserPlus className="size-3.5" aria-hidden="true" />}>Add a member</Button>}>
              {others.map((one) => (
                <MenuItem key={one.user} onSelect={() => add(one.user)}>
                  {one.name} <span className="text-xs text-ink-faint">{one.email}</span>
                </MenuItem>
              ))}
            </Menu>
          </span>
        )}
      </div>
      {data.items.length === 0 ? (
        <p className="text-[13px] text-ink-soft">Nobody yet.</p>
      ) : (
        <ul className="divide-y divide-line rounded-md border border-line">
          {data.items.map((member) => (
            <li key={member.user} className="flex items-center gap-3 px-3 py-1.5 text-[13px]">
              <span className="min-w-0 flex-1 truncate">
                {member.name} <span className="text-xs text-ink-faint">{member.email}</span>
              </span>
              <span className="text-xs text-ink-faint">{member.role}</span>
              {mayManage && (
                <IconButton label={`Take ${member.name} out of the team`} size="small" onClick={() => remove(member)}>
                  <UserMinus className="size-3.5" aria-hidden="true" />
                </IconButton>
              )}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
