// Which rule sets hold at a listener, beyond those of its file?

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ArrowDown, ArrowUp, X } from "lucide-react";
import { useState } from "react";
import { environmentOf, type Listener } from "~/api/listeners";
import { isProblem } from "~/api/problem";
import { packsQuery, publicationQuery, publishFor, withdrawFrom, type Publication } from "~/api/publications";
import { ruleSetsQuery } from "~/api/rule-sets";
import { environmentName, onEnvironment } from "~/parts/environment";
import { problemsOf } from "~/parts/plane-problems";
import { useWorkspace } from "~/parts/workspace";
import { paths } from "~/paths";
import { Badge } from "~/ui/badge";
import { Button, IconButton } from "~/ui/button";
import { BareSelect, SelectField } from "~/ui/choice";
import { Confirm, Dialog } from "~/ui/dialog";
import { TextField } from "~/ui/field";
import { ErrorNote, Failed, Note, SkeletonRows } from "~/ui/states";
import { toast } from "~/ui/toast";

const FILE = "file";
const ENFORCE = "enforce";
type Mode = typeof FILE | typeof ENFORCE;

/** Opened for one listener; what is typed stays when it fails. */
export function PublicationDialog({ listener, onClose }: { listener: Listener; onClose: () => void }) {
  const { slug } = useWorkspace();
  const { data, error, refetch } = useQuery(publicationQuery(slug, listener.name));
  return (
    <Dialog open onClose={onClose} title={`Rule sets of ${listener.name}`} description="They come behind those of the listener's file and never lower what the file says." wide>
      {error && !data ? <Failed error={error} onRetry={() => void refetch()} /> : data ? <Editor key={data.etag} listener={listener} publication={data.data} etag={data.etag} onClose={onClose} /> : <SkeletonRows rows={4} />}
    </Dialog>
  );
}

interface EditorProps {
  listener: Listener;
  publication: Publication;
  etag: string;
  onClose: () => void;
}

function Editor({ listener, publication, etag, onClose }: EditorProps) {
  const { slug } = useWorkspace();
  const before = publication.published?.policies.map((policy) => policy.name) ?? [];
  const [policies, setPolicies] = useState<readonly string[]>(before);
  const [mode, setMode] = useState<Mode>(publication.published?.enforces ? ENFORCE : FILE);
  const [note, setNote] = useState("");
  const [asked, setAsked] = useState<"publish" | "withdraw">();
  const environment = environmentName(environmentOf(listener));
  const publish = async () => {
    await publishFor(slug, listener.name, { policies: [...policies], enforces: mode === ENFORCE ? true : undefined, note: note || undefined }, etag);
    toast({ title: `Published for ${listener.name}`, detail: "Connected data planes take it within seconds.", tone: "ok" });
    onClose();
  };
  const withdraw = async () => {
    await withdrawFrom(slug, listener.name, etag);
    toast({ title: `${listener.name} is left to its file`, tone: "ok" });
    onClose();
  };
  return (
    <div className="flex flex-col gap-4">
      <Chosen policies={policies} onChange={setPolicies} />
      <Adder chosen={policies} onAdd={(name) => setPolicies([...policies, name])} />
      <div className="grid gap-4 sm:grid-cols-2">
        <SelectField<Mode>
          label="What is refused"
          value={mode}
          onChange={setMode}
          choices={[
            { value: FILE, label: "as the file says", note: "observe records it, enforce stops it" },
            { value: ENFORCE, label: "does not pass", note: "also where the file only observes" },
          ]}
        />
        <TextField label="Note" optional maxLength={500} value={note} onChange={(event) => setNote(event.target.value)} help="Kept in the activity, beside your name." />
      </div>
      <Planes publication={publication} />
      <div className="flex flex-wrap justify-end gap-2">
        {publication.published && (
          <Button variant="quiet" className="mr-auto" onClick={() => setAsked("withdraw")}>
            Leave it to the file
          </Button>
        )}
        <Button onClick={onClose}>Cancel</Button>
        <Button variant="primary" disabled={policies.length === 0} onClick={() => setAsked("publish")}>
          Publish{onEnvironment(environment)}
        </Button>
      </div>
      <Confirm
        open={asked !== undefined}
        onClose={() => setAsked(undefined)}
        danger={asked === "withdraw"}
        title={asked === "withdraw" ? `Leave ${listener.name} to its file?` : `Publish for ${listener.name}${onEnvironment(environment)}?`}
        consequence={asked === "withdraw" ? "What was published is taken back from every data plane. Open sessions are judged by the file's rules from their next statement on." : `Every statement at ${listener.name} is judged by ${policies.join(", ")} within seconds, in open sessions too${mode === ENFORCE ? "; what they refuse does not pass" : ""}.`}
        action={asked === "withdraw" ? "Leave it to the file" : `Publish${onEnvironment(environment)}`}
        typed={environment === "production" ? listener.name : undefined}
        onConfirm={async () => {
          try {
            await (asked === "withdraw" ? withdraw() : publish());
          } catch (error) {
            if (isProblem(error, "changed")) {
              throw new Error("Somebody else has published for this listener meanwhile. Close this and look at what holds now; nothing was changed.", { cause: error });
            }
            throw error;
          }
        }}
      />
    </div>
  );
}

