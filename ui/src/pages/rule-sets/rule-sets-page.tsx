// Which rule sets are there, which version of each is in force, and where?

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Plus, ShieldCheck } from "lucide-react";
import { useState, type FormEvent } from "react";
import { environmentOf, listenersQuery, type Listener } from "~/api/listeners";
import { fieldProblem } from "~/api/problem";
import { createRuleSet, ruleSetsQuery, type RuleSet } from "~/api/rule-sets";
import { EnvironmentPill, environmentName } from "~/parts/environment";
import { FilterInput } from "~/parts/filter-input";
import { Page } from "~/parts/page";
import { usePageSearch } from "~/parts/search";
import { useMay, useWorkspace } from "~/parts/workspace";
import { paths } from "~/paths";
import { Button } from "~/ui/button";
import { Card } from "~/ui/card";
import { Dialog } from "~/ui/dialog";
import { TextArea, TextField } from "~/ui/field";
import { ErrorNote, FirstTime, NothingFound } from "~/ui/states";
import type { Column } from "~/ui/table/columns";
import { DataTable } from "~/ui/table/data-table";
import { RelativeTime } from "~/ui/time";
import { PublishedBadge } from "./rule-set-page";

const usersOf = (ruleSet: RuleSet, listeners: readonly Listener[]): Listener[] => listeners.filter((listener) => listener.published?.policies.some((policy) => policy.name === ruleSet.name));

const columnsOf = (listeners: readonly Listener[]): Column<RuleSet>[] => [
  { id: "name", header: "Name", cell: (row) => <span className="font-medium">{row.name}</span>, value: (row) => row.name, width: 180, grow: true, sortable: true },
  { id: "published", header: "In force", cell: (row) => <PublishedBadge ruleSet={row} />, value: (row) => row.published, width: 120, sortable: true },
  {
    id: "listeners",
    header: "Listeners",
    cell: (row) => {
      const users = usersOf(row, listeners);
      return users.length === 0 ? (
        <span className="text-ink-faint">none</span>
      ) : (
        <span className="flex items-center gap-2">
          {users.map((one) => (
            <span key={one.name} className="inline-flex items-center gap-1">
              {one.name} <EnvironmentPill environment={environmentName(environmentOf(one))} />
            </span>
          ))}
        </span>
      );
    },
    value: (row) => usersOf(row, listeners).map((one) => one.name).join(", "),
    width: 220,
  },
  { id: "description", header: "What it is for", cell: (row) => <span dir="auto">{row.description}</span>, value: (row) => row.description, width: 220, grow: true },
  { id: "draft", header: "Draft", cell: (row) => (row.draft_at ? <RelativeTime at={row.draft_at} /> : <span className="text-ink-faint">none</span>), value: (row) => row.draft_at, width: 120, sortable: true },
  { id: "changed", header: "Changed", cell: (row) => <RelativeTime at={row.changed_at} />, value: (row) => row.changed_at, width: 120, sortable: true },
];

export function RuleSetsPage() {
  const { slug } = useWorkspace();
  const navigate = useNavigate();
  const [search, setSearch] = usePageSearch();
  const mayEdit = useMay("edit_rules");
  const ruleSets = useQuery(ruleSetsQuery(slug));
  const listeners = useQuery({ ...listenersQuery(slug), enabled: useMay("view_traffic") }).data ?? [];
  const isCreating = search["new"] !== undefined;
  const words = (search["words"] ?? "").trim().toLowerCase();
  const shown = ruleSets.data?.filter((one) => words === "" || `${one.name} ${one.description}`.toLowerCase().includes(words));
  const [field = "name", order = "asc"] = (search["sort"] ?? "").split(".").filter(Boolean);
  const create = (variant: "primary" | "secondary") => (
    <Button variant={variant} disabled={!mayEdit} title={mayEdit ? undefined : "Needs the capability edit_rules."} onClick={() => setSearch({ new: "yes" })} icon={<Plus className="size-3.5" aria-hidden="true" />}>
      New rule set
    </Button>
  );
  return (
    <Page title="Rule sets" about="What statements may pass: written as a draft, tried, published for listeners, rolled back." actions={create("primary")} bar={ruleSets.data && ruleSets.data.length > 0 && <FilterInput name="words" label="Filter rule sets" main className="w-72 max-sm:w-full" />}>
      <Card flush>
        <DataTable
          label="Rule sets"
          id="rule-sets"
          columns={columnsOf(listeners)}
          rows={shown}
          rowKey={(row) => row.id}
          sort={{ id: field, desc: order === "desc" }}
          onSort={(sort) => setSearch({ sort: `${sort.id}.${sort.desc ? "desc" : "asc"}` }, "replace")}
          onOpen={(row) => void navigate({ to: paths.ruleSet(slug, row.id) })}
          error={ruleSets.error}
          onRetry={() => void ruleSets.refetch()}
          empty={
            words !== "" ? (
              <NothingFound what="rule sets" onClear={() => setSearch({ words: undefined })} />
            ) : (
              <FirstTime icon={<ShieldCheck className="size-5" />} title="There are no rule sets yet" actions={create("primary")}>
                A rule set says which statements pass, which are refused and which are held. It is written here, tried against test cases, and published for a listener; rules in the gateway&apos;s own files come before it.
              </FirstTime>
            )
          }
        />
      </Card>
      <Dialog open={isCreating} onClose={() => setSearch({ new: undefined })} title="New rule set" description="It begins empty, and judges nothing until it is published for a listener.">
        <NewRuleSet />
      </Dialog>
    </Page>
  );
}

function NewRuleSet() {
  const { slug } = useWorkspace();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [draft, setDraft] = useState({ name: "", description: "" });
  const making = useMutation({
    mutationFn: () => createRuleSet(slug, draft),
    onSuccess: async (made) => {
      await client.invalidateQueries({ queryKey: ["rule-sets", slug, "list"] });
      await navigate({ to: paths.ruleSet(slug, made.id) });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    making.mutate();
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <TextField label="Name" help="Letters, digits, - and _. Records and other rule sets name it; it stays once a version was published." value={draft.name} onChange={(event) => setDraft({ ...draft, name: event.target.value })} error={fieldProblem(making.error, "name")} required autoFocus maxLength={64} spellCheck={false} />
      <TextArea label="What it is for" optional rows={2} value={draft.description} onChange={(event) => setDraft({ ...draft, description: event.target.value })} error={fieldProblem(making.error, "description")} />
      {making.error && <ErrorNote error={making.error} />}
      <div className="flex justify-end">
        <Button type="submit" variant="primary" busy={making.isPending}>
          Create rule set
        </Button>
      </div>
    </form>
  );
}
