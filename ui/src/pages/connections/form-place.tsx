// Where is the database, and how does one log in?

import { useQuery } from "@tanstack/react-query";
import { Cable, Link2, Network } from "lucide-react";
import { useState, type ClipboardEvent, type KeyboardEvent } from "react";
import { environmentOf, listenersQuery, type Listener } from "~/api/listeners";
import { may, type Workspace } from "~/api/workspaces";
import { ChoiceCards } from "~/parts/choice-cards";
import { environmentName } from "~/parts/environment";
import { SelectField } from "~/ui/choice";
import { TextArea, TextField } from "~/ui/field";
import { Note } from "~/ui/states";
import { fromUrl } from "./url";
import type { ConnectionFormState } from "./use-connection-form";
import { PORTS, type Engine, type Values } from "./values";
import { ENGINES, kindName } from "./words";

const NOTES: Record<Engine, string> = { postgres: "port 5432", mysql: "port 3306", mariadb: "port 3306", sqlite: "a file, only read", sqlserver: "port 1433, only read" };

export function EngineChoice({ form }: { form: ConnectionFormState }) {
  const { values, change, base } = form;
  if (base) {
    return (
      <p className="text-[13px]">
        <span className="font-medium">Engine</span> {kindName(base.connection.kind)} <span className="text-ink-faint">stays the same; another engine is another connection</span>
      </p>
    );
  }
  return (
    <ChoiceCards
      label="Engine"
      value={values.engine}
      columns="grid-cols-2 @2xl:grid-cols-5"
      onChange={(engine) => change({ engine, via: "", ...(engine === "sqlite" ? { way: "direct" as const } : {}) })}
      choices={(Object.keys(ENGINES) as Engine[]).map((value) => ({ value, label: ENGINES[value], note: NOTES[value] }))}
    />
  );
}

/** Takes a URL apart as soon as it is pasted; what was pasted is gone from the line at once, for it holds a password. */
export function UrlLine({ form }: { form: ConnectionFormState }) {
  const [text, setText] = useState("");
  const [said, setSaid] = useState<{ filled: boolean; text: string }>();
  const take = (url: string): boolean => {
    const found = fromUrl(url);
    if (found === undefined) {
      setSaid({ filled: false, text: "This is no URL of a database: it begins with postgres://, mysql://, mariadb://, sqlserver:// or sqlite:." });
      return false;
    }
    const engine = form.base ? {} : { engine: found.engine };
    form.change({ ...found, ...engine, name: form.values.name || (found.database ?? "") });
    setText("");
    setSaid({ filled: true, text: found.password ? "The fields below are filled; the password is in its own." : "The fields below are filled; the URL has no password." });
    return true;
  };
  const onPaste = (event: ClipboardEvent) => {
    if (take(event.clipboardData.getData("text"))) {
      event.preventDefault();
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter" && text !== "") {
      event.preventDefault();
      take(text);
    }
  };
  return (
    <TextField
      label={
        <span className="inline-flex items-center gap-1.5">
          <Link2 className="size-3.5 text-ink-faint" aria-hidden="true" /> Paste a URL
        </span>
      }
      optional
      placeholder="postgres://user:password@host:5432/database"
      value={text}
      onChange={(event) => setText(event.target.value)}
      onPaste={onPaste}
      onKeyDown={onKeyDown}
      onBlur={() => text !== "" && take(text)}
      autoComplete="off"
      spellCheck={false}
      help={said?.filled ? <span role="status">{said.text}</span> : "It fills the fields below. The URL itself is not kept."}
      error={said && !said.filled ? said.text : undefined}
    />
  );
}

const protocolOf = (listener: Listener): string => listener.planes.find((plane) => plane.state)?.state?.protocol ?? "";

export function PlaceFields({ form, workspace }: { form: ConnectionFormState; workspace: Workspace }) {
  const { values, told, change } = form;
  const listeners = useQuery({ ...listenersQuery(workspace.slug), enabled: may(workspace, "view_traffic") }).data ?? [];
  const protocol = values.engine === "postgres" ? "postgres" : "mysql";
  const fitting = listeners.filter((one) => protocolOf(one) === protocol);
  if (values.engine === "sqlite") {
    return <TextField label="File" value={values.file} onChange={(event) => change({ file: event.target.value })} error={told.file} placeholder="reports/sales.db" spellCheck={false} autoComplete="off" help="Relative to the folder that whoever runs Dragoman has named (admin.sqlite_directory). It is opened to be read." />;
  }
  return (
    <>
      <ChoiceCards
        label="Way"
        value={values.way}
        onChange={(way) => change({ way })}
        columns="sm:grid-cols-2"
        choices={[
          { value: "direct", label: "Straight to the server", icon: <Cable className="size-3.5 text-ink-faint" aria-hidden="true" />, note: "What is asked here is not judged or recorded by the gateway." },
          { value: "listener", label: "Through a listener", icon: <Network className="size-3.5 text-ink-faint" aria-hidden="true" />, note: "What is asked is judged, timed and recorded as any client's." },
        ]}
      />
      {values.way === "listener" ? <Through form={form} listeners={fitting} /> : <Server form={form} />}
    </>
  );
}

