// What if the password is forgotten?

import { useState } from "react";
import { askForPasswordReset } from "~/api/people";
import { TextField } from "~/ui/field";
import { Note } from "~/ui/states";
import { BackToSignIn } from "./register-page";
import { Door, DoorForm } from "./door";

export function ForgottenPage() {
  const [asked, setAsked] = useState<string>();
  return (
    <Door title="Forgotten password" about="A link to choose a new one is sent to your e-mail. It works once, for an hour.">
      {asked === undefined ? (
        <DoorForm
          action="Send the link"
          onSend={async (typed) => {
            await askForPasswordReset(typed("email"));
            setAsked(typed("email"));
          }}
        >
          {(wrong) => <TextField label="E-mail" name="email" type="email" autoComplete="username" required autoFocus error={wrong("email")} />}
        </DoorForm>
      ) : (
        <Note tone="ok">If {asked} has an account here, a link is on its way. Where no mail server is set, whoever runs Dragoman finds it in the log.</Note>
      )}
      <BackToSignIn />
    </Door>
  );
}
