// What is it called, and what is it for? Of anything that several people may change.

import type { ReactNode } from "react";
import { fieldProblem } from "~/api/problem";
import { Button } from "~/ui/button";
import { TextArea, TextField } from "~/ui/field";
import { ErrorNote } from "~/ui/states";
import { ChangedMeanwhile } from "./changed-meanwhile";
import type { useVersioned } from "./use-versioned";

/** Both are asked for by these names. */
export interface Named {
  name: string;
  description: string;
}

interface NameFormProps {
  form: Pick<ReturnType<typeof useVersioned<Named, Readonly<Record<keyof Named, string>>>>, "fields" | "set" | "dirty" | "conflict" | "mutation" | "error">;
  /** What is changed, by its name. */
  what: string;
  /** What the description is of it. */
  about: string;
  action: ReactNode;
}

export function NameForm({ form, what, about, action }: NameFormProps) {
  return (
    <form
      className="flex flex-col gap-4 border-t border-line pt-4"
      onSubmit={(event) => {
        event.preventDefault();
        form.mutation.mutate();
      }}
    >
      <TextField label="Name" required maxLength={100} value={form.fields.name} onChange={(event) => form.set({ name: event.target.value })} error={fieldProblem(form.error, "name")} autoComplete="off" />
      <TextArea label={about} optional maxLength={2_000} value={form.fields.description} onChange={(event) => form.set({ description: event.target.value })} error={fieldProblem(form.error, "description")} />
      {form.conflict && <ChangedMeanwhile what={what} {...form.conflict} />}
      {form.error && <ErrorNote error={form.error} />}
      <Button type="submit" variant="primary" className="self-end" busy={form.mutation.isPending} disabled={!form.dirty || form.fields.name.trim() === ""}>
        {form.conflict ? "Save with these choices" : action}
      </Button>
    </form>
  );
}
