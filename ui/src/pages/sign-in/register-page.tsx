// How does one get an account, where anybody may?

import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { register } from "~/api/people";
import { instanceQuery } from "~/api/session";
import { paths } from "~/paths";
import { Note } from "~/ui/states";
import { AccountFields } from "./account-fields";
import { Door, DoorForm } from "./door";
import { Services } from "./services";

export function RegisterPage() {
  const { data: instance } = useQuery(instanceQuery);
  const navigate = useNavigate();
  if (instance && instance.registration !== "open") {
    return (
      <Door title="New account">
        <Note>{instance.registration === "invited" ? "Accounts are made by invitation here. Ask an admin of a workspace to invite you; the link in the mail opens the way." : "No new accounts are made here. Ask who runs Dragoman."}</Note>
        <BackToSignIn />
      </Door>
    );
  }
  return (
    <Door title="New account">
      <Services />
      <DoorForm
        action="Make the account"
        onSend={async (typed) => {
          await register({ email: typed("email"), name: typed("name"), password: typed("password") });
          await navigate({ to: paths.root });
        }}
      >
        {(wrong) => <AccountFields wrong={wrong} />}
      </DoorForm>
      <BackToSignIn />
    </Door>
  );
}

export function BackToSignIn() {
  return (
    <p className="text-[13px] text-ink-soft">
      <Link to={paths.signIn()} className="underline underline-offset-2">
        Sign in
      </Link>
    </p>
  );
}
