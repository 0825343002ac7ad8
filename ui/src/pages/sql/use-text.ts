// Which text stands in the editor? It survives a reload, and what takes its place can be taken back.

import { useCallback, useEffect, useRef, useState } from "react";
import { toast } from "~/ui/toast";
import { remember, remembered } from "~/ui/remembered";

interface Kept {
  text: string;
  /** The saved query it comes from. */
  query: string | undefined;
}

const EMPTY: Kept = { text: "", query: undefined };
const KEPT_AFTER_MS = 250;

export interface Text extends Kept {
  type: (text: string) => void;
  /** Puts another text in its place; the one before can be brought back. */
  replace: (text: string, query?: string) => void;
}

export function useText(workspace: string): Text {
  const key = `sql.${workspace}`;
  const [kept, setKept] = useState<Kept>(() => remembered(key, EMPTY));
  const latest = useRef(kept);
  useEffect(() => {
    latest.current = kept;
    const timer = setTimeout(() => remember(key, kept), KEPT_AFTER_MS);
    return () => clearTimeout(timer);
  }, [key, kept]);
  useEffect(() => {
    const keep = () => remember(key, latest.current);
    window.addEventListener("pagehide", keep);
    return () => {
      window.removeEventListener("pagehide", keep);
      keep();
    };
  }, [key]);
  const type = useCallback((text: string) => setKept((before) => ({ ...before, text })), []);
  const replace = useCallback((text: string, query?: string) => {
    const before = latest.current;
    setKept({ text, query });
    if (before.text.trim() !== "" && before.text !== text) {
      toast({ title: "Another text is in the editor now.", action: { label: "Bring mine back", run: () => setKept(before) } });
    }
  }, []);
  return { ...kept, type, replace };
}
