// What stands above the rules: which rule sets they build on, and the lists they name?

import { useQuery } from "@tanstack/react-query";
import { Plus, X } from "lucide-react";
import { useState, type FormEvent } from "react";
import type { Outline } from "~/api/outline";
import { packsQuery } from "~/api/publications";
import { ruleSetsQuery } from "~/api/rule-sets";
import { useWorkspace } from "~/parts/workspace";
import { Button, IconButton } from "~/ui/button";
import { BareSelect } from "~/ui/choice";
import { Card } from "~/ui/card";
import { TextField } from "~/ui/field";
import { Popover } from "~/ui/popover";
import { fieldsOf, readOnlyReason, setList, setTop, topReadOnly } from "./edit";
import type { Suggestion } from "./observed";
import type { Rules } from "./use-rules";
import { WordsInput } from "./words-input";

const NONE = "none";
const texts = (value: unknown): string[] => (Array.isArray(value) ? value.filter((one): one is string => typeof one === "string") : typeof value === "string" ? [value] : []);

export const includesOf = (outline: Outline | undefined): string[] => texts(outline?.fields.find((field) => field.key === "include")?.value);
export const listsOf = (outline: Outline | undefined): string[] => outline?.lists?.fields.map((field) => field.key) ?? [];

interface BuiltOnProps {
  name: string;
  rules: Rules;
  outline: Outline;
  isEditable: boolean;
  /** Who may stand in a list. */
  suggest: (typed: string) => readonly Suggestion[];
  onPack: (pack: string) => void;
}

export function BuiltOn({ name, rules, outline, isEditable, suggest, onPack }: BuiltOnProps) {
  const { slug } = useWorkspace();
  const packs = useQuery(packsQuery).data ?? [];
  const ruleSets = useQuery(ruleSetsQuery(slug)).data ?? [];
  const included = includesOf(outline);
  const free = [
    ...packs.map((pack) => ({ value: pack, label: pack, note: "pack that comes with Dragoman" })),
    ...ruleSets.filter((one) => one.name !== name).map((one) => ({ value: one.name, label: one.name, note: one.published ? `rule set, version ${one.published}` : "rule set: publish it first" })),
  ].filter((one) => !included.includes(one.value));
  const may = isEditable && !topReadOnly(outline, "include");
  const set = (next: readonly string[]) => void rules.edit((now) => setTop(now, "include", next.length === 0 ? undefined : next));
  return (
    <Card title="Built on" note="their rules come before these">
      <div className="flex flex-col gap-4">
        <div className="flex flex-wrap items-center gap-2">
          {included.map((one) => (
            <span key={one} className="inline-flex h-8 items-center rounded-md border border-line bg-subtle pl-2.5 text-[13px] font-medium">
              {packs.includes(one) ? (
                <button type="button" onClick={() => onPack(one)} className="underline decoration-dotted underline-offset-2" title="See what it says">
                  {one}
                </button>
              ) : (
                one
              )}
              <IconButton label={`Do not include ${one}`} size="small" disabled={!may} onClick={() => set(included.filter((name) => name !== one))}>
                <X className="size-3.5" aria-hidden="true" />
              </IconButton>
            </span>
          ))}
          <BareSelect label="Include a pack or a rule set" value={NONE} disabled={!may || free.length === 0} onChange={(one) => one !== NONE && set([...included, one])} choices={[{ value: NONE, label: included.length === 0 ? "Nothing: include a pack …" : "Include another …" }, ...free]} className="max-w-64" />
        </div>
        <Lists rules={rules} outline={outline} isEditable={isEditable} suggest={suggest} />
      </div>
    </Card>
  );
}

function Lists({ rules, outline, isEditable, suggest }: Pick<BuiltOnProps, "rules" | "outline" | "isEditable" | "suggest">) {
  const { lists } = outline;
  const reason = lists && readOnlyReason(outline, lists);
  const may = isEditable && reason === undefined;
  const shown = Object.entries(lists ? fieldsOf(lists) : {});
  return (
    <div className="flex flex-col gap-2">
      <div className="flex flex-wrap items-center gap-2">
        <h3 className="text-[13px] font-medium text-ink">Lists</h3>
        <span className="text-xs text-ink-soft">rules name them as @name; packs may ask for some, such as @writers</span>
        <span className="ml-auto">
          <NewList disabled={!may} taken={shown.map(([name]) => name)} onAdd={(name) => void rules.edit((now) => setList(now, name, []))} />
        </span>
      </div>
      {reason !== undefined && <p className="text-xs text-ink-soft">{reason} Lists are changed in the text.</p>}
      {shown.map(([name, entries]) => (
        <div key={name} className="flex items-start gap-2">
          <code className="w-28 shrink-0 pt-1.5 font-mono text-xs break-all text-ink">{name}</code>
          <WordsInput label={`Entries of ${name}`} words={texts(entries)} disabled={!may} onChange={(words) => void rules.edit((now) => setList(now, name, words))} suggest={suggest} placeholder="nobody yet" />
          <IconButton label={`Remove the list ${name}`} size="small" disabled={!may} onClick={() => void rules.edit((now) => setList(now, name, undefined))}>
            <X className="size-3.5" aria-hidden="true" />
          </IconButton>
        </div>
      ))}
    </div>
  );
}

function NewList({ disabled, taken, onAdd }: { disabled: boolean; taken: readonly string[]; onAdd: (name: string) => void }) {
  const [isOpen, setOpen] = useState(false);
  const [name, setName] = useState("");
  const wrong = name === "" ? undefined : !/^[A-Za-z0-9_-]{1,64}$/.test(name) ? "Letters, digits, - and _." : taken.includes(name) ? "There is such a list." : undefined;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name !== "" && wrong === undefined) {
      onAdd(name);
      setName("");
      setOpen(false);
    }
  };
  return (
    <Popover
      label="New list"
      open={isOpen}
      onOpenChange={setOpen}
      trigger={
        <Button size="small" disabled={disabled} icon={<Plus className="size-3.5" aria-hidden="true" />}>
          Add a list
        </Button>
      }
    >
      <form onSubmit={submit} className="flex w-56 flex-col gap-3">
        <TextField label="Name of the list" value={name} onChange={(event) => setName(event.target.value)} error={wrong} autoFocus spellCheck={false} maxLength={64} />
        <Button type="submit" variant="primary" disabled={name === "" || wrong !== undefined}>
          Add it
        </Button>
      </form>
    </Popover>
  );
}
