// What can be done with a whole rule set?

import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { deleteRuleSet, type RuleSet } from "~/api/rule-sets";
import { DeleteMenu } from "~/parts/delete-menu";
import { useMay, useWorkspace } from "~/parts/workspace";
import { paths } from "~/paths";

export function RuleSetMenu({ ruleSet, etag }: { ruleSet: RuleSet; etag: string }) {
  const { slug } = useWorkspace();
  const client = useQueryClient();
  const navigate = useNavigate();
  const mayEdit = useMay("edit_rules");
  const mayPublish = useMay("publish_rules");
  const isUsed = (ruleSet.listeners ?? []).length > 0;
  const may = mayEdit && (mayPublish || !ruleSet.published) && !isUsed;
  return (
    <DeleteMenu
      disabled={!may}
      item={isUsed ? "Delete: it is published for a listener" : undefined}
      title={`Delete ${ruleSet.name}`}
      consequence="Its draft, its test cases and all its versions are removed. It is published for no listener, so nothing changes for anybody. It cannot be undone."
      action="Delete rule set"
      typed={ruleSet.name}
      onConfirm={async () => {
        await deleteRuleSet(slug, ruleSet.id, etag);
        await navigate({ to: paths.ruleSets(slug) });
        await client.invalidateQueries({ queryKey: ["rule-sets", slug, "list"] });
      }}
    />
  );
}
