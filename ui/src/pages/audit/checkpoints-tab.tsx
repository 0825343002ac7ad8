// What was signed and when, what happened between two signatures, and what is missing?

import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Signature } from "lucide-react";
import { useMemo } from "react";
import { ledgerMarksQuery, ledgerStatusQuery, type LedgerMark, type LedgerStatuses } from "~/api/ledger";
import { useRange } from "~/parts/range";
import { usePageSearch } from "~/parts/search";
import { useWorkspace } from "~/parts/workspace";
import { Badge, type BadgeTone } from "~/ui/badge";
import { Button } from "~/ui/button";
import { Card } from "~/ui/card";
import { Segments } from "~/ui/choice";
import { compact, count, integer, moment } from "~/ui/format";
import { FirstTime, Note, NothingFound } from "~/ui/states";
import type { Column } from "~/ui/table/columns";
import { DataTable } from "~/ui/table/data-table";
import { RelativeTime } from "~/ui/time";
import { MarkSheet } from "./mark-sheet";
import { believed, KINDS, rowsOf, takenBy, type MarkRow } from "./marks";
import { eventWord } from "./events";

const NOTHING = <span className="text-ink-faint">–</span>;
const TONES: Record<string, BadgeTone> = { checkpoint: "ok", "writer.gap": "danger", "ledger.removed": "warn", "ledger.erased": "warn" };

export function CheckpointsTab({ beat }: { beat: number }) {
  const workspace = useWorkspace();
  const [search, set] = usePageSearch();
  const range = useRange("24h", beat);
  const kind = KINDS.find(({ value }) => value === search["marks"]) ?? KINDS[0];
  const filter = useMemo(() => ({ from: range.from, until: range.until, events: kind.events }), [range, kind]);
  const query = useInfiniteQuery(ledgerMarksQuery(workspace.slug, filter));
  const status = useQuery(ledgerStatusQuery(workspace.slug)).data;
  const pages = query.data?.pages;
  const rows = useMemo(() => pages && rowsOf(pages.flatMap((page) => page.items)), [pages]);
  const columns = useMemo(() => columnsOf(status), [status]);
  const opened = rows?.find((row) => row.mark.id === search["mark"]);
  const missing = new Map(pages?.flatMap((page) => page.incomplete.map((one) => [one.plane, one])));
  const until = pages?.at(-1)?.searched_until;
  return (
    <div className="flex flex-col gap-3">
      <div className="scroll-thin max-w-full overflow-x-auto">
        <Segments label="What is shown" value={kind.value} onChange={(next) => set({ marks: next === "all" ? undefined : next, mark: undefined }, "replace")} choices={KINDS} />
      </div>
      {[...missing.values()].map((one) => (
        <Note key={one.plane} tone="warn">
          What the ledger of {one.plane_name} says is missing here: {one.reason}.
        </Note>
      ))}
      <Broken rows={rows} />
      {search["mark"] && rows && !opened && <Note>The record that the link names is not among those that are loaded: choose a longer time.</Note>}
      <Card flush title="What the ledgers say of themselves" note={rows && `${integer(rows.length)}${query.hasNextPage ? "+" : ""}, newest first`}>
        <DataTable
          label="Checkpoints"
          id="ledger-marks"
          columns={columns}
          rows={rows}
          rowKey={(row) => row.mark.id}
          selected={search["mark"]}
          onOpen={(row) => set({ mark: row.mark.id })}
          error={query.error}
          onRetry={() => void query.refetch()}
          rowTone={(row) => (row.mark.event === "writer.gap" || row.follows === false ? "danger" : row.mark.event.startsWith("ledger.") ? "warn" : undefined)}
          more={query.hasNextPage ? { load: () => void query.fetchNextPage(), busy: query.isFetchingNextPage } : undefined}
          empty={kind.value === "all" ? <Nothing onLonger={() => set({ range: "30d", from: undefined, until: undefined })} /> : <NothingFound what={kind.label.toLowerCase()} onClear={() => set({ marks: undefined })} />}
        />
        {until && <p className="border-t border-line px-4 py-2.5 text-xs text-ink-faint">The search ended early: everything since {moment(until)} was looked at.</p>}
      </Card>
      {opened && <MarkSheet row={opened} plane={status?.planes.find((one) => one.plane === opened.mark.plane)} copies={takenBy(opened.mark, status?.planes.find((one) => one.plane === opened.mark.plane), status?.at)} onClose={() => set({ mark: undefined })} />}
    </div>
  );
}

function Broken({ rows }: { rows: readonly MarkRow[] | undefined }) {
  const broken = rows?.filter((row) => row.follows === false) ?? [];
  if (broken.length === 0) {
    return null;
  }
  return (
    <Note tone="danger">
      {count(broken.length, "checkpoint does", "checkpoints do")} not name the one before. Something was put in, taken out or signed anew: keep a copy of the ledger's folder as it is, and run <code className="font-mono text-xs">dragoman ledger verify</code>.
    </Note>
  );
}

