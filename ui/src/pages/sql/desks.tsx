// How are several texts open beside each other, each with what came back for it?

import { useState } from "react";
import type { Connection } from "~/api/connections";
import { useWorkspace } from "~/parts/workspace";
import { Card } from "~/ui/card";
import { ErrorNote, Note } from "~/ui/states";
import { Desk } from "./desk";
import { SheetTabs } from "./sheet-tabs";
import { useSheets } from "./use-sheets";

/** So many keep their result and what can be undone; the text of the others is kept anyway. */
const DESKS_MAX = 4;

interface DesksProps {
  connections: readonly Connection[];
  connection: Connection | undefined;
  onChoose: (id: string) => void;
}

export function Desks(props: DesksProps) {
  const { slug } = useWorkspace();
  const sheets = useSheets(slug);
  const { current, open } = sheets;
  const [used, setUsed] = useState<readonly string[]>([current.id]);
  const [busy, setBusy] = useState<ReadonlySet<string>>(new Set());
  if (used[0] !== current.id) {
    setUsed([current.id, ...used.filter((id) => id !== current.id)]);
  }
  // What runs goes on while another text is looked at.
  const isThere = (id: string): boolean => id === current.id || busy.has(id) || used.indexOf(id) >= 0 && used.indexOf(id) < DESKS_MAX;
  const shown = open.filter((one) => isThere(one.id)).sort((one, two) => (one.id < two.id ? -1 : 1));
  const setBusyOf = (id: string, isBusy: boolean) => setBusy((before) => (before.has(id) === isBusy ? before : new Set(isBusy ? [...before, id] : [...before].filter((one) => one !== id))));
  return (
    <div className="flex flex-col gap-4">
      {sheets.error !== undefined && <ErrorNote error={sheets.error} />}
      {sheets.isElsewhere && <Note tone="info">The tab of this link is not on this device: tabs stay where they were written. To show a query to others, save it and share its link.</Note>}
      {!sheets.isKept && <Note tone="warn">This browser keeps nothing more: what you type is lost when you leave the page. Close tabs you do not need, or save it as a query.</Note>}
      <Card flush>
        <SheetTabs sheets={sheets} />
        {shown.map((sheet) => (
          <div key={sheet.id} hidden={sheet.id !== current.id}>
            <Desk {...props} sheet={sheet} sheets={sheets} isShown={sheet.id === current.id} onBusy={setBusyOf} />
          </div>
        ))}
      </Card>
    </div>
  );
}
