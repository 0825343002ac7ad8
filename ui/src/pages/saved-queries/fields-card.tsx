// What is said of a saved query beside its statement?

import type { Connection } from "~/api/connections";
import { fieldProblem } from "~/api/problem";
import { Button } from "~/ui/button";
import { Card } from "~/ui/card";
import { SelectField } from "~/ui/choice";
import { TextArea, TextField } from "~/ui/field";
import { ParameterEditor } from "./parameter-editor";
import type { QueryDraftState } from "./query-draft";

interface FieldsCardProps {
  draft: QueryDraftState;
  connections: readonly Connection[];
  wanted: number;
  engine: string;
  disabled: boolean;
  /** Who sees it is its owner's to say. */
  isMine: boolean;
}

const ANY = "any";

export function FieldsCard({ draft, connections, wanted, engine, disabled, isMine }: FieldsCardProps) {
  const { mine, set, saving } = draft;
  const wrong = (field: string) => fieldProblem(saving.error, field);
  return (
    <Card title="About it">
      <div className="grid gap-4 md:grid-cols-2">
        <TextField label="Title" value={mine.title} disabled={disabled} onChange={(event) => set({ title: event.target.value })} error={wrong("title")} required maxLength={200} />
        <TextField label="Tags" optional help="Words with commas between." value={mine.tags} disabled={disabled} onChange={(event) => set({ tags: event.target.value })} error={wrong("tags")} />
        <SelectField
          label="Who sees it"
          help={isMine ? undefined : "Only its owner decides that. Duplicate it to have one of your own."}
          value={mine.visibility}
          disabled={disabled || !isMine}
          onChange={(visibility) => set({ visibility })}
          choices={[
            { value: "private", label: "Only its owner" },
            { value: "workspace", label: "Everybody in this workspace" },
          ]}
        />
        <SelectField label="Connection" value={mine.connection || ANY} disabled={disabled} onChange={(connection) => set({ connection: connection === ANY ? "" : connection })} choices={[{ value: ANY, label: "The one that is chosen when it runs" }, ...connections.map((one) => ({ value: one.id, label: one.name, note: one.environment }))]} />
        <TextArea label="What it is for" optional rows={2} className="md:col-span-2" value={mine.description} disabled={disabled} onChange={(event) => set({ description: event.target.value })} error={wrong("description")} />
        {mine.chart !== "" && (
          <p className="flex flex-wrap items-center gap-2 text-[13px] text-ink-soft md:col-span-2">
            A chart is kept with it: who opens it sees that first.
            {!disabled && (
              <Button size="small" variant="quiet" onClick={() => set({ chart: "" })}>
                Keep no chart
              </Button>
            )}
          </p>
        )}
        <div className="flex flex-col gap-2 md:col-span-2">
          <h3 className="text-[13px] font-medium text-ink">Parameters</h3>
          <ParameterEditor parameters={mine.parameters} wanted={wanted} engine={engine} disabled={disabled} onChange={(parameters) => set({ parameters })} />
        </div>
      </div>
    </Card>
  );
}
