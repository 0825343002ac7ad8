// Who invites me to what, and how do I accept?

import { useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { acceptInvitation, lookAtInvitation, register, type InvitationLook } from "~/api/people";
import { isProblem } from "~/api/problem";
import { sessionQuery, signIn, signOut, type Session } from "~/api/session";
import { workspacesQuery } from "~/api/workspaces";
import { queryClient } from "~/api/queries";
import { paths } from "~/paths";
import { Button } from "~/ui/button";
import { Segments } from "~/ui/choice";
import { TextField } from "~/ui/field";
import { moment } from "~/ui/format";
import { ErrorNote, Failed, Note, SkeletonRows } from "~/ui/states";
import { Door, DoorForm, useFragment } from "./door";
import { NewPasswordField } from "./password-field";
import { Services } from "./services";

export function InvitationPage() {
  const token = useFragment();
  const look = useQuery({ queryKey: ["invitation", token], queryFn: () => lookAtInvitation(token), enabled: token !== "", retry: false });
  const session = useQuery(sessionQuery);
  if (token === "" || isProblem(look.error, "expired", "not_found", "invalid")) {
    return (
      <Door title="This invitation is not valid any more">
        <Note tone="warn">It has been accepted, revoked, or is older than a week. Ask who invited you to send a new one.</Note>
      </Door>
    );
  }
  if (look.error) {
    return <Failed error={look.error} onRetry={() => void look.refetch()} />;
  }
  if (!look.data || session.isPending) {
    return <SkeletonRows rows={4} />;
  }
  return (
    <Door
      title={`Join ${look.data.workspace}`}
      about={
        <>
          You are invited to be <b>{look.data.role}</b> there, as {look.data.email}. Until {moment(look.data.expires_at)}.
        </>
      }
    >
      {session.data ? <SignedIn token={token} look={look.data} session={session.data} /> : <Newcomer token={token} look={look.data} />}
    </Door>
  );
}

function useEnter(): (slug: string) => Promise<void> {
  const navigate = useNavigate();
  return async (slug) => {
    // The invitation is spent by now: looking at it again would say that it is not valid.
    await queryClient.invalidateQueries({ predicate: (query) => query.queryKey[0] !== "invitation" });
    await navigate({ to: paths.home(slug) });
  };
}

function SignedIn({ token, look, session }: { token: string; look: InvitationLook; session: Session }) {
  const enter = useEnter();
  const accept = useMutation({ mutationFn: () => acceptInvitation(token), onSuccess: (workspace) => enter(workspace.slug) });
  if (session.person.email.toLowerCase() !== look.email.toLowerCase()) {
    return (
      <>
        <Note tone="warn">You are signed in as {session.person.email}. The invitation is for {look.email} and cannot be accepted by another account.</Note>
        <Button size="large" onClick={() => void signOut().then(() => queryClient.invalidateQueries())}>
          Sign out and go on as {look.email}
        </Button>
      </>
    );
  }
  return (
    <>
      {accept.error && <ErrorNote error={accept.error} />}
      <Button variant="primary" size="large" busy={accept.isPending} onClick={() => accept.mutate()}>
        Accept
      </Button>
    </>
  );
}

function Newcomer({ token, look }: { token: string; look: InvitationLook }) {
  const [known, setKnown] = useState<"new" | "known">("new");
  const enter = useEnter();
  return (
    <>
      <Services invitation={token} />
      <Segments
        label="Account"
        value={known}
        onChange={setKnown}
        choices={[
          { value: "new", label: "New account" },
          { value: "known", label: "I have an account" },
        ]}
      />
      {known === "new" ? (
        <DoorForm
          key="new"
          action="Make the account and join"
          onSend={async (typed) => {
            await register({ email: look.email, name: typed("name"), password: typed("password"), invitation: token });
            const joined = (await queryClient.fetchQuery({ ...workspacesQuery, staleTime: 0 })).find((one) => one.name === look.workspace);
            await enter(joined?.slug ?? "");
          }}
        >
          {(wrong) => (
            <>
              <TextField label="E-mail" type="email" value={look.email} readOnly autoComplete="username" error={wrong("email")} />
              <TextField label="Name" name="name" autoComplete="name" required maxLength={100} error={wrong("name")} />
              <NewPasswordField error={wrong("password")} />
            </>
          )}
        </DoorForm>
      ) : (
        <DoorForm
          key="known"
          action="Sign in and join"
          onSend={async (typed) => {
            await signIn({ email: look.email, password: typed("password") });
            await enter((await acceptInvitation(token)).slug);
          }}
        >
          {() => (
            <>
              <TextField label="E-mail" type="email" value={look.email} readOnly autoComplete="username" />
              <TextField label="Password" name="password" type="password" autoComplete="current-password" required />
            </>
          )}
        </DoorForm>
      )}
    </>
  );
}
