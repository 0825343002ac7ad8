// How does one sign in?

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { isProblem } from "~/api/problem";
import { instanceQuery, signIn } from "~/api/session";
import { CodeField } from "~/parts/code-field";
import { usePageSearch } from "~/parts/search";
import { paths, safeNext } from "~/paths";
import { TextField } from "~/ui/field";
import { Note } from "~/ui/states";
import { Door, DoorForm } from "./door";
import { Services } from "./services";

export function SignInPage() {
  const [search] = usePageSearch();
  const { data: instance } = useQuery(instanceQuery);
  const navigate = useNavigate();
  const cache = useQueryClient();
  // Whether the account asks for a code as well: the API says so once the password is right.
  const [asked, setAsked] = useState(false);
  const next = safeNext(search["next"]);
  const send = async (typed: (name: string) => string) => {
    let session;
    try {
      session = await signIn({ email: typed("email"), password: typed("password"), code: typed("code") || undefined });
    } catch (error) {
      if (isProblem(error, "second_factor_required")) {
        setAsked(true);
        return;
      }
      throw error;
    }
    // What was kept may be somebody else's.
    cache.removeQueries({ predicate: (query) => query.queryKey[0] !== "session" && query.queryKey[0] !== "instance" });
    cache.setQueryData(["session"], session);
    await navigate({ href: next });
  };
  return (
    <Door title="Sign in" about={next !== "/" ? "You come back to where you were." : undefined}>
      {search["done"] === "password" && <Note tone="ok">The new password holds. Sign in with it.</Note>}
      <Services />
      <DoorForm action="Sign in" onSend={send}>
        {(wrong) => (
          <>
            <TextField label="E-mail" name="email" type="email" autoComplete="username" required autoFocus error={wrong("email")} defaultValue={search["email"]} />
            <TextField label="Password" name="password" type="password" autoComplete="current-password" required error={wrong("password")} />
            {asked && <CodeField autoFocus error={wrong("code")} />}
          </>
        )}
      </DoorForm>
      <p className="flex justify-between text-[13px] text-ink-soft [&_a]:underline [&_a]:underline-offset-2">
        <Link to={paths.forgotten}>Forgotten password</Link>
        {instance?.registration === "open" && <Link to={paths.register}>New account</Link>}
      </p>
    </Door>
  );
}
