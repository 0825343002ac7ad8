// How does one leave a workspace, or delete it for everybody?

import { useNavigate } from "@tanstack/react-router";
import { DoorOpen, Trash2 } from "lucide-react";
import { useState } from "react";
import { deleteWorkspace, leaveWorkspace } from "~/api/settings";
import { paths } from "~/paths";
import { useWorkspace } from "~/parts/workspace";
import { remember } from "~/ui/remembered";
import { Button } from "~/ui/button";
import { Card } from "~/ui/card";
import { Confirm } from "~/ui/dialog";
import { toast } from "~/ui/toast";

/** Leads away before the workspace goes: its pages have nothing to show any more. */
function useAway(): () => Promise<void> {
  const navigate = useNavigate();
  return async () => {
    remember("workspace", null);
    await navigate({ to: paths.root, replace: true });
  };
}

export function LeaveWorkspace() {
  const { slug, name } = useWorkspace();
  const [asking, setAsking] = useState(false);
  const away = useAway();
  return (
    <Card title="Leave">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p className="min-w-60 flex-1 text-[13px] text-ink-soft">You lose {name} at once. What you saved and did stays here. To come back you need an invitation. The last owner cannot leave.</p>
        <Button icon={<DoorOpen className="size-3.5" aria-hidden="true" />} onClick={() => setAsking(true)}>
          Leave {name}
        </Button>
      </div>
      <Confirm
        open={asking}
        onClose={() => setAsking(false)}
        title={`Leave ${name}`}
        consequence="You lose its connections, queries, traffic and rule sets at once, in the browser and by your tokens. To come back you need an invitation."
        action="Leave workspace"
        onConfirm={async () => {
          await leaveWorkspace(slug);
          toast({ title: `You left ${name}.` });
          await away();
        }}
      />
    </Card>
  );
}

export function DeleteWorkspace() {
  const { slug, name, kind } = useWorkspace();
  const [asking, setAsking] = useState(false);
  const away = useAway();
  return (
    <Card title="Delete" className="border-danger/40">
      <p className="text-[13px] text-ink-soft">Everything in {name} goes for good, for all of its members:</p>
      <ul className="mt-2 list-disc space-y-0.5 pl-5 text-[13px] text-ink-soft">
        <li>connections with their passwords, schemas and figures,</li>
        <li>saved queries, rule sets with all their versions,</li>
        <li>members, teams, invitations and names on the wire.</li>
      </ul>
      {kind === "gateway" && <p className="mt-2 text-[13px] text-warn">Listeners belong to it: what is published for them is withdrawn, and their own file alone says what holds there.</p>}
      <p className="mt-2 text-[13px] text-ink-soft">Databases, and the ledger on the data planes, stay as they are.</p>
      <Button variant="danger" className="mt-4" icon={<Trash2 className="size-3.5" aria-hidden="true" />} onClick={() => setAsking(true)}>
        Delete {name}
      </Button>
      <Confirm
        open={asking}
        onClose={() => setAsking(false)}
        title={`Delete the workspace ${name}`}
        consequence="Everything in it goes for good, for all of its members. It cannot be undone."
        action="Delete workspace"
        typed={name}
        onConfirm={async () => {
          await deleteWorkspace(slug, name);
          toast({ title: `The workspace ${name} is deleted.` });
          await away();
        }}
      />
    </Card>
  );
}
