// What is the secret of the token that was just made?

import { Copy } from "lucide-react";
import { firstAsked, type MadeToken } from "~/api/tokens";
import { Button } from "~/ui/button";
import { copyText } from "~/ui/copy";
import { Dialog } from "~/ui/dialog";
import { Note } from "~/ui/states";

/** `workspace` where it is a machine's: it may ask for no other. */
export function MadeDialog({ made, workspace, onClose }: { made: MadeToken; workspace?: string; onClose: () => void }) {
  const command = `curl -H "Authorization: Bearer $DRAGOMAN_TOKEN" ${location.origin}${firstAsked(workspace)}`;
  return (
    <Dialog open onClose={onClose} title={`${made.token.name} is made`} wide stays actions={<Button variant="primary" onClick={onClose}>I have kept it</Button>}>
      <div className="flex flex-col gap-4">
        <Note tone="warn">This is the only time it is shown. Put it where the program finds it, not into its code.</Note>
        <Copied label="Token" text={made.secret} />
        <Copied label="Try it, with the token in DRAGOMAN_TOKEN" text={command} />
      </div>
    </Dialog>
  );
}

function Copied({ label, text }: { label: string; text: string }) {
  return (
    <div>
      <p className="mb-1 text-xs font-medium text-ink-soft">{label}</p>
      <div className="flex items-center gap-2 rounded-md bg-subtle p-2">
        <code className="min-w-0 flex-1 font-mono text-xs break-all">{text}</code>
        <Button size="small" icon={<Copy className="size-3.5" aria-hidden="true" />} onClick={() => void copyText(text, `${label.split(",")[0] ?? label} copied`)}>
          Copy
        </Button>
      </div>
    </div>
  );
}
