// What does somebody write that others may change meanwhile: what is typed, what is saved, and do the two agree?

import { useQueryClient, type QueryKey } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { isProblem } from "~/api/problem";
import { remember, remembered } from "~/ui/remembered";
import { toast } from "~/ui/toast";

const KEPT_AFTER_MS = 300;

/** What is typed, and what it continues. */
type Mine<F> = F & {
  /** The version that what is written continues. */
  etag: string;
  /** What that version said: what differs from it is not saved. */
  from: F;
};

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);

/** Whether what the browser kept has the fields that are written here. */
function isMine(value: unknown, fields: object): boolean {
  const has = (held: unknown): boolean => isObject(held) && Object.entries(fields).every(([name, field]) => typeof held[name] === typeof field && Array.isArray(held[name]) === Array.isArray(field));
  return isObject(value) && typeof value["etag"] === "string" && has(value) && has(value["from"]);
}

interface Kept<F> {
  /** Under which name the browser keeps it. */
  name: string;
  /** What is saved now. */
  server: { fields: F; etag: string };
  /** The fields, and nothing beside them. */
  only: (fields: F) => F;
  same: (left: F, right: F) => boolean;
  /** The query that `server` comes from. */
  queryKey: QueryKey;
}

/**
 * What is typed is kept in the browser until it is saved, survives a reload, and is never replaced by what somebody else
 * saved: where both changed, `theirs` holds the other's until the person has chosen.
 */
export function useKept<F extends object>({ name, server, only, same, queryKey }: Kept<F>) {
  const client = useQueryClient();
  const start = (): Mine<F> => ({ ...server.fields, etag: server.etag, from: server.fields });
  const [mine, setMine] = useState<Mine<F>>(() => remembered<Mine<F> | null>(name, null, (value) => isMine(value, server.fields)) ?? start());
  const [saving, setSaving] = useState<{ busy: boolean; error: unknown }>({ busy: false, error: undefined });
  const isDirty = !same(mine, mine.from);
  if (mine.etag !== server.etag && (!isDirty || same(mine, server.fields))) {
    // Nothing of one's own would be lost.
    setMine(start());
  }
  useEffect(() => {
    const keep = () => remember(name, isDirty ? mine : null);
    const timer = setTimeout(keep, KEPT_AFTER_MS);
    window.addEventListener("pagehide", keep);
    return () => {
      clearTimeout(timer);
      window.removeEventListener("pagehide", keep);
      keep();
    };
  }, [name, mine, isDirty]);

  /** Sends what is typed; `undefined` when it was not saved. */
  const save = async <S extends { etag: string }>(send: (fields: F) => Promise<S>): Promise<S | undefined> => {
    const sent = only(mine);
    setSaving({ busy: true, error: undefined });
    try {
      const saved = await send(sent);
      client.setQueryData(queryKey, saved);
      // What was typed while it was saved is not saved yet.
      setMine((now) => ({ ...now, etag: saved.etag, from: sent }));
      setSaving({ busy: false, error: undefined });
      return saved;
    } catch (error) {
      const isChanged = isProblem(error, "changed");
      if (isChanged) {
        // The other's comes, and with it the question which of the two it shall be.
        await client.refetchQueries({ queryKey });
      }
      setSaving({ busy: false, error: isChanged ? undefined : error });
      return undefined;
    }
  };
  const takeTheirs = () => {
    const before = only(mine);
    setMine(start());
    toast({ title: "Their version is here now.", action: { label: "Bring mine back", run: () => setMine({ ...start(), ...before }) } });
  };
  return {
    mine,
    isDirty,
    /** What somebody else saved since; the person has to choose. */
    theirs: isDirty && mine.etag !== server.etag ? server.fields : undefined,
    saving,
    type: (change: Partial<F>) => setMine((now) => ({ ...now, ...change })),
    save,
    takeTheirs,
    /** Back to what is saved. */
    undo: () => setMine(start()),
    /** Counts what is typed as that which continues something else. */
    continueFrom: (fields: F, etag: string) => setMine((now) => ({ ...now, etag, from: fields })),
  };
}
