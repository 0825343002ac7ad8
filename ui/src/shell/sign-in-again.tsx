// What happens when the session ends while somebody works? They sign in over the page and lose nothing.

import { useState, type FormEvent } from "react";
import { isProblem } from "~/api/problem";
import { queryClient } from "~/api/queries";
import { signIn } from "~/api/session";
import { CodeField } from "~/parts/code-field";
import { paths } from "~/paths";
import { Button } from "~/ui/button";
import { Dialog } from "~/ui/dialog";
import { TextField } from "~/ui/field";
import { ErrorNote } from "~/ui/states";

export function SignInAgain({ open, email, onDone }: { open: boolean; email: string; onDone: () => void }) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const [asked, setAsked] = useState(false);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const said = new FormData(event.currentTarget);
    setBusy(true);
    setError(undefined);
    try {
      await signIn({ email, password: String(said.get("password")), code: asked ? String(said.get("code")) : undefined });
      onDone();
      await queryClient.invalidateQueries();
    } catch (failure) {
      if (isProblem(failure, "second_factor_required")) {
        setAsked(true);
        return;
      }
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  // Whoever signs in by a service leaves the page and comes back to it.
  const elsewhere = () => location.assign(paths.signIn(location.pathname + location.search));
  return (
    <Dialog open={open} onClose={elsewhere} title="Your session has ended" description="Sign in again to go on where you are; what you have typed is still there.">
      <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-4">
        <TextField label="E-mail" type="email" value={email} readOnly autoComplete="username" />
        <TextField label="Password" name="password" type="password" autoComplete="current-password" required autoFocus />
        {asked && <CodeField autoFocus />}
        {error !== undefined && <ErrorNote error={error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={elsewhere}>Sign in another way</Button>
          <Button type="submit" variant="primary" busy={busy}>
            Sign in
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
