// Is the e-mail really the person's?

import { useMutation, useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { confirmEmail } from "~/api/people";
import { isProblem } from "~/api/problem";
import { sessionQuery } from "~/api/session";
import { paths } from "~/paths";
import { Button } from "~/ui/button";
import { ErrorNote, Note, SkeletonRows } from "~/ui/states";
import { Door, useFragment } from "./door";

export function ConfirmEmailPage() {
  const token = useFragment();
  const { data: session, isPending } = useQuery(sessionQuery);
  const confirm = useMutation({ mutationFn: () => confirmEmail(token) });
  const navigate = useNavigate();
  if (isPending) {
    return <SkeletonRows rows={3} />;
  }
  if (session === null || session === undefined) {
    // The secret stays behind `#`: it is never sent with the address of a page.
    return (
      <Door title="Confirm your e-mail" about="Only the account that asked for it can confirm it.">
        <Note>Sign in with that account, then open the link in the mail once more.</Note>
        <Button asChild variant="primary" size="large">
          <Link to={paths.signIn()}>Sign in</Link>
        </Button>
      </Door>
    );
  }
  if (confirm.isSuccess) {
    return (
      <Door title="Your e-mail is confirmed">
        <Note tone="ok">Mail for you goes to {confirm.data.email}.</Note>
        <Button variant="primary" size="large" onClick={() => void navigate({ to: paths.profile })}>
          To your profile
        </Button>
      </Door>
    );
  }
  const spent = token === "" || isProblem(confirm.error, "expired", "not_found");
  return (
    <Door title="Confirm your e-mail" about={`You are signed in as ${session.person.email}.`}>
      {spent ? (
        <Note tone="warn">
          This link has been used, is too old, or belongs to another account.{" "}
          <Link to={paths.profile} className="underline underline-offset-2">
            Send a new one from your profile
          </Link>
          .
        </Note>
      ) : (
        <>
          {confirm.error && <ErrorNote error={confirm.error} />}
          <Button variant="primary" size="large" busy={confirm.isPending} onClick={() => confirm.mutate()}>
            Confirm
          </Button>
        </>
      )}
    </Door>
  );
}
