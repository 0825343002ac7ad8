// Which record came before or after in the same session? Found when it is asked for.

import { ChevronLeft, ChevronRight } from "lucide-react";
import { useState } from "react";
import { neighbour, type LedgerLine } from "~/api/ledger";
import { explain } from "~/api/problem";
import { useWorkspace } from "~/parts/workspace";
import { Button } from "~/ui/button";
import { useShortcuts } from "~/ui/shortcuts";
import { toast } from "~/ui/toast";

type Way = "before" | "after";

export function RecordSteps({ line, onGo }: { line: LedgerLine; onGo: (record: string) => void }) {
  const workspace = useWorkspace();
  const [busy, setBusy] = useState<Way>();
  const go = async (way: Way) => {
    if (busy !== undefined || line.session === undefined) {
      return;
    }
    setBusy(way);
    try {
      const found = await neighbour(workspace.slug, line, way);
      if (found === undefined) {
        toast({ title: way === "before" ? "This is the first record of its session." : "This is the last record of its session, so far." });
      } else {
        onGo(found);
      }
    } catch (error) {
      toast({ title: explain(error).title, tone: "danger" });
    } finally {
      setBusy(undefined);
    }
  };
  useShortcuts([
    { keys: "[", label: "Record before, in the same session", run: () => void go("before"), inDialog: true },
    { keys: "]", label: "Record after, in the same session", run: () => void go("after"), inDialog: true },
  ]);
  if (line.session === undefined) {
    return null;
  }
  return (
    <span role="group" aria-label="Records of the same session" className="inline-flex gap-1">
      <Button size="small" busy={busy === "before"} icon={<ChevronLeft className="size-3.5" aria-hidden="true" />} onClick={() => void go("before")}>
        Before
      </Button>
      <Button size="small" busy={busy === "after"} onClick={() => void go("after")}>
        After <ChevronRight className="size-3.5" aria-hidden="true" />
      </Button>
    </span>
  );
}
