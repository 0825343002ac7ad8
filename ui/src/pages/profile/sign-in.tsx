// How do I sign in: with which password, with which other accounts?

import { useMutation, useQuery } from "@tanstack/react-query";
import { Link2, Unlink } from "lucide-react";
import { useState, type FormEvent } from "react";
import { beginLink, changePassword, linkedAccountsQuery, unlink, type LinkedAccount, type Profile } from "~/api/profile";
import { fieldProblem } from "~/api/problem";
import { instanceQuery } from "~/api/session";
import { NewPasswordField } from "~/pages/sign-in/password-field";
import { Button } from "~/ui/button";
import { Card } from "~/ui/card";
import { Confirm } from "~/ui/dialog";
import { TextField } from "~/ui/field";
import { ErrorNote, Failed, SkeletonRows } from "~/ui/states";
import { RelativeTime } from "~/ui/time";
import { toast } from "~/ui/toast";
import { SecondFactor } from "./second-factor";

export function SignIn({ profile }: { profile: Profile }) {
  return (
    <>
      <Password profile={profile} />
      <SecondFactor profile={profile} />
      <Accounts hasPassword={profile.has_password} />
    </>
  );
}

function Password({ profile }: { profile: Profile }) {
  // A form that has been sent begins anew: passwords do not stay on the page.
  const [round, setRound] = useState(0);
  const change = useMutation({
    mutationFn: changePassword,
    onSuccess: () => {
      setRound(round + 1);
      toast({ title: "The new password holds", detail: "Your other sessions have ended.", tone: "ok" });
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const said = new FormData(event.currentTarget);
    change.mutate({ old_password: profile.has_password ? String(said.get("old")) : undefined, password: String(said.get("password")) });
  };
  const wrong = (name: string) => fieldProblem(change.error, name);
  return (
    <Card title={profile.has_password ? "Change the password" : "Set a password"} note={profile.has_password ? undefined : "so far you sign in with another account only"}>
      <form key={round} onSubmit={submit} className="flex max-w-sm flex-col gap-4">
        {profile.has_password && <TextField label="Password in use" name="old" type="password" autoComplete="current-password" required error={wrong("old_password")} />}
        <NewPasswordField label="New password" error={wrong("password")} />
        {change.error && <ErrorNote error={change.error} />}
        <div>
          <Button type="submit" variant="primary" busy={change.isPending}>
            Set the password
          </Button>
        </div>
      </form>
    </Card>
  );
}

function Accounts({ hasPassword }: { hasPassword: boolean }) {
  const { data: accounts, error, refetch } = useQuery(linkedAccountsQuery);
  const services = useQuery(instanceQuery).data?.sign_in ?? [];
  const [asked, setAsked] = useState<LinkedAccount>();
  const link = useMutation({ mutationFn: beginLink, onSuccess: (url) => location.assign(url) });
  if (error && !accounts) {
    return <Failed error={error} onRetry={() => void refetch()} />;
  }
  if (!accounts) {
    return <SkeletonRows rows={2} />;
  }
  const isLastWay = !hasPassword && accounts.length === 1;
  const free = services.filter((service) => !accounts.some((account) => account.service === service));
  return (
    <Card title="Linked accounts" note="other services you can sign in with">
      {services.length === 0 && accounts.length === 0 && <p className="text-[13px] text-ink-soft">No other services are set up here. Whoever runs Dragoman adds them to its settings.</p>}
      <ul className="flex flex-col divide-y divide-line">
        {accounts.map((account) => (
          <li key={account.id} className="flex flex-wrap items-center gap-3 py-2 text-[13px]">
            <span className="font-medium capitalize">{account.service}</span>
            <span className="text-ink-soft">{account.email}</span>
            <span className="ml-auto text-xs text-ink-faint">
              used <RelativeTime at={account.last_used_at} />
            </span>
            <Button size="small" icon={<Unlink className="size-3.5" aria-hidden="true" />} disabled={isLastWay} title={isLastWay ? "It is the only way you can sign in: set a password first." : undefined} onClick={() => setAsked(account)}>
              Unlink
            </Button>
          </li>
        ))}
      </ul>
      <div className="mt-2 flex flex-wrap gap-2">
        {free.map((service) => (
          <Button key={service} icon={<Link2 className="size-3.5" aria-hidden="true" />} onClick={() => link.mutate(service)} busy={link.isPending}>
            Link {service}
          </Button>
        ))}
      </div>
      {link.error && <ErrorNote error={link.error} />}
      <Confirm open={asked !== undefined} onClose={() => setAsked(undefined)} title={`Unlink ${asked?.service ?? ""}?`} consequence="You cannot sign in with that account any more until you link it again." action="Unlink" onConfirm={() => unlink(asked?.id ?? "")} />
    </Card>
  );
}
