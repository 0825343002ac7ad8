// How is another workspace made?

import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState, type FormEvent } from "react";
import { fieldProblem, isProblem } from "~/api/problem";
import { createWorkspace } from "~/api/settings";
import { paths } from "~/paths";
import { Button } from "~/ui/button";
import { Dialog } from "~/ui/dialog";
import { TextField } from "~/ui/field";
import { ErrorNote } from "~/ui/states";
import { slugOf } from "./slug";

export function NewWorkspace({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Dialog open={open} onClose={onClose} title="New workspace" description="A place for a team: members, connections, queries, rule sets. You will be its owner.">
      <Form onClose={onClose} />
    </Dialog>
  );
}

function Form({ onClose }: { onClose: () => void }) {
  const navigate = useNavigate();
  const [name, setName] = useState("");
  const [typed, setTyped] = useState<string>();
  const slug = typed ?? slugOf(name);
  const making = useMutation({
    mutationFn: () => createWorkspace({ name, slug }),
    onSuccess: (workspace) => void navigate({ to: paths.home(workspace.slug) }),
  });
  const { error } = making;
  const wrongName = fieldProblem(error, "name");
  const wrongSlug = isProblem(error) ? (error.field("slug") ?? (error.code === "duplicate" ? error.message : undefined)) : undefined;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    making.mutate();
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <TextField label="Name" required maxLength={100} value={name} onChange={(event) => setName(event.target.value)} error={wrongName} autoFocus autoComplete="off" />
      <TextField label="Name in paths" required maxLength={63} value={slug} onChange={(event) => setTyped(event.target.value)} error={wrongSlug} spellCheck={false} autoComplete="off" help="Small letters, digits and hyphens. It stays the same: links and the API use it." />
      {error && !wrongName && !wrongSlug && <ErrorNote error={error} />}
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" variant="primary" busy={making.isPending} disabled={name.trim() === "" || slug === ""}>
          Make workspace
        </Button>
      </div>
    </form>
  );
}
