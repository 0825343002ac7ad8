// Which values of statements are kept, sealed by whose key, and how are they erased?

import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { KeyRound, LockKeyhole } from "lucide-react";
import { ledgerMarksQuery } from "~/api/ledger";
import { privacyQuery, type KeepingRule } from "~/api/privacy";
import { ruleSetsQuery } from "~/api/rule-sets";
import { rangeOf } from "~/parts/range";
import { useMay, useWorkspace } from "~/parts/workspace";
import { paths } from "~/paths";
import { Badge } from "~/ui/badge";
import { Card } from "~/ui/card";
import { copyText } from "~/ui/copy";
import { Button } from "~/ui/button";
import { moment } from "~/ui/format";
import { ErrorNote, Failed, FirstTime, Note, SkeletonRows } from "~/ui/states";
import type { Column } from "~/ui/table/columns";
import { DataTable } from "~/ui/table/data-table";
import { useMemo } from "react";
import { RECORD_WORDS } from "./words";

const ERASED = "ledger.erased";
const COMMAND = "dragoman ledger erase --config dragoman.toml --day 2026-11-20";

export function ValuesTab() {
  const { slug } = useWorkspace();
  const query = useQuery(privacyQuery(slug));
  const sets = useQuery(ruleSetsQuery(slug)).data;
  const known = query.data;
  const columns: readonly Column<KeepingRule>[] = [
    {
      id: "rule",
      header: "Rule",
      width: 240,
      grow: true,
      value: (one) => `${one.rule_set}/${one.rule}`,
      cell: (one) => {
        const own = sets?.find((set) => set.name === one.rule_set);
        const name = <span className="font-mono text-xs">{`${one.rule_set}/${one.rule}`}</span>;
        return own ? <Link to={paths.ruleSet(slug, own.id)} className="hover:underline">{name}</Link> : name;
      },
    },
    { id: "record", header: "What it has kept", width: 320, grow: true, value: (one) => one.record.join(", "), cell: (one) => one.record.map((word) => RECORD_WORDS[word] ?? word).join(", ") },
    { id: "listeners", header: "Listeners", width: 180, value: (one) => one.listeners.join(", "), cell: (one) => one.listeners.join(", ") },
  ];
  if (known === undefined) {
    return <Card>{query.isError ? <Failed error={query.error} onRetry={() => void query.refetch()} /> : <SkeletonRows />}</Card>;
  }
  return (
    <>
      {known.unknown_rule_sets.length > 0 && (
        <Note tone="warn">
          What {known.unknown_rule_sets.join(", ")} {known.unknown_rule_sets.length === 1 ? "asks" : "ask"} for is not known here: {known.unknown_rule_sets.length === 1 ? "it is a file" : "they are files"} of a data plane, named by a listener's settings.
        </Note>
      )}
      <Card flush title="Rules that have values kept">
        <DataTable
          label="Rules that have values kept"
          id="privacy-rules"
          columns={columns}
          rows={known.rules}
          rowKey={(one) => `${one.rule_set}/${one.rule}`}
          empty={
            <FirstTime icon={<LockKeyhole className="size-5" />} title="No rule has values kept">
              The ledger has each statement with ? in the place of its values. A rule with <code className="font-mono text-xs">record</code> has the values of what it matches kept as well, sealed.
            </FirstTime>
          }
        />
      </Card>
      <Sealed />
      <Erased />
    </>
  );
}

function Sealed() {
  return (
    <Card title="How they are sealed, and how they are erased">
      <ul className="flex list-disc flex-col gap-1.5 pl-4 text-[13px] text-ink-soft">
        <li>Each day has a key of its own, in a folder of the data plane apart from the ledger. The console cannot open values, and searches by none.</li>
        <li>Passwords, keys and tokens are never kept, whatever rules say: of a statement that may hold one nothing is kept but its shape.</li>
        <li>To erase a day is to destroy its key: its values can be read nowhere any more, in no copy. The records stay, and so does the proof that none was changed.</li>
        <li>Whoever runs the data plane erases, and the ledger says so. A backup of the folder of keys has to be erased there, too.</li>
      </ul>
      <div className="mt-3 flex flex-wrap items-center gap-2">
        <code className="scroll-thin max-w-full overflow-x-auto rounded bg-subtle px-2 py-1 font-mono text-xs whitespace-nowrap text-ink">{COMMAND}</code>
        <Button size="small" onClick={() => void copyText(COMMAND, "Command copied")}>
          Copy
        </Button>
      </div>
    </Card>
  );
}

function Erased() {
  const mayView = useMay("view_ledger");
  return <Card title="Days that were erased">{mayView ? <ErasedDays /> : <p className="text-[13px] text-ink-soft">The ledger tells of them: members with the capability view_ledger see it.</p>}</Card>;
}

function ErasedDays() {
  const { slug } = useWorkspace();
  const range = useMemo(() => rangeOf({ range: "30d" }, "30d"), []);
  const query = useInfiniteQuery(ledgerMarksQuery(slug, { events: ERASED, from: range.from, until: range.until }));
  const marks = query.data?.pages.flatMap((page) => page.items);
  if (marks === undefined) {
    return query.isError ? <ErrorNote error={query.error} /> : <SkeletonRows rows={2} />;
  }
  if (marks.length === 0) {
    return (
      <p className="flex items-center gap-2 text-[13px] text-ink-soft">
        <KeyRound className="size-4 text-ink-faint" aria-hidden="true" /> No day was erased in the last 30 days.
      </p>
    );
  }
  return (
    <ul aria-label="Days that were erased" className="flex flex-col gap-1.5 text-[13px]">
      {marks.map((mark) => (
        <li key={mark.id}>
          <Badge tone="warn">{moment(mark.at)}</Badge> <span className="break-words text-ink-soft">{mark.note}</span>
        </li>
      ))}
    </ul>
  );
}
