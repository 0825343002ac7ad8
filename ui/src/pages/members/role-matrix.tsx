// Which role allows what, and what shall those of the workspace's own allow?

import { useMutation } from "@tanstack/react-query";
import { Check, Minus, Trash2 } from "lucide-react";
import { Fragment, useState, type FormEvent } from "react";
import { createRole, deleteRole } from "~/api/members";
import { fieldProblem } from "~/api/problem";
import type { Capability } from "~/api/workspaces";
import { ChangedMeanwhile } from "~/parts/changed-meanwhile";
import { useMay, useWorkspace } from "~/parts/workspace";
import { Button, IconButton } from "~/ui/button";
import { Card } from "~/ui/card";
import { Confirm } from "~/ui/dialog";
import { TextField } from "~/ui/field";
import { ErrorNote } from "~/ui/states";
import { useDrafts } from "./role-drafts";
import { allows, GROUPS, mayGive } from "./roles";
import { useRoles, type Choice } from "./use-roles";

export function RoleMatrix() {
  const { role, slug, capabilities } = useWorkspace();
  const own = capabilities ?? [];
  const manages = useMay("manage_members");
  const roles = useRoles();
  const drafts = useDrafts(slug);
  const [deleting, setDeleting] = useState<string>();
  const changeable = (one: Choice) => manages && drafts.of(one.role) !== undefined && mayGive(own, one.capabilities);
  return (
    <>
      <Card title="What each role allows" note="single capabilities can be given beyond a role; the server decides each request" flush>
        <div className="scroll-thin overflow-x-auto" tabIndex={0} role="region" aria-label="What each role allows">
          <table className="w-full min-w-[30rem] text-[13px]">
            <thead>
              <tr className="border-b border-line bg-subtle text-left text-xs text-ink-soft">
                <th scope="col" className="sticky left-0 bg-subtle px-4 py-2 font-medium">
                  Capability
                </th>
                {roles.map((one) => (
                  <th key={one.role} scope="col" title={one.about} className="w-16 px-2 py-2 text-center sm:w-24 font-medium">
                    {one.role}
                    {one.role === role && <span className="block text-2xs font-normal text-brand-text">you</span>}
                    {changeable(one) && (
                      <IconButton label={`Delete ${one.role}`} size="small" onClick={() => setDeleting(one.role)}>
                        <Trash2 className="size-3.5" aria-hidden="true" />
                      </IconButton>
                    )}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {GROUPS.map((group) => (
                <Fragment key={group.label}>
                  <tr className="border-b border-line bg-subtle">
                    <th scope="colgroup" colSpan={roles.length + 1} className="px-4 py-1 text-left text-xs font-medium text-ink-soft">
                      <span className="sticky left-4">{group.label}</span>
                    </th>
                  </tr>
                  {group.capabilities.map((capability) => (
                    <tr key={capability} className="border-b border-line last:border-b-0">
                      <th scope="row" className="sticky left-0 bg-surface px-4 py-2 text-left font-normal">
                        {allows(capability)} <code className="block font-mono text-2xs text-ink-faint">{capability}</code>
                      </th>
                      {roles.map((one) => (
                        <td key={one.role} className="px-2 py-2 text-center">
                          <Cell
                            name={one.role}
                            capability={capability}
                            given={(drafts.of(one.role)?.capabilities ?? one.capabilities).includes(capability)}
                            onChange={changeable(one) && own.includes(capability) && capability !== "view" && capability !== "own_workspace" ? (next) => drafts.tick(one.role, capability, next) : undefined}
                          />
                        </td>
                      ))}
                    </tr>
                  ))}
                </Fragment>
              ))}
            </tbody>
          </table>
        </div>
        <ul className="grid gap-x-6 gap-y-1 border-t border-line px-4 py-3 text-xs text-ink-soft sm:grid-cols-2">
          {roles.map((one) => (
            <li key={one.role}>
              {changeable(one) ? (
                <TextField label={`Whom ${one.role} is for`} maxLength={2_000} value={drafts.of(one.role)?.description ?? ""} onChange={(event) => drafts.describe(one.role, event.target.value)} />
              ) : (
                <>
                  <b className="font-medium text-ink">{one.role}</b> {one.about}
                </>
              )}
            </li>
          ))}
        </ul>
        {drafts.changed.length > 0 && (
          <div className="sticky bottom-0 flex flex-col gap-2 rounded-b-lg border-t border-line bg-surface px-4 py-3">
            {drafts.conflicts.map(({ name, ...conflict }) => (
              <ChangedMeanwhile key={name} what={name} {...conflict} />
            ))}
            {drafts.error && <ErrorNote error={drafts.error} />}
            <div className="flex justify-end gap-2">
              <Button onClick={drafts.drop}>Keep as they are</Button>
              <Button variant="primary" busy={drafts.save.isPending} onClick={() => drafts.save.mutate()}>
                Save {drafts.changed.map((one) => one.name).join(", ")}
              </Button>
            </div>
          </div>
        )}
      </Card>
      {manages && <NewRole slug={slug} />}
      <Confirm
        open={deleting !== undefined}
        onClose={() => setDeleting(undefined)}
        title={`Delete ${deleting ?? ""}?`}
        consequence="It is gone for good. One that somebody has stays until they have another role."
        action="Delete role"
        onConfirm={async () => {
          await deleteRole(slug, deleting ?? "");
          drafts.forget(deleting ?? "");
        }}
      />
    </>
  );
}

/** Whether a role allows something; a box to tick where the person may decide so. */
function Cell({ name, capability, given, onChange }: { name: string; capability: Capability; given: boolean; onChange?: (given: boolean) => void }) {
  if (onChange) {
    return <input type="checkbox" className="size-4 accent-brand" aria-label={`${name} may ${capability}`} checked={given} onChange={() => onChange(!given)} />;
  }
  return given ? <Check className="mx-auto size-4 text-ok" role="img" aria-label="may" /> : <Minus className="mx-auto size-4 text-ink-faint" role="img" aria-label="may not" />;
}

function NewRole({ slug }: { slug: string }) {
  const [round, setRound] = useState(0);
  const make = useMutation({ mutationFn: (draft: { name: string; description: string }) => createRole(slug, { ...draft, capabilities: ["view"] }), onSuccess: () => setRound(round + 1) });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const said = new FormData(event.currentTarget);
    make.mutate({ name: said.get("name") as string, description: said.get("about") as string });
  };
  return (
    <Card title="New role" note="it begins with view; tick what else it allows">
      <form key={round} onSubmit={submit} className="grid items-start gap-3 sm:grid-cols-[14rem_minmax(0,1fr)_auto]">
        <TextField label="Name" name="name" required minLength={2} maxLength={40} pattern="[a-z][a-z0-9\-]*" spellCheck={false} autoComplete="off" help="Small letters, digits, dashes. It stays." error={fieldProblem(make.error, "name")} />
        <TextField label="Whom it is for" name="about" optional maxLength={2_000} />
        <Button type="submit" variant="primary" busy={make.isPending} className="sm:mt-[1.65rem]">
          Make the role
        </Button>
      </form>
      {make.error && <ErrorNote error={make.error} />}
    </Card>
  );
}
