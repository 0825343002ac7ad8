// What does one rule say? Asked for field by field; the text beside it says the same.

import { useState, type FormEvent } from "react";
import { Button } from "~/ui/button";
import { Checkbox, SelectField } from "~/ui/choice";
import { Dialog } from "~/ui/dialog";
import { TextField } from "~/ui/field";
import { Note } from "~/ui/states";
import { Conditions } from "./conditions";
import { NOT_PERMITTED, wrongWith, type LimitForm, type RuleForm } from "./model";
import type { Suggestion } from "./observed";
import { DECISIONS, KEPT, PACED_BY } from "./reference";

interface RuleDialogProps {
  title: string;
  before: RuleForm;
  /** Names that other rules have. */
  taken: readonly string[];
  suggest: (key: string, typed: string) => readonly Suggestion[];
  /** The button that ends it. */
  action: string;
  onDone: (after: RuleForm) => Promise<void>;
  onClose: () => void;
}

export function RuleDialog({ title, before, taken, suggest, action, onDone, onClose }: RuleDialogProps) {
  const [form, setForm] = useState(before);
  const [isTried, setTried] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const wrong = wrongWith(form, taken);
  const shown = isTried ? wrong : {};
  const set = (change: Partial<RuleForm>) => setForm({ ...form, ...change });
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (Object.keys(wrong).length === 0) {
      setBusy(true);
      await onDone(form);
      onClose();
    }
  };
  return (
    <Dialog open onClose={onClose} title={title} description="It becomes lines of the text; comments and all other lines stay as they are. Nothing is saved by it." wide>
      <form onSubmit={(event) => void submit(event)} noValidate className="flex flex-col gap-5">
        <div className="grid gap-4 sm:grid-cols-2">
          <TextField label="Name of the rule" value={form.name} onChange={(event) => set({ name: event.target.value })} error={shown["name"]} spellCheck={false} maxLength={64} data-begin />
          <SelectField label="Decision" value={form.decision} onChange={(decision) => set({ decision })} choices={[...(DECISIONS.some((one) => one.value === form.decision) ? [] : [{ value: form.decision, label: form.decision || "none" }]), ...DECISIONS]} />
        </div>
        <Conditions where="when" title="When" about="all of these hold; without any, every statement is meant" conditions={form.when} onChange={(when) => set({ when })} suggest={suggest} wrong={shown} />
        <Conditions where="unless" title="Unless" about="all of these hold" conditions={form.unless} onChange={(unless) => set({ unless })} suggest={suggest} wrong={shown} />
        <Decided form={form} set={set} wrong={shown} />
        {Object.keys(shown).length > 0 && <Note tone="danger">Something is missing above: {Object.keys(shown).join(", ")}.</Note>}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" busy={isBusy}>
            {action}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** What belongs to the decision that was chosen. */
function Decided({ form, set, wrong }: { form: RuleForm; set: (change: Partial<RuleForm>) => void; wrong: Readonly<Record<string, string>> }) {
  const { decision } = form;
  const isTold = decision === "refuse" || decision === "hold" || decision === "limit";
  return (
    <>
      {decision === "limit" && <Limits limit={form.limit} onChange={(limit) => set({ limit })} error={wrong["limit"]} />}
      {isTold && (
        <div className="grid gap-4 sm:grid-cols-2">
          <TextField label="Message" optional value={form.message} onChange={(event) => set({ message: event.target.value })} help="What the client is told: one line." maxLength={500} />
          <TextField label="Hint" optional value={form.hint} onChange={(event) => set({ hint: event.target.value })} help="What to do instead." maxLength={500} />
        </div>
      )}
      <div className="grid gap-4 sm:grid-cols-2">
        {decision === "refuse" && (
          <SelectField
            label="Error of the client"
            value={form.reason}
            onChange={(reason) => set({ reason })}
            choices={[
              { value: NOT_PERMITTED, label: "not_permitted", note: "42501, as for missing privileges" },
              { value: "read_only", label: "read_only", note: "25006, as in a read-only transaction" },
            ]}
          />
        )}
        <div className="flex flex-col gap-2 self-center">
          {decision === "refuse" && <Checkbox label="Final" note="No hold lifts it." checked={form.isFinal} onChange={(isFinal) => set({ isFinal })} />}
          {decision !== "note" && <Checkbox label="On trial" note="It decides nothing; what it would have changed is told." checked={form.isOnTrial} onChange={(isOnTrial) => set({ isOnTrial })} />}
        </div>
      </div>
      {decision !== "limit" && (
        <fieldset>
          <legend className="mb-1.5 text-[13px] font-medium text-ink">
            Kept in the record, sealed <span className="font-normal text-ink-soft">beside the statement's shape</span>
          </legend>
          <div className="flex flex-wrap gap-x-5 gap-y-2">
            {KEPT.map((word) => (
              <Checkbox key={word} label={word} checked={form.record.includes(word)} onChange={(isOn) => set({ record: KEPT.filter((one) => (one === word ? isOn : form.record.includes(one))) })} />
            ))}
          </div>
        </fieldset>
      )}
    </>
  );
}

const NOBODY = "none";

function Limits({ limit, onChange, error }: { limit: LimitForm; onChange: (limit: LimitForm) => void; error: string | undefined }) {
  const field = (key: keyof LimitForm, label: string, placeholder: string) => <TextField label={label} value={limit[key]} onChange={(event) => onChange({ ...limit, [key]: event.target.value.trim() })} placeholder={placeholder} inputMode={key === "bytes" ? "text" : "numeric"} />;
  return (
    <fieldset>
      <legend className="mb-1.5 text-[13px] font-medium text-ink">
        Limits <span className="font-normal text-ink-soft">of all that match, the least counts</span>
      </legend>
      <div className="grid grid-cols-2 gap-3 sm:grid-cols-3">
        {field("rows", "Rows", "10000")}
        {field("bytes", "Bytes", "10MB")}
        {field("seconds", "Seconds", "30")}
        {field("per_second", "Statements a second", "20")}
        {field("burst", "At once", "40")}
        <SelectField label="Counted by" value={limit.by || NOBODY} onChange={(by) => onChange({ ...limit, by: by === NOBODY ? "" : by })} choices={[{ value: NOBODY, label: "as usual: user" }, ...PACED_BY.map((value) => ({ value, label: value }))]} />
      </div>
      {error !== undefined && (
        <p role="alert" className="mt-1.5 text-xs font-medium text-danger">
          {error}
        </p>
      )}
    </fieldset>
  );
}
