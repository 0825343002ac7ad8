// What is ticked and typed of the workspace's own roles until it is saved, also where somebody else saves one meanwhile?

import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { changeRole, rolesQuery, type CustomRole } from "~/api/members";
import { isProblem } from "~/api/problem";
import type { Capability } from "~/api/workspaces";
import { choiceOf, differences, type Choices, type Difference } from "~/parts/changed-meanwhile";
import { remembered, useRemembered } from "~/ui/remembered";
import { toast } from "~/ui/toast";

type Said = Pick<CustomRole, "description" | "capabilities">;
type Ticks = Partial<Record<Capability, boolean>>;

interface Draft {
  /** The role as it was when one began. */
  base: Said;
  description: string;
  /** What one ticked or took away; the rest is as it is saved, whoever saves it. */
  ticks: Ticks;
}

type Drafts = Record<string, Draft>;
const NONE: Drafts = {};

const areDrafts = (value: unknown): boolean =>
  Object.values(value as Record<string, Partial<Draft> | null>).every((one) => typeof one?.base?.description === "string" && Array.isArray(one.base.capabilities) && typeof one.description === "string" && typeof one.ticks === "object");

/** The ticks of one's own over what is saved. */
export const ticked = (saved: readonly Capability[], ticks: Ticks): Capability[] => [
  ...saved.filter((one) => ticks[one] !== false),
  ...(Object.keys(ticks) as Capability[]).filter((one) => ticks[one] && !saved.includes(one)),
];

const same = (one: Said, other: Said): boolean => one.description === other.description && [...one.capabilities].sort().join() === [...other.capabilities].sort().join();

const without = (drafts: Drafts, name: string): Drafts => Object.fromEntries(Object.entries(drafts).filter(([other]) => other !== name));

/** The one thing of which both may have written another: ticks of both are the same where both changed one. */
const differencesOf = ({ name, description }: CustomRole, draft: Draft): Difference[] => differences([{ field: name, label: `Whom ${name} is for`, before: draft.base.description, theirs: description, mine: draft.description }]);

/** The browser keeps it: another tab of the page or a reload loses nothing. */
export function useDrafts(slug: string) {
  const saved = useQuery(rolesQuery(slug)).data ?? [];
  const key = `roles.${slug}`;
  const [drafts, setDrafts] = useRemembered(key, NONE, areDrafts);
  const [choices, setChoices] = useState<Choices>({});
  const wanted = (one: CustomRole): Said => {
    const draft = drafts[one.name];
    const isTheirs = draft && differencesOf(one, draft).some((other) => choiceOf(other, choices) === "theirs");
    return draft ? { description: isTheirs ? one.description : draft.description, capabilities: ticked(one.capabilities, draft.ticks) } : one;
  };
  const changed = saved.filter((one) => !same(one, wanted(one)));
  const save = useMutation({
    mutationFn: async () => {
      for (const one of changed) {
        await changeRole(slug, one, wanted(one));
        setDrafts(without(remembered(key, NONE), one.name));
      }
    },
    onSuccess: () => toast({ title: "The roles are changed", detail: "It counts from the next request of who has them.", tone: "ok" }),
  });
  const others = changed.flatMap((one) => {
    const draft = drafts[one.name];
    // What one saves oneself comes back before the draft of it goes.
    return draft && !save.isPending && !same(one, draft.base) ? [{ name: one.name, fields: differencesOf(one, draft) }] : [];
  });
  const set = (name: string, change: (before: Draft) => Draft) => {
    const one = saved.find((role) => role.name === name);
    if (one) {
      const before = changed.includes(one) ? drafts[name] : undefined;
      setDrafts({ ...drafts, [name]: change(before ?? { base: one, description: one.description, ticks: {} }) });
    }
  };
  return {
    changed,
    /** Roles that somebody else saved since one began. */
    conflicts: others.map((one) => ({ ...one, choices, onChoose: setChoices })),
    save,
    /** What went wrong, if it is not that somebody else was faster. */
    error: isProblem(save.error, "changed") && others.length > 0 ? null : save.error,
    of: (name: string): Said | undefined => {
      const one = saved.find((role) => role.name === name);
      return one && wanted(one);
    },
    tick: (name: string, capability: Capability, isGiven: boolean) => set(name, (before) => ({ ...before, ticks: { ...before.ticks, [capability]: isGiven } })),
    describe: (name: string, description: string) => {
      setChoices({ ...choices, [name]: "mine" });
      set(name, (before) => ({ ...before, description }));
    },
    drop: () => {
      setDrafts(NONE);
      save.reset();
    },
    /** The role is gone: another one of its name begins anew. */
    forget: (name: string) => setDrafts(without(drafts, name)),
  };
}
