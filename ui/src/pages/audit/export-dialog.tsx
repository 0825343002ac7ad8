// How are the records that were found taken away as a file?

import { useQuery } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { useState } from "react";
import { EXPORT_MAX, ledgerExportUrl, ledgerFacetsQuery, type ExportFormat, type LedgerFilter } from "~/api/ledger";
import { useWorkspace } from "~/parts/workspace";
import { Button } from "~/ui/button";
import { Segments } from "~/ui/choice";
import { Dialog } from "~/ui/dialog";
import { integer, moment } from "~/ui/format";
import { Note } from "~/ui/states";

const FORMATS = [
  { value: "jsonl", label: "JSON lines" },
  { value: "csv", label: "CSV" },
] as const;

export function ExportDialog({ filter, filters, onClose }: { filter: LedgerFilter; filters: number; onClose: () => void }) {
  const workspace = useWorkspace();
  const [format, setFormat] = useState<ExportFormat>("jsonl");
  const facets = useQuery(ledgerFacetsQuery(workspace.slug, filter)).data;
  const found = facets === undefined ? undefined : facets.sampled ? `More than ${integer(facets.records)} records match.` : `${integer(facets.records)} records match.`;
  return (
    <Dialog
      open
      onClose={onClose}
      title="Export records"
      description={
        <>
          {found} The file holds at most {integer(EXPORT_MAX)} of them, the newest first. That you exported, and what, is kept in the activity.
        </>
      }
      actions={
        <>
          <Button onClick={onClose}>Close</Button>
          <Button asChild variant="primary">
            <a href={ledgerExportUrl(workspace.slug, filter, format)} download onClick={onClose}>
              <Download className="size-4" aria-hidden="true" /> Download
            </a>
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4 text-[13px]">
        <div className="flex flex-col items-start gap-1.5">
          <span className="font-medium text-ink">Format</span>
          <Segments label="Format" value={format} onChange={setFormat} choices={FORMATS} />
          <p className="text-xs text-ink-faint">{format === "jsonl" ? "Each line is a record as the ledger has it, with its data plane." : "One row a record: the fields that are plain, in columns."}</p>
        </div>
        <p className="text-ink-soft">
          From {moment(filter.from ?? "")} to {moment(filter.until ?? "")}, {filters === 0 ? "all records" : `with ${filters === 1 ? "the filter" : `all ${filters} filters`} of the page`}.
        </p>
        <Note>The last line says how many records there are, whether it was cut, and which data planes are missing. A file without it was broken off.</Note>
      </div>
    </Dialog>
  );
}