function Through({ form, listeners }: { form: ConnectionFormState; listeners: readonly Listener[] }) {
  const { values, told, change } = form;
  if (listeners.length === 0) {
    return <Note tone="warn">This workspace owns no listener for {ENGINES[values.engine]}. Listeners stand in the settings file of the gateway, which also says who owns them.</Note>;
  }
  const choose = (via: string) => {
    const chosen = listeners.find((one) => one.name === via);
    const environment = environmentName(chosen && environmentOf(chosen));
    change({ via, ...(environment === "" ? {} : { environment }) });
  };
  return (
    <SelectField
      label="Listener"
      value={values.via}
      onChange={choose}
      error={told.via}
      help="The environment below follows the listener's."
      choices={listeners.map((one) => ({ value: one.name, label: one.name, note: [environmentOf(one), ...(one.planes[0]?.state?.upstream ?? [])].filter(Boolean).join(" · ") }))}
    />
  );
}

function Server({ form }: { form: ConnectionFormState }) {
  const { values, told, change } = form;
  return (
    <div className="grid grid-cols-[1fr_7rem] gap-3">
      <TextField label="Host" value={values.host} onChange={(event) => change({ host: event.target.value })} error={told.host} placeholder="db.example.com" spellCheck={false} autoComplete="off" />
      <TextField label="Port" value={values.port} onChange={(event) => change({ port: event.target.value })} error={told.port} placeholder={PORTS[values.engine]} inputMode="numeric" autoComplete="off" />
    </div>
  );
}

export function LoginFields({ form }: { form: ConnectionFormState }) {
  const { values, told, change, base, moved } = form;
  const kept = base?.connection.has_password ?? false;
  const help = !kept ? "Kept sealed; nobody is ever shown it." : moved ? "Type it again: the kept one goes only where it was meant to go." : "Kept; leave it empty to keep it.";
  return (
    <>
      <TextField label="Database" optional value={values.database} onChange={(event) => change({ database: event.target.value })} error={told.database} spellCheck={false} autoComplete="off" help="The server's own where nothing is said." />
      <div className="grid gap-3 sm:grid-cols-2">
        <TextField label="User" value={values.user} onChange={(event) => change({ user: event.target.value })} error={told.user} spellCheck={false} autoComplete="off" />
        <TextField label="Password" type="password" value={values.password} onChange={(event) => change({ password: event.target.value })} error={told.password} placeholder={kept && !moved ? "••••••••" : undefined} autoComplete="new-password" help={help} />
      </div>
    </>
  );
}

const MODES: readonly { value: Values["tls"]; label: string; note: string }[] = [
  { value: "disable", label: "Never (disable)", note: "Everything can be read on the way, the password too." },
  { value: "prefer", label: "If the server has it (prefer)", note: "Whoever stands between can turn it off." },
  { value: "require", label: "Always (require)", note: "Encrypted, but nobody checks who answers." },
  { value: "verify-ca", label: "Always, and an authority vouches (verify-ca)", note: "The certificate is signed by the authority below." },
  { value: "verify-full", label: "Always, and it is this host (verify-full)", note: "The certificate also names the host as it is written here." },
];

export function TlsFields({ form }: { form: ConnectionFormState }) {
  const { values, told, change } = form;
  const mode = MODES.find((one) => one.value === values.tls);
  const production = values.environment === "production" && values.way === "direct";
  return (
    <>
      <SelectField label="TLS" value={values.tls} onChange={(tls) => change({ tls })} error={told.tls} help={mode?.note} choices={MODES} />
      {production && (values.tls === "disable" || values.tls === "prefer") && <Note tone="warn">On production choose a mode that cannot be turned off on the way.</Note>}
      {values.tls.startsWith("verify") && (
        <TextArea label="Certificate of the authority (PEM)" value={values.ca} onChange={(event) => change({ ca: event.target.value })} error={told.ca} placeholder="-----BEGIN CERTIFICATE-----" spellCheck={false} rows={5} />
      )}
    </>
  );
}
