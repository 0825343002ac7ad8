// How is a new password chosen, by the link that was mailed?

import { useNavigate } from "@tanstack/react-router";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { resetPassword } from "~/api/people";
import { isProblem } from "~/api/problem";
import { paths, withSearch } from "~/paths";
import { Note } from "~/ui/states";
import { Door, DoorForm, useFragment } from "./door";
import { NewPasswordField } from "./password-field";

export function ResetPasswordPage() {
  const token = useFragment();
  const [spent, setSpent] = useState(token === "");
  const navigate = useNavigate();
  const send = async (typed: (name: string) => string) => {
    try {
      await resetPassword(token, typed("password"));
    } catch (error) {
      if (isProblem(error, "expired", "not_found")) {
        setSpent(true);
        return;
      }
      throw error;
    }
    await navigate({ href: withSearch(paths.signIn(), { done: "password" }) });
  };
  return (
    <Door title="New password" about={spent ? undefined : "All sessions end; you sign in again with the new one."}>
      {spent ? (
        <Note tone="warn">
          This link has been used, or is older than an hour.{" "}
          <Link to={paths.forgotten} className="underline underline-offset-2">
            Ask for a new one
          </Link>
          .
        </Note>
      ) : (
        <DoorForm action="Set the password" onSend={send}>
          {(wrong) => <NewPasswordField label="New password" error={wrong("password")} />}
        </DoorForm>
      )}
    </Door>
  );
}
