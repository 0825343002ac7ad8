// Of what does the person want to be told, and how?

import { useState, type FormEvent } from "react";
import type { NotificationKind, NotificationSettings } from "~/api/notifications";
import { Button } from "~/ui/button";
import { Checkbox } from "~/ui/choice";
import { Dialog } from "~/ui/dialog";
import { ErrorNote } from "~/ui/states";
import { toast } from "~/ui/toast";
import { KINDS } from "./kinds";

interface Change {
  muted: NotificationKind[];
  wants_mail: boolean;
}

export function SettingsDialog({ settings, onClose, onSave }: { settings: NotificationSettings; onClose: () => void; onSave: (change: Change) => Promise<void> }) {
  const [muted, setMuted] = useState<readonly NotificationKind[]>(settings.muted);
  const [mail, setMail] = useState(settings.wants_mail);
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const kinds = (Object.keys(KINDS) as NotificationKind[]).filter((kind) => settings.kinds.includes(kind));
  const save = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      await onSave({ muted: [...muted], wants_mail: mail });
      toast({ title: "Kept", tone: "ok" });
      onClose();
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };
  return (
    <Dialog open onClose={onClose} title="What I am told" description="For you, in this workspace. What is not chosen is kept all the same: filter by its kind to see it." wide>
      <form onSubmit={(event) => void save(event)} className="flex flex-col gap-5">
        <fieldset className="grid gap-x-6 gap-y-3 sm:grid-cols-2">
          <legend className="mb-2 text-xs font-semibold text-ink-faint">Tell me of</legend>
          {kinds.map((kind) => (
            <Checkbox key={kind} label={KINDS[kind].label} note={KINDS[kind].about} checked={!muted.includes(kind)} onChange={(told) => setMuted(told ? muted.filter((one) => one !== kind) : [...muted, kind])} />
          ))}
        </fieldset>
        <fieldset>
          <legend className="mb-2 text-xs font-semibold text-ink-faint">By mail</legend>
          <Checkbox label="Send me what I have not read" note="At most one mail an hour, to your confirmed e-mail, through the mail server of this instance." checked={mail} onChange={setMail} />
        </fieldset>
        {error !== undefined && <ErrorNote error={error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Keep as it was</Button>
          <Button type="submit" variant="primary" busy={busy}>
            Save
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
