// Which statements were seen, to make a test case of one?

import { useQuery } from "@tanstack/react-query";
import { FlaskConical } from "lucide-react";
import { useState } from "react";
import { fingerprintsSeenQuery, type SeenStatement } from "~/api/rule-sets";
import { RANGES } from "~/parts/range";
import { SqlLine } from "~/parts/sql-text";
import { Verdict } from "~/parts/verdict";
import { useMay, useWorkspace } from "~/parts/workspace";
import { Button } from "~/ui/button";
import { Segments } from "~/ui/choice";
import { Dialog } from "~/ui/dialog";
import { BareInput } from "~/ui/field";
import { FirstTime, NotAllowed, NothingFound } from "~/ui/states";
import type { Column } from "~/ui/table/columns";
import { DataTable } from "~/ui/table/data-table";
import { isWhole, type Seen } from "./case-text";

type From = "traffic" | "refusals";

const columnsOf = (onAdd: (one: SeenStatement) => void): Column<SeenStatement>[] => [
  {
    id: "add",
    header: "Add",
    cell: (row) => (
      <Button size="small" onClick={() => onAdd(row)} aria-label={`Add a case of ${row.text.slice(0, 60)}`}>
        Add
      </Button>
    ),
    width: 76,
  },
  { id: "statement", header: "Statement", cell: (row) => <SqlLine text={row.text} />, value: (row) => row.text, width: 260, grow: true },
  { id: "user", header: "User", cell: (row) => row.user, value: (row) => row.user, width: 120 },
  { id: "said", header: "Was", cell: (row) => <Verdict word={row.verdict} />, value: (row) => row.verdict, width: 100 },
];

/** Statements of the last day: those asked most, or the latest that were refused. */
export function SeenDialog({ onAdd, onClose }: { onAdd: (seen: Seen) => Promise<void>; onClose: () => void }) {
  const { slug } = useWorkspace();
  const mayTraffic = useMay("view_traffic");
  const [from, setFrom] = useState<From>("traffic");
  const [words, setWords] = useState("");
  const seen = useQuery({ ...fingerprintsSeenQuery(slug, from, RANGES["24h"]), enabled: mayTraffic });
  const wanted = words.trim().toLowerCase();
  const rows = seen.data?.filter((one) => isWhole(one.text) && `${one.text} ${one.user}`.toLowerCase().includes(wanted));
  return (
    <Dialog open onClose={onClose} title="Add a case of what was seen" description="Of the last day. The case says who asked and expects what the rules say now; literals are not on record, so each is '1'." wide>
      {!mayTraffic ? (
        <NotAllowed what="statements that were seen" capability="view_traffic" />
      ) : (
        <div className="flex flex-col gap-3">
          <div className="flex flex-wrap gap-2">
            <Segments
              label="Which statements"
              value={from}
              onChange={setFrom}
              choices={[
                { value: "traffic", label: "Asked most" },
                { value: "refusals", label: "Refused last" },
              ]}
            />
            <BareInput label="Filter statements" value={words} onChange={(event) => setWords(event.target.value)} placeholder="Statement or user" className="max-w-64" data-begin />
          </div>
          <DataTable
            label="Statements that were seen"
            id="seen-statements"
            columns={columnsOf((one) => void onAdd(one))}
            rows={rows}
            rowKey={(row) => row.key}
            error={seen.error}
            onRetry={() => void seen.refetch()}
            height="22rem"
            empty={
              wanted === "" ? (
                <FirstTime icon={<FlaskConical className="size-5" />} title={from === "traffic" ? "Nothing was asked in the last day" : "Nothing was refused in the last day"}>
                  Whatever goes through a listener of this workspace is here a few seconds later.
                </FirstTime>
              ) : (
                <NothingFound what="statements" onClear={() => setWords("")} />
              )
            }
          />
        </div>
      )}
    </Dialog>
  );
}
