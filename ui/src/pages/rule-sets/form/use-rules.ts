// What do the rules say that stand in the text, and how does a form change the text?

import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { outlineOf, type Outline } from "~/api/outline";
import { explain } from "~/api/problem";
import { checkRules } from "~/api/rule-sets";
import { toast } from "~/ui/toast";
import type { CheckedRules } from "../diagnostics";

export interface Rules {
  /** The last text that could be read; `undefined` while none could. */
  outline: Outline | undefined;
  /** Whether the text of now cannot be read. */
  isBroken: boolean;
  /** Changes the text by what stands in it now; one change after the other. */
  edit: (change: (outline: Outline) => string) => Promise<void>;
}

export function useRules(workspace: string, name: string, text: string, checked: CheckedRules, onText: (text: string) => void): Rules {
  const client = useQueryClient();
  const { outline: told, of } = checked;
  const now = useMemo(() => (told ? outlineOf(of, told) : undefined), [told, of]);
  const [last, setLast] = useState(now);
  if (now !== undefined && now !== last) {
    setLast(now);
  }
  const latest = useRef({ text, onText });
  useEffect(() => {
    latest.current = { text, onText };
  });
  const turn = useRef(Promise.resolve());
  const edit = useCallback(
    (change: (outline: Outline) => string): Promise<void> => {
      turn.current = turn.current.then(async () => {
        const before = latest.current.text;
        try {
          const read = before.trim() === "" ? { outline: { fields: [], sessions: [], rules: [] } } : await client.fetchQuery(checkRules(workspace, name, before));
          if (latest.current.text !== before) {
            toast({ title: "The text has changed meanwhile; nothing was done." });
          } else if (!read.outline) {
            toast({ title: "The text cannot be read as TOML; correct it there first.", tone: "danger" });
          } else {
            const next = change(outlineOf(before, read.outline));
            // The next in line works on this one, before the page has drawn it.
            latest.current.text = next;
            latest.current.onText(next);
          }
        } catch (error) {
          toast({ title: "The change was not made.", detail: explain(error).title, tone: "danger" });
        }
      });
      return turn.current;
    },
    [client, workspace, name],
  );
  return { outline: last, isBroken: text.trim() !== "" && checked.isCurrent && told === undefined, edit };
}
