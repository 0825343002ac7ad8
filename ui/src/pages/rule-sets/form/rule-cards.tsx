// Which rules stand in the text, in which order, and what does each say?

import { ArrowDown, ArrowUp, Code, CircleX, FlaskConical, Pencil, Plus, Trash2 } from "lucide-react";
import { Link } from "@tanstack/react-router";
import { useRef, useState } from "react";
import type { Block, Outline, Place } from "~/api/outline";
import type { CaseResult } from "~/api/rule-sets";
import { usePageSearch } from "~/parts/search";
import { Verdict } from "~/parts/verdict";
import { Badge } from "~/ui/badge";
import { Button, IconButton } from "~/ui/button";
import { Card } from "~/ui/card";
import { classes } from "~/ui/classes";
import { count } from "~/ui/format";
import { toast } from "~/ui/toast";
import type { CheckedRules } from "../diagnostics";
import { addRule, fieldsOf, ownLines, placeOf, readOnlyReason, removeRule, setFields, swapRules } from "./edit";
import { changesOf, EMPTY_RULE, formOf, limitWords, newFields, sentence, type RuleForm } from "./model";
import type { Suggestion } from "./observed";
import { RuleDialog } from "./rule-dialog";
import type { Rules } from "./use-rules";

/** The value of `edit` in the URL for a rule that is not there yet; no rule can be called so. */
const NEW = ":new";

interface RuleCardsProps {
  /** The rule set's name: people see `set/rule`. */
  name: string;
  rules: Rules;
  outline: Outline;
  checked: CheckedRules;
  results: readonly CaseResult[] | undefined;
  mayEdit: boolean;
  suggest: (key: string, typed: string) => readonly Suggestion[];
  onText: (text: string) => void;
  onShow: (place: Place) => void;
}

interface Item {
  block: Block;
  form: RuleForm;
  /** Its name, or its number where it has none. */
  key: string;
  /** The same, also where two have one name: a mistake that is told. */
  id: string;
}

function itemsOf(outline: Outline): Item[] {
  const seen = new Map<string, number>();
  return outline.rules.map((block, at) => {
    const form = formOf(fieldsOf(block));
    const key = form.name || `rule ${at + 1}`;
    const before = seen.get(key) ?? 0;
    seen.set(key, before + 1);
    return { block, form, key, id: before === 0 ? key : `${key} ${before + 1}` };
  });
}

export function RuleCards(props: RuleCardsProps) {
  const { name, rules, outline, mayEdit, suggest, onText } = props;
  const [search, setSearch] = usePageSearch();
  const [said, setSaid] = useState("");
  const adder = useRef<HTMLButtonElement>(null);
  const items = itemsOf(outline);
  const close = () => setSearch({ edit: undefined }, "replace");
  const isNew = search["edit"] === NEW;
  const edited = items.find((one) => one.form.name !== "" && one.form.name === search["edit"]);
  const isEditable = mayEdit && !rules.isBroken;
  const move = (item: Item, at: number, by: 1 | -1) => {
    void rules.edit((now) => swapRules(now, by === 1 ? at : at - 1));
    setSaid(`${item.key} is rule ${at + by + 1} of ${items.length} now`);
  };
  const remove = (item: Item, at: number) => {
    const before = outline.text;
    void rules.edit((now) => (now.text === before ? removeRule(now, at) : now.text)).then(() => {
      adder.current?.focus();
      toast({ title: `${item.key} is gone from the text`, action: { label: "Bring it back", run: () => onText(before) } });
    });
  };
  return (
    <Card
      title="Rules"
      note={items.length > 0 ? `${count(items.length, "rule")}, in order` : undefined}
      flush
      actions={
        <Button ref={adder} size="small" disabled={!isEditable} title={mayEdit ? undefined : "Needs the capability edit_rules."} onClick={() => setSearch({ edit: NEW }, "replace")} icon={<Plus className="size-3.5" aria-hidden="true" />}>
          Add a rule
        </Button>
      }
    >
      <p role="status" className="sr-only">
        {said}
      </p>
      {items.length === 0 ? (
        <p className="px-4 py-8 text-center text-[13px] text-ink-soft">There is no rule in the text yet. A rule says of which statements it speaks, and what becomes of them.</p>
      ) : (
        <ol aria-label="Rules, in order" className="divide-y divide-line">
          {items.map((item, at) => (
            <RuleCard key={item.id} {...props} item={item} at={at} last={items.length - 1} isEditable={isEditable} onMove={(by) => move(item, at, by)} onRemove={() => remove(item, at)} onEdit={() => setSearch({ edit: item.form.name }, "replace")} />
          ))}
        </ol>
      )}
      {isEditable && (isNew || (edited && readOnlyReason(outline, edited.block) === undefined)) && (
        <RuleDialog
          key={search["edit"]}
          title={isNew ? "New rule" : `Rule ${name}/${edited?.form.name ?? ""}`}
          before={edited?.form ?? EMPTY_RULE}
          taken={items.filter((one) => one !== edited).map((one) => one.form.name)}
          suggest={suggest}
          action={isNew ? "Add the rule" : "Change the text"}
          onClose={close}
          onDone={(after) =>
            rules.edit((now) => {
              if (edited === undefined) {
                return addRule(now, newFields(after));
              }
              const block = itemsOf(now).find((one) => one.form.name === edited.form.name)?.block;
              return block === undefined ? now.text : setFields(now, block, changesOf(edited.form, after));
            })
          }
        />
      )}
    </Card>
  );
}

