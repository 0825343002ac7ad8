// Under which name is a statement kept, and who sees it?

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { createSavedQuery, type Parameter, type SavedQuery } from "~/api/saved-queries";
import { fieldProblem } from "~/api/problem";
import { placeholders } from "~/parts/run/placeholders";
import { tagsOf } from "~/parts/run/tags";
import { useWorkspace } from "~/parts/workspace";
import { Button } from "~/ui/button";
import { SelectField } from "~/ui/choice";
import { Dialog } from "~/ui/dialog";
import { TextArea, TextField } from "~/ui/field";
import { ErrorNote } from "~/ui/states";

interface SaveDialogProps {
  open: boolean;
  onClose: () => void;
  onSaved: (query: SavedQuery) => void;
  sql: string;
  connection: string | undefined;
  /** Each value that the text asks for becomes a parameter. */
  engine: string;
}

export function SaveDialog(props: SaveDialogProps) {
  return (
    <Dialog open={props.open} onClose={props.onClose} title="Save as query" description="It keeps its versions, and can be run again with other values.">
      <SaveForm {...props} />
    </Dialog>
  );
}

const parametersOf = (count: number): Parameter[] => Array.from({ length: count }, (_, index) => ({ name: `p${index + 1}`, type: "text" }));

function SaveForm({ onSaved, sql, connection, engine }: SaveDialogProps) {
  const { slug } = useWorkspace();
  const client = useQueryClient();
  const [draft, setDraft] = useState({ title: "", description: "", tags: "", visibility: "private" as "private" | "workspace" });
  const saving = useMutation({
    mutationFn: () => createSavedQuery(slug, { ...draft, tags: tagsOf(draft.tags), sql, connection, parameters: parametersOf(placeholders(sql, engine)) }),
    onSuccess: async (saved) => {
      await client.invalidateQueries({ queryKey: ["saved-queries", slug] });
      onSaved(saved);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    saving.mutate();
  };
  const values = placeholders(sql, engine);
  const wrong = (field: string) => fieldProblem(saving.error, field);
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <TextField label="Title" value={draft.title} onChange={(event) => setDraft({ ...draft, title: event.target.value })} error={wrong("title")} required autoFocus maxLength={200} />
      <TextArea label="What it is for" optional rows={2} value={draft.description} onChange={(event) => setDraft({ ...draft, description: event.target.value })} error={wrong("description")} />
      <TextField label="Tags" optional help="Words with commas between." value={draft.tags} onChange={(event) => setDraft({ ...draft, tags: event.target.value })} error={wrong("tags")} />
      <SelectField
        label="Who sees it"
        value={draft.visibility}
        onChange={(visibility) => setDraft({ ...draft, visibility })}
        choices={[
          { value: "private", label: "Only me" },
          { value: "workspace", label: "Everybody in this workspace" },
        ]}
      />
      {values > 0 && <p className="text-xs text-ink-faint">Its {values === 1 ? "value becomes a parameter" : `${values} values become parameters`}; name and type can be set on its page.</p>}
      {saving.error && <ErrorNote error={saving.error} />}
      <div className="flex justify-end">
        <Button type="submit" variant="primary" busy={saving.isPending}>
          Save query
        </Button>
      </div>
    </form>
  );
}
