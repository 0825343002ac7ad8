// What is this workspace called, and how does one leave it, delete it, or make another?

import { Plus } from "lucide-react";
import { workspaceVersion } from "~/api/settings";
import { Details } from "~/parts/details";
import { LoadedVersion } from "~/parts/loaded-version";
import { Page } from "~/parts/page";
import { usePageSearch } from "~/parts/search";
import { useMay, useWorkspace } from "~/parts/workspace";
import { Button } from "~/ui/button";
import { Card } from "~/ui/card";
import { moment } from "~/ui/format";
import { copyText } from "~/ui/copy";
import { DataKept } from "./data-kept";
import { DeleteWorkspace, LeaveWorkspace } from "./leave";
import { NewWorkspace } from "./new-workspace";
import { WorkspaceForm } from "./workspace-form";

const KINDS: Record<string, string> = { personal: "personal: yours alone", shared: "shared: members with roles", gateway: "gateway: shared, and listeners may belong to it" };

export function SettingsPage() {
  const workspace = useWorkspace();
  const mayManage = useMay("manage_workspace");
  const mayOwn = useMay("own_workspace");
  const [search, set] = usePageSearch();
  const load = () => workspaceVersion(workspace.slug);
  return (
    <Page
      title="Settings"
      about={`The workspace ${workspace.name}.`}
      wide={false}
      actions={
        <Button icon={<Plus className="size-3.5" aria-hidden="true" />} onClick={() => set({ new: "workspace" })}>
          New workspace
        </Button>
      }
    >
      <Card title="Workspace">
        <div className="flex flex-col gap-5">
          <Details
            items={[
              {
                label: "Name in paths",
                value: (
                  <button type="button" onClick={() => void copyText(workspace.slug)} title="Copy" className="font-mono text-xs underline decoration-dotted underline-offset-2">
                    {workspace.slug}
                  </button>
                ),
                help: "It stays the same: links and the API use it.",
              },
              { label: "Kind", value: KINDS[workspace.kind] ?? workspace.kind },
              { label: "Your role", value: workspace.role },
              { label: "Made", value: moment(workspace.created_at) },
              ...(mayManage ? [] : [{ label: "Name", value: workspace.name }, { label: "What it is for", value: workspace.description }]),
            ]}
          />
          {mayManage && (
            <LoadedVersion name={["workspace", workspace.slug]} load={load}>
              {(base) => <WorkspaceForm key={base.etag} base={base} load={load} />}
            </LoadedVersion>
          )}
        </div>
      </Card>
      <DataKept />
      {workspace.kind !== "personal" && <LeaveWorkspace />}
      {mayOwn && workspace.kind !== "personal" && <DeleteWorkspace />}
      <NewWorkspace open={search["new"] === "workspace"} onClose={() => set({ new: undefined })} />
    </Page>
  );
}
