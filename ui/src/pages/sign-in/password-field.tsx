// How is a new password asked for?

import { Eye, EyeOff } from "lucide-react";
import { useState } from "react";
import { classes } from "~/ui/classes";
import { Field, INPUT } from "~/ui/field";

const LENGTH_MIN = 10;
const STEPS = ["too short", "short", "good", "long"] as const;

/** Length is what counts: no rule about kinds of characters makes up for it. */
function strength(password: string): number {
  return password.length < LENGTH_MIN ? 0 : password.length < 14 ? 1 : password.length < 20 ? 2 : 3;
}

export function NewPasswordField({ error, label = "Password", name = "password" }: { error?: string; label?: string; name?: string }) {
  const [password, setPassword] = useState("");
  const [shown, setShown] = useState(false);
  const step = strength(password);
  return (
    <Field label={label} error={error} help="At least 10 characters. Several words that do not belong together are easy to remember and hard to guess.">
      {(ids) => (
        <>
          <div className="relative">
            <input
              {...ids}
              name={name}
              type={shown ? "text" : "password"}
              autoComplete="new-password"
              required
              minLength={LENGTH_MIN}
              maxLength={1024}
              value={password}
              onChange={(event) => setPassword(event.target.value)}
              className={classes(INPUT, "h-9 pr-10")}
            />
            <button type="button" aria-label={shown ? "Hide the password" : "Show the password"} aria-pressed={shown} onClick={() => setShown(!shown)} className="absolute inset-y-0 right-0 flex w-9 items-center justify-center text-ink-faint hover:text-ink">
              {shown ? <EyeOff className="size-4" aria-hidden="true" /> : <Eye className="size-4" aria-hidden="true" />}
            </button>
          </div>
          {password !== "" && (
            <div className="flex items-center gap-2 text-xs text-ink-soft" role="status">
              <span className="flex flex-1 gap-1" aria-hidden="true">
                {STEPS.map((_, at) => (
                  <span key={STEPS[at]} className={classes("h-1 flex-1 rounded-full", at <= step ? (step === 0 ? "bg-danger" : step === 1 ? "bg-warn" : "bg-ok") : "bg-hover")} />
                ))}
              </span>
              {STEPS[step]}
            </div>
          )}
        </>
      )}
    </Field>
  );
}
