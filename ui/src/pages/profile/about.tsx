// What is my name and e-mail?

import { useMutation } from "@tanstack/react-query";
import { CircleCheck, MailWarning } from "lucide-react";
import { useState, type FormEvent } from "react";
import { changeEmail, changeProfile, type Profile } from "~/api/profile";
import { fieldProblem } from "~/api/problem";
import { TipsCard } from "~/parts/tips/tips-card";
import { Badge } from "~/ui/badge";
import { Button } from "~/ui/button";
import { Card } from "~/ui/card";
import { TextField } from "~/ui/field";
import { date } from "~/ui/format";
import { ErrorNote, Note } from "~/ui/states";
import { toast } from "~/ui/toast";

export function About({ profile, etag }: { profile: Profile; etag: string }) {
  return (
    <>
      <Name profile={profile} etag={etag} />
      <Email profile={profile} />
      <TipsCard />
      <p className="text-xs text-ink-faint">
        Your account was made on {date(profile.created_at)}
        {profile.is_instance_admin && "; you are an admin of this instance"}.
      </p>
    </>
  );
}

function Name({ profile, etag }: { profile: Profile; etag: string }) {
  const [name, setName] = useState(profile.name);
  const save = useMutation({ mutationFn: () => changeProfile({ name }, etag), onSuccess: () => toast({ title: "Your name is changed", tone: "ok" }) });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <Card title="Name">
      <form onSubmit={submit} className="flex flex-col gap-3">
        <TextField label="Name" value={name} onChange={(event) => setName(event.target.value)} autoComplete="name" required maxLength={100} help="Members of your workspaces see it, also beside what you did." error={fieldProblem(save.error, "name")} className="max-w-sm" />
        {save.error && <ErrorNote error={save.error} />}
        <div>
          <Button type="submit" variant="primary" busy={save.isPending} disabled={name.trim() === "" || name === profile.name}>
            Save the name
          </Button>
        </div>
      </form>
    </Card>
  );
}

function Email({ profile }: { profile: Profile }) {
  const [email, setEmail] = useState(profile.email);
  const send = useMutation({ mutationFn: (to: string) => changeEmail(to) });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    send.mutate(email);
  };
  return (
    <Card
      title="E-mail"
      actions={
        profile.email_verified ? (
          <Badge tone="ok" icon={<CircleCheck className="size-3" aria-hidden="true" />}>
            confirmed
          </Badge>
        ) : (
          <Badge tone="warn" icon={<MailWarning className="size-3" aria-hidden="true" />}>
            not confirmed
          </Badge>
        )
      }
    >
      <form onSubmit={submit} className="flex flex-col gap-3">
        <TextField label="E-mail" type="email" value={email} onChange={(event) => setEmail(event.target.value)} autoComplete="email" required help="A link is sent there. The address counts once you have opened it, signed in." error={fieldProblem(send.error, "email")} className="max-w-sm" />
        {send.error && <ErrorNote error={send.error} />}
        {send.isSuccess && <Note tone="ok">A link is on its way to {send.variables}. Until you open it, {profile.email} stays your address.</Note>}
        <div className="flex gap-2">
          <Button type="submit" variant="primary" busy={send.isPending} disabled={email === profile.email}>
            Send the link
          </Button>
          {!profile.email_verified && (
            <Button onClick={() => send.mutate(profile.email)} disabled={send.isPending}>
              Confirm {profile.email}
            </Button>
          )}
        </div>
      </form>
    </Card>
  );
}
