// Somebody else saved the same meanwhile: what did they change, and whose word holds?

import { UsersRound } from "lucide-react";
import { Segments } from "~/ui/choice";
import { RelativeTime } from "~/ui/time";

/** One field as it was when one began, as it is saved now, and as one typed it. */
export interface Difference {
  field: string;
  label: string;
  before: string;
  theirs: string;
  mine: string;
}

export type Choices = Record<string, "theirs" | "mine">;

/** What the other changed: a field that only one of both touched is that one's. */
export const differences = (all: readonly Difference[]): Difference[] => all.filter((one) => one.theirs !== one.before && one.theirs !== one.mine);

/** What holds where nobody has chosen yet: what one typed oneself stays, what one did not touch is the other's. */
export const choiceOf = (one: Difference, choices: Choices): "theirs" | "mine" => choices[one.field] ?? (one.mine === one.before ? "theirs" : "mine");

interface ChangedMeanwhileProps {
  what: string;
  changedAt?: string;
  fields: readonly Difference[];
  choices: Choices;
  onChoose: (choices: Choices) => void;
}

/** Stands above a form whose save was answered with `changed`; what was typed stays in the form. */
export function ChangedMeanwhile({ what, changedAt, fields, choices, onChoose }: ChangedMeanwhileProps) {
  return (
    <section role="alert" aria-label="Changed meanwhile" className="rounded-md border border-warn/50 bg-warn-soft px-3 py-2.5 text-[13px] text-ink">
      <p className="flex flex-wrap items-center gap-2 font-medium text-warn">
        <UsersRound className="size-4 shrink-0" aria-hidden="true" />
        Somebody else changed {what} while you worked on it
        {changedAt && <RelativeTime at={changedAt} className="font-normal" />}
      </p>
      {fields.length === 0 ? (
        <p className="mt-1">What they saved does not touch what you typed. Save again and both hold.</p>
      ) : (
        <>
          <p className="mt-1">What you typed is still here. Choose what holds for each field, then save again.</p>
          <ul className="mt-2 flex flex-col divide-y divide-line rounded-md border border-line bg-surface">
            {fields.map((one) => {
              const chosen = choiceOf(one, choices);
              return (
                <li key={one.field} className="grid grid-cols-[repeat(auto-fit,minmax(8rem,1fr))] items-center gap-x-4 gap-y-1 px-3 py-2">
                  <span className="font-medium">{one.label}</span>
                  <Side label="They saved" value={one.theirs} held={chosen === "theirs"} />
                  <Side label={one.mine === one.before ? "You left it at" : "You typed"} value={one.mine} held={chosen === "mine"} />
                  <span className="justify-self-end max-sm:justify-self-start">
                    <Segments label={`${one.label}: whose holds`} value={chosen} onChange={(next) => onChoose({ ...choices, [one.field]: next })} choices={[{ value: "theirs", label: "Theirs" }, { value: "mine", label: "Yours" }]} />
                  </span>
                </li>
              );
            })}
          </ul>
        </>
      )}
    </section>
  );
}

function Side({ label, value, held }: { label: string; value: string; held: boolean }) {
  return (
    <span className="min-w-0">
      <span className="block text-2xs text-ink-faint">{label}</span>
      <span className={held ? "font-medium break-words" : "break-words text-ink-faint line-through"}>{value === "" ? "nothing" : value}</span>
    </span>
  );
}
