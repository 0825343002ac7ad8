// How does a connection go away, and what goes with it?

import { useNavigate } from "@tanstack/react-router";
import { Trash2 } from "lucide-react";
import { useState } from "react";
import { deleteConnection, type Connection } from "~/api/connections";
import { paths } from "~/paths";
import { environmentName, onEnvironment } from "~/parts/environment";
import { useWorkspace } from "~/parts/workspace";
import { Button } from "~/ui/button";
import { Card } from "~/ui/card";
import { Confirm } from "~/ui/dialog";
import { toast } from "~/ui/toast";

export function Danger({ connection }: { connection: Connection }) {
  const { slug } = useWorkspace();
  const navigate = useNavigate();
  const [asking, setAsking] = useState(false);
  const remove = async () => {
    await deleteConnection(slug, connection.id);
    toast({ title: `${connection.name} is deleted.` });
    void navigate({ to: paths.connections(slug), replace: true });
  };
  return (
    <Card title={`Delete ${connection.name}`} className="max-w-4xl">
      <p className="text-[13px] text-ink-soft">Dragoman forgets the connection. For everybody in this workspace go with it:</p>
      <ul className="mt-2 list-disc space-y-0.5 pl-5 text-[13px] text-ink-soft">
        <li>its password, which nobody can get back from here,</li>
        <li>all snapshots of its schema and what was counted of its use,</li>
        <li>the way of saved queries that ask it; the queries stay.</li>
      </ul>
      <p className="mt-2 text-[13px] text-ink-soft">The database itself, the listeners and the ledger stay as they are. It cannot be undone.</p>
      <Button variant="danger" className="mt-4" icon={<Trash2 className="size-3.5" aria-hidden="true" />} onClick={() => setAsking(true)}>
        Delete this connection
      </Button>
      <Confirm open={asking} onClose={() => setAsking(false)} title={`Delete ${connection.name}${onEnvironment(environmentName(connection.environment))}`} consequence="The connection goes with its password, its snapshots and its figures. It cannot be undone." action="Delete connection" typed={connection.name} onConfirm={remove} />
    </Card>
  );
}
