// What do the pages at the door have in common: a title, a form, what went wrong?

import { useEffect, useState, type FormEvent, type ReactNode } from "react";
import { fieldProblem, isProblem } from "~/api/problem";
import { Button } from "~/ui/button";
import { ErrorNote, Note } from "~/ui/states";

export function Door({ title, about, children }: { title: string; about?: ReactNode; children?: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · Dragoman`;
  }, [title]);
  return (
    <div className="flex flex-col gap-5">
      <div>
        <h1 className="text-base font-semibold tracking-tight">{title}</h1>
        {about && <p className="mt-1 text-[13px] text-ink-soft">{about}</p>}
      </div>
      {children}
    </div>
  );
}

interface DoorFormProps {
  /** What the button does. */
  action: string;
  /** Gets what was typed by the names of the fields; what it throws is shown, and the form stays as it is. */
  onSend: (typed: (name: string) => string) => Promise<void>;
  /** The fields; told what is wrong with each. */
  children: (wrong: (field: string) => string | undefined) => ReactNode;
}

export function DoorForm({ action, onSend, children }: DoorFormProps) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const said = new FormData(event.currentTarget);
    setBusy(true);
    setError(undefined);
    try {
      await onSend((name) => String(said.get(name) ?? ""));
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  const wrong = (field: string) => fieldProblem(error, field);
  return (
    <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-4" noValidate={false}>
      {children(wrong)}
      {error !== undefined && <Failure error={error} />}
      <Button type="submit" variant="primary" size="large" busy={busy}>
        {action}
      </Button>
    </form>
  );
}

function Failure({ error }: { error: unknown }) {
  if (isProblem(error, "throttled", "too_many_requests")) {
    return (
      <Note tone="warn">
        Too many attempts.{error.retryAfter ? ` It can be tried again in ${error.retryAfter} s.` : " Wait a little, then try again."}
      </Note>
    );
  }
  return <ErrorNote error={error} />;
}

/** What stands behind `#`; as it is where it is no encoded text, such as a link that a mail program has cut. */
export function fragmentOf(hash: string): string {
  const raw = hash.slice(1);
  try {
    return decodeURIComponent(raw);
  } catch {
    return raw;
  }
}

/** What stands behind `#` in a link: taken once, and gone from the address bar and the history. */
export function useFragment(): string {
  const [secret] = useState(() => fragmentOf(location.hash));
  useEffect(() => {
    if (location.hash !== "") {
      history.replaceState(history.state, "", location.pathname + location.search);
    }
  }, []);
  return secret;
}