/** In their order: the first rule that says something counts. */
function Chosen({ policies, onChange }: { policies: readonly string[]; onChange: (policies: readonly string[]) => void }) {
  const move = (at: number, by: number) => {
    const next = [...policies];
    next.splice(at + by, 0, ...next.splice(at, 1));
    onChange(next);
  };
  if (policies.length === 0) {
    return <p className="rounded-md border border-dashed border-line-strong px-4 py-6 text-center text-[13px] text-ink-soft">Nothing is published: only the file says what holds. Add a rule set or a pack.</p>;
  }
  return (
    <ol aria-label="Published rule sets, in order" className="divide-y divide-line rounded-md border border-line">
      {policies.map((name, at) => (
        <li key={name} className="flex items-center gap-2 px-3 py-1.5 text-[13px]">
          <span className="w-5 text-ink-faint tabular-nums">{at + 1}</span>
          <span className="flex-1 font-medium">{name}</span>
          <IconButton label={`Move ${name} up`} size="small" disabled={at === 0} onClick={() => move(at, -1)}>
            <ArrowUp className="size-3.5" aria-hidden="true" />
          </IconButton>
          <IconButton label={`Move ${name} down`} size="small" disabled={at === policies.length - 1} onClick={() => move(at, 1)}>
            <ArrowDown className="size-3.5" aria-hidden="true" />
          </IconButton>
          <IconButton label={`Remove ${name}`} size="small" onClick={() => onChange(policies.filter((one) => one !== name))}>
            <X className="size-3.5" aria-hidden="true" />
          </IconButton>
        </li>
      ))}
    </ol>
  );
}

const NONE = "none";

function Adder({ chosen, onAdd }: { chosen: readonly string[]; onAdd: (name: string) => void }) {
  const { slug } = useWorkspace();
  const packs = useQuery(packsQuery);
  const ruleSets = useQuery(ruleSetsQuery(slug));
  const drafts = (ruleSets.data ?? []).filter((one) => !one.published);
  const free = [
    ...(ruleSets.data ?? []).filter((one) => one.published).map((one) => ({ value: one.name, label: one.name, note: `rule set, version ${one.published ?? ""}` })),
    ...(packs.data ?? []).map((name) => ({ value: name, label: name, note: "pack that comes with Dragoman" })),
  ].filter((one) => !chosen.includes(one.value));
  return (
    <div className="flex flex-col gap-2">
      {(packs.error ?? ruleSets.error) && <ErrorNote error={packs.error ?? ruleSets.error} />}
      <BareSelect label="Add a rule set or a pack" value={NONE} onChange={(name) => name !== NONE && onAdd(name)} choices={[{ value: NONE, label: free.length > 0 ? "Add a rule set or a pack …" : "Nothing left to add" }, ...free]} className="max-w-72" />
      {drafts.length > 0 && (
        <p className="text-xs text-ink-faint">
          Drafts have to get a version first:{" "}
          {drafts.map((one, at) => (
            <span key={one.id}>
              {at > 0 && ", "}
              <Link to={paths.ruleSet(slug, one.id)} className="underline underline-offset-2">
                {one.name}
              </Link>
            </span>
          ))}
        </p>
      )}
    </div>
  );
}

function Planes({ publication }: { publication: Publication }) {
  if (publication.planes.length === 0) {
    return null;
  }
  return (
    <ul aria-label="Data planes" className="flex flex-col gap-1 text-xs text-ink-soft">
      {publication.planes.map((plane) => (
        <li key={plane.plane} className="flex flex-wrap items-center gap-2">
          {plane.plane_name} <Badge tone={problemsOf(plane).length > 0 ? "danger" : "neutral"}>{plane.state.replaceAll("_", " ")}</Badge>
          {!plane.managed && <Note tone="warn">Its file does not let rule sets be published: set managed = true for this listener.</Note>}
          {problemsOf(plane).map((problem) => (
            <span key={problem} className="text-danger">
              {problem}
            </span>
          ))}
        </li>
      ))}
    </ul>
  );
}
