// What shall the new token be good for, where, and how long?

import { useMutation, useQueries, useQuery } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { createToken, type MadeToken, type Scope } from "~/api/tokens";
import { fieldProblem } from "~/api/problem";
import { may, workspaceQuery, workspacesQuery, type Capability } from "~/api/workspaces";
import { CAPABILITIES } from "~/parts/capabilities";
import { Button } from "~/ui/button";
import { Checkbox, SelectField } from "~/ui/choice";
import { Dialog } from "~/ui/dialog";
import { TextField } from "~/ui/field";
import { ErrorNote } from "~/ui/states";

const LIVES = ["7", "30", "90", "180", "366"] as const;
type Life = (typeof LIVES)[number];
const ALL = "all";
/** More workspaces than these are not looked at: what their roles allow is left to the server. */
const LOOKED_MAX = 20;

export function NewToken({ open, onClose, onMade }: { open: boolean; onClose: () => void; onMade: (made: MadeToken) => void }) {
  const { data: workspaces } = useQuery(workspacesQuery);
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<readonly Scope[]>(["view", "view_traffic"]);
  const [workspace, setWorkspace] = useState(ALL);
  const [life, setLife] = useState<Life>("90");
  const create = useMutation({
    mutationFn: () => createToken({ name, scopes: [...scopes], workspace: workspace === ALL ? undefined : workspace, expires_in_days: Number(life) }),
    onSuccess: (made) => {
      setName("");
      onClose();
      onMade(made);
    },
  });
  // What nobody of theirs may, a token cannot: those scopes would do nothing.
  const here = (workspaces ?? []).filter((one) => workspace === ALL || one.slug === workspace);
  const known = useQueries({ queries: here.slice(0, LOOKED_MAX).map((one) => workspaceQuery(one.slug)) }).map((one) => one.data);
  const all = known.every((one) => one !== undefined) && here.length <= LOOKED_MAX;
  const possible = (capability: Capability) => !all || known.some((one) => one !== undefined && may(one, capability));
  const toggle = (scope: Scope, wanted: boolean) => setScopes(wanted ? [...scopes, scope] : scopes.filter((one) => one !== scope));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate();
  };
  return (
    <Dialog open={open} onClose={onClose} title="New token" description="Give it as little as the program needs: what it does not have cannot be taken from it." wide>
      <form onSubmit={submit} className="flex flex-col gap-4">
        <div className="grid gap-4 sm:grid-cols-3">
          <TextField label="Name" value={name} onChange={(event) => setName(event.target.value)} required maxLength={100} placeholder="nightly report" autoFocus error={fieldProblem(create.error, "name")} />
          <SelectField label="Workspace" value={workspace} onChange={setWorkspace} choices={[{ value: ALL, label: "All of mine" }, ...(workspaces ?? []).map((one) => ({ value: one.slug, label: one.name }))]} />
          <SelectField label="Good for" value={life} onChange={setLife} choices={LIVES.map((days) => ({ value: days, label: `${days} days` }))} />
        </div>
        <fieldset className="grid gap-x-6 gap-y-2.5 sm:grid-cols-2">
          <legend className="mb-2 text-[13px] font-medium">Scopes</legend>
          <Checkbox label={<code className="font-mono text-xs">profile</code>} note="See and change what is about you" checked={scopes.includes("profile")} onChange={(wanted) => toggle("profile", wanted)} />
          {CAPABILITIES.map(({ capability, allows }) => (
            <Checkbox key={capability} label={<code className="font-mono text-xs">{capability}</code>} note={possible(capability) ? allows : `${allows} (you may not yourself)`} checked={scopes.includes(capability)} disabled={!possible(capability)} onChange={(wanted) => toggle(capability, wanted)} />
          ))}
        </fieldset>
        {create.error && <ErrorNote error={create.error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" busy={create.isPending} disabled={name.trim() === "" || scopes.length === 0}>
            Make the token
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
