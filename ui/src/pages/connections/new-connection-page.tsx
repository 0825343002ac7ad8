// How does the workspace get to know another database?

import { Link, useNavigate } from "@tanstack/react-router";
import { paths } from "~/paths";
import { Page } from "~/parts/page";
import { useMay, useWorkspace } from "~/parts/workspace";
import { Card } from "~/ui/card";
import { NotAllowed } from "~/ui/states";
import { toast } from "~/ui/toast";
import { ConnectionForm } from "./connection-form";

export function NewConnectionPage() {
  const workspace = useWorkspace();
  const allowed = useMay("manage_connections");
  const navigate = useNavigate();
  return (
    <Page title="New connection" about="A database this workspace asks, reads the schema of, and watches." crumbs={<Link to={paths.connections(workspace.slug)}>Connections</Link>} wide={false}>
      {allowed ? (
        <Card>
          <ConnectionForm
            workspace={workspace}
            onSaved={(connection) => {
              toast({ title: `${connection.name} is saved.`, tone: "ok" });
              void navigate({ to: paths.connection(workspace.slug, connection.id) });
            }}
          />
        </Card>
      ) : (
        <NotAllowed what="how connections are made" capability="manage_connections" />
      )}
    </Page>
  );
}
