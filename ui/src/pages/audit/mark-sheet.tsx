// What exactly was signed, and what does an auditor take along?

import { Copy, Download } from "lucide-react";
import type { LedgerPlane } from "~/api/ledger";
import { DetailGroup, Details } from "~/parts/details";
import { save } from "~/parts/save";
import { Status } from "~/ui/badge";
import { Button, IconButton } from "~/ui/button";
import { copyText } from "~/ui/copy";
import { Dialog } from "~/ui/dialog";
import { count, integer, moment } from "~/ui/format";
import { Note } from "~/ui/states";
import { eventWord } from "./events";
import { believed, type MarkRow } from "./marks";

const TEXT = "text/plain";

/** What is run on a copy of the folder, on a machine of the auditor's own. */
const commandOf = (records: number): string => `dragoman ledger verify --directory LEDGER \\\n  --checkpoint checkpoint-${records}.note --public-key verifier.keys`;

export function MarkSheet({ row, plane, copies, onClose }: { row: MarkRow; plane: LedgerPlane | undefined; copies: readonly string[]; onClose: () => void }) {
  const { mark } = row;
  return (
    <Dialog open side onClose={onClose} title={eventWord(mark.event)} description={`${moment(mark.at)}, ${plane?.plane_name ?? mark.plane}`}>
      <div className="flex flex-col gap-5">
        <Signed row={row} plane={plane} copies={copies} />
        <DetailGroup title="The record">
          <Details
            items={[
              { label: "Record", value: mark.id, mono: true },
              { label: "Writer", value: mark.writer, mono: true },
              { label: "Its number there", value: mark.seq === undefined ? undefined : integer(mark.seq) },
              { label: "Records missing", value: mark.lost === undefined ? undefined : integer(mark.lost) },
              { label: "Records removed", value: mark.removed === undefined ? undefined : integer(mark.removed) },
            ]}
          />
          {mark.note && <p className="text-[13px] break-words text-ink-soft">{mark.note}</p>}
        </DetailGroup>
      </div>
    </Dialog>
  );
}

function Signed({ row, plane, copies }: { row: MarkRow; plane: LedgerPlane | undefined; copies: readonly string[] }) {
  const { checkpoint } = row.mark;
  if (checkpoint === undefined) {
    return null;
  }
  const said = believed(row.mark, plane);
  const key = plane?.checkpoint?.verifier_key ?? undefined;
  return (
    <>
      <DetailGroup title="What was signed">
        {row.follows === false && <Note tone="danger">It does not name the checkpoint before it: between the two something was put in, taken out or signed anew.</Note>}
        <Details
          items={[
            { label: "Covers", value: `${count(checkpoint.records, "record")} of ${count(checkpoint.writers, "start")}` },
            { label: "New since the one before", value: row.between === undefined ? undefined : integer(row.between) },
            { label: "Signature", value: <Status tone={said.tone}>{said.word}</Status>, help: said.why },
            { label: "Copied to", value: copies.join(", ") || "nowhere that is known" },
            { label: "Key", value: checkpoint.key_id, mono: true },
            { label: "Up to segment", value: checkpoint.segment, mono: true },
          ]}
        />
        <Details
          columns={1}
          items={[
            { label: "Ledger", value: checkpoint.ledger, mono: true },
            { label: "Root of the tree", value: checkpoint.root, mono: true },
            { label: "Its hash", value: checkpoint.digest, mono: true },
            { label: "Hash of the one before", value: checkpoint.previous, mono: true },
          ]}
        />
        <p className="text-xs text-ink-faint">{said.why}</p>
      </DetailGroup>
      <DetailGroup title="For an auditor">
        <p className="text-[13px] text-ink-soft">Keep these where the people of this gateway cannot write. Later the command shows, on a copy of the ledger's folder, that nothing up to this point was changed or removed.</p>
        <div className="flex flex-wrap gap-2">
          <Button size="small" icon={<Download className="size-3.5" aria-hidden="true" />} onClick={() => save(checkpoint.text, `checkpoint-${checkpoint.records}.note`, TEXT)}>
            Checkpoint
          </Button>
          <Button size="small" disabled={key === undefined} title={key === undefined ? "The data plane does not tell it now" : "Believe it only from a source you trust"} icon={<Download className="size-3.5" aria-hidden="true" />} onClick={() => key && save(`${key}\n`, "verifier.keys", TEXT)}>
            Verifier key
          </Button>
          <Button size="small" icon={<Copy className="size-3.5" aria-hidden="true" />} onClick={() => void copyText(checkpoint.text, "Checkpoint copied")}>
            Copy the checkpoint
          </Button>
        </div>
        <Command text={commandOf(checkpoint.records)} />
        <pre dir="ltr" tabIndex={0} role="region" aria-label="The checkpoint" className="scroll-thin overflow-x-auto rounded-md bg-subtle p-3 font-mono text-xs leading-5 text-ink">
          {checkpoint.text}
        </pre>
      </DetailGroup>
    </>
  );
}

function Command({ text }: { text: string }) {
  return (
    <div className="flex items-start gap-2 rounded-md bg-subtle p-3">
      <pre dir="ltr" tabIndex={0} role="region" aria-label="Command" className="scroll-thin min-w-0 flex-1 overflow-x-auto font-mono text-xs leading-5 text-ink">
        {text}
      </pre>
      <IconButton label="Copy the command" size="small" onClick={() => void copyText(text, "Command copied")}>
        <Copy className="size-3.5" aria-hidden="true" />
      </IconButton>
    </div>
  );
}