interface RuleCardProps extends RuleCardsProps {
  item: Item;
  at: number;
  last: number;
  isEditable: boolean;
  onMove: (by: 1 | -1) => void;
  onRemove: () => void;
  onEdit: () => void;
}

function RuleCard({ name, item, at, last, outline, checked, results, isEditable, onMove, onRemove, onEdit, onShow }: RuleCardProps) {
  const { block, form, key } = item;
  const reason = readOnlyReason(outline, block);
  const own = placeOf(outline, block);
  const wrong = checked.mistakes.filter((one) => own.from <= one.from && one.from < own.to);
  const limits = limitWords(form.limit);
  const icon = "size-3.5";
  return (
    <li className={classes("flex flex-col gap-1.5 px-4 py-2.5", wrong.length > 0 && "border-l-2 border-danger")}>
      <div className="flex flex-wrap items-center gap-2">
        <h3 className="min-w-0 text-[13px] font-semibold break-all text-ink">{key}</h3>
        {form.decision !== "" && <Verdict word={form.decision} />}
        {form.isFinal && <Badge>final</Badge>}
        {form.isOnTrial && <Badge tone="info">on trial</Badge>}
        <CasesOf rule={`${name}/${form.name}`} results={results} />
        <span className="ml-auto flex items-center">
          <IconButton label={`Show ${key} in the text`} size="small" onClick={() => onShow(ownLines(outline, block))}>
            <Code className={icon} aria-hidden="true" />
          </IconButton>
          <IconButton label={`Move ${key} up`} size="small" disabled={!isEditable || at === 0} onClick={() => onMove(-1)}>
            <ArrowUp className={icon} aria-hidden="true" />
          </IconButton>
          <IconButton label={`Move ${key} down`} size="small" disabled={!isEditable || at === last} onClick={() => onMove(1)}>
            <ArrowDown className={icon} aria-hidden="true" />
          </IconButton>
          <IconButton label={`Edit ${key}`} size="small" disabled={!isEditable || reason !== undefined || form.name === ""} onClick={onEdit}>
            <Pencil className={icon} aria-hidden="true" />
          </IconButton>
          <IconButton label={`Delete ${key}`} size="small" disabled={!isEditable} onClick={onRemove}>
            <Trash2 className={icon} aria-hidden="true" />
          </IconButton>
        </span>
      </div>
      <p className="text-xs break-words text-ink-soft">
        {sentence(form)}.{limits !== "" && ` At most ${limits}.`}
      </p>
      {form.message !== "" && (
        <p dir="auto" className="text-xs break-words text-ink">
          “{form.message}”{form.hint !== "" && <span className="text-ink-soft"> · {form.hint}</span>}
        </p>
      )}
      {reason !== undefined && <p className="text-xs text-ink-soft">{reason} The form shows it; it is changed in the text.</p>}
      {wrong.map((one, index) => (
        <p key={index} className="flex gap-1.5 text-xs whitespace-pre-line text-danger">
          <CircleX className="mt-px size-3.5 shrink-0" aria-hidden="true" /> {one.message}
        </p>
      ))}
    </li>
  );
}

/** Which test cases are about it, and do they hold? */
function CasesOf({ rule, results }: { rule: string; results: readonly CaseResult[] | undefined }) {
  const about = results?.filter((one) => one.expected.split(/\s/).includes(rule) || one.got.split(/\s/).includes(rule)) ?? [];
  if (about.length === 0) {
    return null;
  }
  const failed = about.filter((one) => !one.passed).length;
  return (
    <Link to="." search={((before: Record<string, unknown>) => ({ ...before, tab: "cases" })) as never} className="inline-flex hover:underline">
      <Badge tone={failed > 0 ? "danger" : "ok"} icon={<FlaskConical className="size-3" aria-hidden="true" />}>
        {failed > 0 ? `${failed} of ${count(about.length, "case")} differ` : `${count(about.length, "case")} hold`}
      </Badge>
    </Link>
  );
}
