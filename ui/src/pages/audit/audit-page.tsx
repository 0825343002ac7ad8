// Who asked what of the databases, what was decided, and how did it end?

import { useQueryClient } from "@tanstack/react-query";
import { Download, RotateCw } from "lucide-react";
import { useMemo, useState } from "react";
import { Page } from "~/parts/page";
import { RangePicker, useRange } from "~/parts/range";
import { usePageSearch } from "~/parts/search";
import { useMay, useWorkspace } from "~/parts/workspace";
import { Button, IconButton } from "~/ui/button";
import { useShortcuts } from "~/ui/shortcuts";
import { NotAllowed } from "~/ui/states";
import { Tabs } from "~/ui/tabs";
import { CheckpointsTab } from "./checkpoints-tab";
import { ExportDialog } from "./export-dialog";
import { IntegrityTab } from "./integrity-tab";
import { FILTER_NAMES, filterOf } from "./search-filter";
import { SearchTab } from "./search-tab";

const ABOUT = "Every statement on record: who asked, what was decided, how it ended.";
const TABS = [
  { value: "", label: "Search" },
  { value: "integrity", label: "Integrity" },
  { value: "checkpoints", label: "Checkpoints" },
];

export function AuditPage() {
  const isAllowed = useMay("view_ledger");
  return isAllowed ? (
    <Audit />
  ) : (
    <Page title="Audit" about={ABOUT}>
      <NotAllowed what="the ledger" capability="view_ledger" />
    </Page>
  );
}

function Audit() {
  const workspace = useWorkspace();
  const queries = useQueryClient();
  const [search] = usePageSearch();
  const [beat, setBeat] = useState(0);
  const [exporting, setExporting] = useState(false);
  const range = useRange("1h", beat);
  const filter = useMemo(() => filterOf(search, range), [search, range]);
  const tab = TABS.find(({ value }) => value === search["tab"])?.value ?? "";
  const again = () => {
    setBeat((before) => before + 1);
    void queries.invalidateQueries({ queryKey: ["ledger", workspace.slug] });
  };
  useShortcuts([
    { keys: "r", label: "Look again", run: again },
    { keys: "x", label: "Export what was found", run: () => tab === "" && setExporting(true) },
  ]);
  return (
    <Page
      title="Audit"
      about={ABOUT}
      actions={
        <>
          {tab === "" && <RangePicker otherwise="1h" />}
          {tab === "checkpoints" && <RangePicker otherwise="24h" ranges={["1h", "6h", "24h", "7d", "30d"]} />}
          <IconButton label="Look again" shortcut="r" size="small" onClick={again}>
            <RotateCw className="size-3.5" aria-hidden="true" />
          </IconButton>
          {tab === "" && (
            <Button size="small" icon={<Download className="size-3.5" aria-hidden="true" />} onClick={() => setExporting(true)}>
              Export
            </Button>
          )}
        </>
      }
      bar={<Tabs label="Audit" current={tab} tabs={TABS} />}
    >
      {tab === "integrity" ? <IntegrityTab /> : tab === "checkpoints" ? <CheckpointsTab beat={beat} /> : <SearchTab filter={filter} />}
      {exporting && <ExportDialog filter={filter} filters={FILTER_NAMES.filter((name) => Boolean(search[name])).length} onClose={() => setExporting(false)} />}
    </Page>
  );
}
