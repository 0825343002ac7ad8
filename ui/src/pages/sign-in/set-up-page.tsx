// Who is the first admin?

import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { setUp } from "~/api/people";
import { isProblem } from "~/api/problem";
import { workspacesQuery } from "~/api/workspaces";
import { paths } from "~/paths";
import { Note } from "~/ui/states";
import { AccountFields } from "./account-fields";
import { BackToSignIn } from "./register-page";
import { Door, DoorForm, useFragment } from "./door";

export function SetUpPage() {
  const token = useFragment();
  const [spent, setSpent] = useState(token === "");
  const navigate = useNavigate();
  const cache = useQueryClient();
  const send = async (typed: (name: string) => string) => {
    try {
      await setUp(token, { name: typed("name"), email: typed("email"), password: typed("password") });
    } catch (error) {
      // `csrf_missing`: somebody is signed in here, so that there is an admin already.
      if (isProblem(error, "expired", "not_found", "conflict", "forbidden", "csrf_missing")) {
        setSpent(true);
        return;
      }
      throw error;
    }
    const workspaces = await cache.fetchQuery(workspacesQuery);
    const first = workspaces.find((one) => one.kind === "gateway") ?? workspaces[0];
    await navigate({ to: first ? paths.welcome(first.slug) : paths.root });
  };
  if (spent) {
    return (
      <Door title="This link does not open anything">
        <Note tone="warn">The link for the first admin is good once and for a day. While nobody has an account, each start of Dragoman prints a new one on its standard output: restart it and open that one, with all that stands behind the #.</Note>
        <BackToSignIn />
      </Door>
    );
  }
  return (
    <Door title="Welcome" about="Nobody has an account here yet. You become the first admin: you own the workspace, connect databases and invite the others.">
      <DoorForm action="Become the first admin" onSend={send}>
        {(wrong) => <AccountFields wrong={wrong} />}
      </DoorForm>
    </Door>
  );
}
