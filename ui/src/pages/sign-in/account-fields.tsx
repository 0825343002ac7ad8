// What does a new account need?

import { TextField } from "~/ui/field";
import { NewPasswordField } from "./password-field";

export function AccountFields({ wrong }: { wrong: (field: string) => string | undefined }) {
  return (
    <>
      <TextField label="Name" name="name" autoComplete="name" required maxLength={100} autoFocus error={wrong("name")} />
      <TextField label="E-mail" name="email" type="email" autoComplete="username" required error={wrong("email")} />
      <NewPasswordField error={wrong("password")} />
    </>
  );
}
