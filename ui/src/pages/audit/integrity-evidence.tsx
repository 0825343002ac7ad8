// What was signed last, and how does somebody who trusts nobody here check the ledger?

import { Copy } from "lucide-react";
import type { LedgerPlane } from "~/api/ledger";
import { DetailGroup, Details } from "~/parts/details";
import { Button, IconButton } from "~/ui/button";
import { copyText } from "~/ui/copy";
import { integer } from "~/ui/format";
import { RelativeTime } from "~/ui/time";

const COMMAND = "dragoman ledger verify --directory LEDGER \\\n  --checkpoint KEPT.note --public-key KEYS";

export function NewestCheckpoint({ plane }: { plane: LedgerPlane }) {
  const { checkpoint } = plane;
  if (checkpoint === undefined) {
    return (
      <DetailGroup title="Newest checkpoint">
        <p className="text-[13px] text-ink-soft">Nothing is signed yet. The first checkpoint follows the first records.</p>
      </DetailGroup>
    );
  }
  const { verifier_key: key, text } = checkpoint;
  return (
    <DetailGroup
      title="Newest checkpoint"
      actions={
        <>
          <CopyButton label="Copy the checkpoint" text={text} said="Checkpoint copied">
            Checkpoint
          </CopyButton>
          {key && (
            <CopyButton label="Copy the verifier key" text={key} said="Verifier key copied">
              Verifier key
            </CopyButton>
          )}
        </>
      }
    >
      <Details
        items={[
          { label: "Signed", value: <RelativeTime at={checkpoint.at} /> },
          { label: "Covers", value: `${integer(checkpoint.records)} records, of all starts` },
          { label: "Key", value: checkpoint.key_id, mono: true },
        ]}
      />
      <Details columns={1} items={[{ label: "Verifier key", value: key, mono: true, help: "Whoever checks the signature needs it, from a source they trust" }]} />
      <p className="text-[13px] text-ink-soft">Kept where nobody of this gateway can write, a checkpoint shows later that nothing before it was changed or removed.</p>
    </DetailGroup>
  );
}

function CopyButton({ label, text, said, children }: { label: string; text: string; said: string; children: string }) {
  return (
    <Button size="small" variant="quiet" aria-label={label} icon={<Copy className="size-3.5" aria-hidden="true" />} onClick={() => void copyText(text, said)}>
      {children}
    </Button>
  );
}

export function Proof() {
  return (
    <DetailGroup title="Proof for somebody else">
      <p className="text-[13px] text-ink-soft">
        What stands above is the gateway's own word about itself. Whoever does not trust it takes the ledger's folder, a checkpoint and the verifier key that were kept elsewhere, and checks them on another machine:
      </p>
      <div className="flex items-start gap-2 rounded-md bg-subtle p-3">
        <pre dir="ltr" tabIndex={0} role="region" aria-label="Command" className="scroll-thin min-w-0 flex-1 overflow-x-auto font-mono text-xs leading-5 text-ink">
          {COMMAND}
        </pre>
        <IconButton label="Copy the command" size="small" onClick={() => void copyText(COMMAND, "Command copied")}>
          <Copy className="size-3.5" aria-hidden="true" />
        </IconButton>
      </div>
    </DetailGroup>
  );
}
