// How does one more data plane come into the fleet?

import { Copy } from "lucide-react";
import { Button } from "~/ui/button";
import { copyText } from "~/ui/copy";
import { Dialog } from "~/ui/dialog";
import { Note } from "~/ui/states";
import { LINK_COMMAND, linkSettings } from "./words";

export function LinkDialog({ workspace, isAdmin, onClose }: { workspace: string; isAdmin: boolean; onClose: () => void }) {
  const settings = linkSettings(location.origin, workspace);
  return (
    <Dialog open wide onClose={onClose} title="Link a data plane" description="It is started on its own machine and calls this control plane; the control plane never calls it.">
      <ol className="flex list-decimal flex-col gap-4 pl-5 text-[13px]">
        <li>
          Put the token that the control plane&apos;s settings name (<code className="font-mono text-xs">admin.link.token</code>) into the file <code className="font-mono text-xs">link.secret</code>, readable by the program alone. It is the same for every data plane, and is not shown here: whoever runs the control plane has it.
        </li>
        <li>
          Write its settings. Put your own names, addresses and server in.
          <Code label="Settings" text={settings} />
        </li>
        <li>
          Start it. It stands in the fleet a moment later.
          <Code label="Command" text={LINK_COMMAND} />
        </li>
      </ol>
      <div className="mt-4">
        <Note tone="info">{isAdmin ? "Only workspaces that an admin of the instance made, or that a listener was the first to name, own listeners." : "You need access to the machine and the token. An admin of the instance can help with both."}</Note>
      </div>
    </Dialog>
  );
}

function Code({ label, text }: { label: string; text: string }) {
  return (
    <div className="relative mt-2">
      <pre tabIndex={0} aria-label={label} role="group" className="scroll-thin overflow-x-auto rounded-md bg-subtle p-3 pr-10 font-mono text-xs leading-5">
        {text}
      </pre>
      <Button size="small" aria-label={`Copy: ${label}`} className="absolute top-2 right-2 aspect-square !px-0" onClick={() => void copyText(text, `${label} copied`)}>
        <Copy className="size-3.5" aria-hidden="true" />
      </Button>
    </div>
  );
}
