// What is the workspace called, and what is it for?

import { queryClient } from "~/api/queries";
import { changeWorkspace, workspaceVersion } from "~/api/settings";
import type { Workspace } from "~/api/workspaces";
import { NameForm } from "~/parts/name-form";
import { useVersioned, type Version } from "~/parts/use-versioned";
import { toast } from "~/ui/toast";

export function WorkspaceForm({ base, load }: { base: Version<Workspace>; load: () => Promise<Version<Workspace>> }) {
  const { slug } = base.data;
  const form = useVersioned({
    base,
    load,
    fieldsOf: (workspace: Workspace) => ({ name: workspace.name, description: workspace.description }),
    labels: { name: "Name", description: "What it is for" },
    save: (etag, fields) => changeWorkspace(slug, etag, fields),
    onSaved: () => {
      toast({ title: "The workspace is saved.", tone: "ok" });
      // The form begins anew with the version that was just made.
      void workspaceVersion(slug).then((version) => queryClient.setQueryData(["version", "workspace", slug], version));
    },
  });
  return <NameForm form={form} what={base.data.name} about="What it is for" action="Save" />;
}
