// How is the code of a second factor typed?

import { TextField } from "~/ui/field";

export function CodeField({ error, autoFocus, help = "The one your authenticator app shows now, or a recovery code." }: { error?: string; autoFocus?: boolean; help?: string }) {
  return <TextField label="Code" name="code" autoComplete="one-time-code" required minLength={6} maxLength={40} spellCheck={false} autoFocus={autoFocus} help={help} error={error} />;
}