function Nothing({ onLonger }: { onLonger: () => void }) {
  return (
    <FirstTime icon={<Signature className="size-5" />} title="Nothing was signed in this time" actions={<Button onClick={onLonger}>Look at 30 days</Button>}>
      A gateway signs what it has written every few seconds or thousand records, as <code className="font-mono text-xs">ledger.checkpoints</code> says. Each signature stands here, with what is missing, was removed or erased.
    </FirstTime>
  );
}

/** What a row is about, in a line. */
export function sayOf({ lost, removed, note, checkpoint }: LedgerMark): string {
  if (lost !== undefined) {
    return `${count(lost, "record")} are missing here`;
  }
  if (removed !== undefined) {
    return `${count(removed, "record")} removed because they were old`;
  }
  return note ?? (checkpoint ? `everything up to record ${integer(checkpoint.records)}` : "");
}

function columnsOf(status: LedgerStatuses | undefined): readonly Column<MarkRow>[] {
  const planeOf = (row: MarkRow) => status?.planes.find((one) => one.plane === row.mark.plane);
  const nameOf = (row: MarkRow) => planeOf(row)?.plane_name ?? row.mark.plane;
  return [
    { id: "at", header: "When", width: 100, value: ({ mark }) => mark.at, cell: ({ mark }) => <RelativeTime at={mark.at} /> },
    { id: "event", header: "What", width: 150, value: ({ mark }) => mark.event, cell: ({ mark }) => <Badge tone={TONES[mark.event] ?? "neutral"}>{eventWord(mark.event)}</Badge> },
    { id: "says", header: "It says", width: 220, grow: true, value: ({ mark }) => sayOf(mark), cell: ({ mark }) => <span title={sayOf(mark)}>{sayOf(mark) || NOTHING}</span> },
    { id: "records", header: "Covers", width: 96, numeric: true, value: ({ mark }) => mark.checkpoint?.records, cell: ({ mark }) => (mark.checkpoint ? compact(mark.checkpoint.records) : NOTHING), help: "Records of all starts that are signed with it" },
    { id: "between", header: "New", width: 84, numeric: true, value: (row) => row.between, cell: (row) => (row.between === undefined ? NOTHING : compact(row.between)), help: "Records since the checkpoint before" },
    { id: "follows", header: "Follows", width: 110, value: (row) => row.follows, cell: (row) => <Follows row={row} />, help: "Whether it names the checkpoint before by its hash" },
    {
      id: "signature",
      header: "Signature",
      width: 130,
      value: (row) => (row.mark.checkpoint ? believed(row.mark, planeOf(row)).word : undefined),
      cell: (row) => {
        const said = believed(row.mark, planeOf(row));
        return row.mark.checkpoint ? (
          <span title={said.why}>
            <Badge tone={said.tone}>{said.word}</Badge>
          </span>
        ) : (
          NOTHING
        );
      },
    },
    { id: "copies", header: "Copied to", width: 130, value: (row) => (row.mark.checkpoint ? takenBy(row.mark, planeOf(row), status?.at).join(", ") : undefined), cell: (row) => (row.mark.checkpoint && takenBy(row.mark, planeOf(row), status?.at).join(", ")) || NOTHING },
    { id: "key", header: "Key", width: 96, value: ({ mark }) => mark.checkpoint?.key_id, cell: ({ mark }) => (mark.checkpoint ? <span className="font-mono text-xs">{mark.checkpoint.key_id}</span> : NOTHING) },
    { id: "plane", header: "Data plane", width: 140, value: nameOf, cell: nameOf },
    { id: "root", header: "Root", width: 200, hidden: true, value: ({ mark }) => mark.checkpoint?.root, cell: ({ mark }) => (mark.checkpoint ? <span className="font-mono text-xs">{mark.checkpoint.root}</span> : NOTHING) },
    { id: "segment", header: "Segment", width: 100, hidden: true, value: ({ mark }) => mark.checkpoint?.segment, cell: ({ mark }) => mark.checkpoint?.segment ?? NOTHING },
    { id: "seq", header: "Number", width: 96, numeric: true, hidden: true, value: ({ mark }) => mark.seq, cell: ({ mark }) => (mark.seq === undefined ? NOTHING : integer(mark.seq)) },
  ];
}

function Follows({ row }: { row: MarkRow }) {
  if (row.follows === undefined) {
    return NOTHING;
  }
  return row.follows ? <Badge tone="ok">the one before</Badge> : <Badge tone="danger">does not</Badge>;
}
