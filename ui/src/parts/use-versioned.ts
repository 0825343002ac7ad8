// How is one version of something changed, while others may change it, too?

import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { isProblem } from "~/api/problem";
import { choiceOf, differences, type Choices, type Difference } from "./changed-meanwhile";

export type Fields = Record<string, string>;

export interface Version<D> {
  data: D;
  etag: string;
}

interface Versioned<D, F extends Fields> {
  /** What was there when the form opened. */
  base: Version<D>;
  fieldsOf: (data: D) => F;
  labels: Record<keyof F & string, string>;
  /** A field as one reads it. */
  show?: (field: keyof F & string, value: string) => string;
  /** Reads it again, when somebody else was faster. */
  load: () => Promise<Version<D>>;
  save: (etag: string, fields: F) => Promise<unknown>;
  onSaved: () => void;
}

/** What is typed is kept through a failed save; after `changed` both versions are put together. */
export function useVersioned<D, F extends Fields>({ base, fieldsOf, labels, show = (_, value) => value, load, save, onSaved }: Versioned<D, F>) {
  const before = fieldsOf(base.data);
  const [fields, setFields] = useState(before);
  const [theirs, setTheirs] = useState<Version<D>>();
  const [choices, setChoices] = useState<Choices>({});
  const names = Object.keys(labels) as (keyof F & string)[];
  const saved = theirs && fieldsOf(theirs.data);
  const all: Difference[] = saved ? names.map((field) => ({ field, label: labels[field], before: show(field, before[field] ?? ""), theirs: show(field, saved[field] ?? ""), mine: show(field, fields[field] ?? "") })) : [];
  const conflicts = differences(all);
  const chosen = (): F => {
    const taken = conflicts.filter((one) => choiceOf(one, choices) === "theirs").map((one) => [one.field, saved?.[one.field] ?? ""]);
    return { ...fields, ...Object.fromEntries(taken) };
  };
  const mutation = useMutation({
    mutationFn: () => save((theirs ?? base).etag, chosen()),
    onSuccess: onSaved,
    onError: async (error) => {
      if (isProblem(error, "changed")) {
        setChoices({});
        setTheirs(await load());
      }
    },
  });
  return {
    fields,
    set: (change: Partial<F>) => setFields({ ...fields, ...change }),
    dirty: theirs !== undefined || names.some((field) => fields[field] !== before[field]),
    conflict: theirs && { fields: conflicts, choices, onChoose: setChoices },
    mutation,
    /** What went wrong, if it is not that somebody else was faster. */
    error: isProblem(mutation.error, "changed") ? null : mutation.error,
  };
}
