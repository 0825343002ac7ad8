// What do I show beside the password, and how does it come and go?

import { useMutation } from "@tanstack/react-query";
import { useState, type FormEvent, type ReactNode } from "react";
import { beginFactor, recoveryCodes, removeFactor, type BegunFactor, type Profile } from "~/api/profile";
import { fieldProblem } from "~/api/problem";
import { CodeField } from "~/parts/code-field";
import { Button } from "~/ui/button";
import { Card } from "~/ui/card";
import { copyText } from "~/ui/copy";
import { TextField } from "~/ui/field";
import { date } from "~/ui/format";
import { ErrorNote, Note } from "~/ui/states";
import { toast } from "~/ui/toast";

type Step = { at: "rest" } | { at: "begun"; begun: BegunFactor } | { at: "codes"; codes: string[] };

export function SecondFactor({ profile: { second_factor: held, has_password: hasPassword } }: { profile: Profile }) {
  const [step, setStep] = useState<Step>({ at: "rest" });
  const rest = () => setStep({ at: "rest" });
  const codes = (made: string[]) => setStep({ at: "codes", codes: made });
  return (
    <Card title="Second factor" note={held ? `on since ${date(held.since)}, ${held.recovery_codes_left} recovery codes left` : "off"}>
      {step.at === "codes" ? (
        <Codes codes={step.codes} onKept={rest} />
      ) : step.at === "begun" ? (
        <Ask key="begun" actions={["Turn it on"]} onSend={async ({ code }) => codes(await recoveryCodes(code))} codeHelp="The one the app shows now." before={<Scan {...step.begun} />} />
      ) : held ? (
        <Ask
          key="held"
          password
          actions={["New recovery codes", "Turn it off"]}
          onSend={async ({ code, password, action }) => {
            if (action === "Turn it off") {
              await removeFactor(code, password);
              toast({ title: "No code is asked for any more", tone: "ok" });
            } else {
              codes(await recoveryCodes(code, password));
            }
          }}
        />
      ) : hasPassword ? (
        <Ask
          key="off"
          password
          actions={["Set it up"]}
          onSend={async ({ password }) => setStep({ at: "begun", begun: await beginFactor(password) })}
          before={<p className="text-[13px] text-ink-soft">Signing in by password then asks for a code of an authenticator app as well. A password that leaks is not enough any more.</p>}
        />
      ) : (
        <p className="text-[13px] text-ink-soft">It is asked for beside a password, and you have none: the service you sign in with asks for its own.</p>
      )}
    </Card>
  );
}

interface Said {
  code: string;
  password: string;
  action: string;
}

/** Password, code or both, and a button for each thing that can be done with them. */
function Ask({ password, codeHelp, actions, before, onSend }: { password?: boolean; codeHelp?: string; actions: string[]; before?: ReactNode; onSend: (said: Said) => Promise<void> }) {
  const [round, setRound] = useState(0);
  const send = useMutation({ mutationFn: onSend, onSuccess: () => setRound(round + 1) });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const said = new FormData(event.currentTarget);
    const [first = ""] = actions;
    const by = (event.nativeEvent as SubmitEvent).submitter as HTMLButtonElement | null;
    send.mutate({ code: String(said.get("code") ?? ""), password: String(said.get("password") ?? ""), action: by?.value || first });
  };
  const needsCode = !password || actions.length > 1;
  return (
    <form key={round} onSubmit={submit} className="flex max-w-sm flex-col gap-4">
      {before}
      {password && <TextField label="Your password" name="password" type="password" autoComplete="current-password" required error={fieldProblem(send.error, "password")} />}
      {needsCode && <CodeField help={codeHelp} error={fieldProblem(send.error, "code")} />}
      {send.error && <ErrorNote error={send.error} />}
      <div className="flex flex-wrap gap-2">
        {actions.map((action, at) => (
          <Button key={action} type="submit" value={action} variant={at === 0 ? "primary" : "danger"} busy={send.isPending}>
            {action}
          </Button>
        ))}
      </div>
    </form>
  );
}

function Scan({ qr, secret }: BegunFactor) {
  return (
    <>
      <p className="text-[13px] text-ink-soft">Scan it with an authenticator app, or type the key there; then give the code the app shows.</p>
      <svg role="img" aria-label="QR code with the key" viewBox={`0 0 ${qr.size} ${qr.size}`} className="size-48 rounded-md" shapeRendering="crispEdges">
        <path fill="#fff" d={`M0 0h${qr.size}v${qr.size}H0z`} />
        <path d={qr.path} />
      </svg>
      <code className="font-mono text-xs break-all">{secret}</code>
    </>
  );
}

function Codes({ codes, onKept }: { codes: string[]; onKept: () => void }) {
  return (
    <div className="flex flex-col gap-3">
      <Note tone="warn">Keep these where you find them without the device. Each signs you in once in place of a code; this is the only time they are shown.</Note>
      <ul aria-label="Recovery codes" className="grid max-w-md gap-x-6 gap-y-1 font-mono text-xs sm:grid-cols-2">
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <div className="flex gap-2">
        <Button onClick={() => void copyText(codes.join("\n"))}>Copy</Button>
        <Button variant="primary" onClick={onKept}>
          I have kept them
        </Button>
      </div>
    </div>
  );
}
