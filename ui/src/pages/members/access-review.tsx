// Who can do what here, by what, what have they not used for long, and who has looked at that?

import { useInfiniteQuery, useMutation, useQuery } from "@tanstack/react-query";
import { ClipboardCheck, Download, Users } from "lucide-react";
import { useState } from "react";
import { doneReviewsQuery, finishReview, reviewExportUrl, reviewQuery, type DoneReview, type ReviewedMember, type ReviewFilter } from "~/api/access-review";
import { isProblem } from "~/api/problem";
import { listed } from "~/parts/list";
import { usePageSearch } from "~/parts/search";
import { useMay, useWorkspace } from "~/parts/workspace";
import { Badge } from "~/ui/badge";
import { Button } from "~/ui/button";
import { Card } from "~/ui/card";
import { Checkbox } from "~/ui/choice";
import { Dialog } from "~/ui/dialog";
import { TextArea } from "~/ui/field";
import { count } from "~/ui/format";
import { ErrorNote, FirstTime, Note, NothingFound } from "~/ui/states";
import type { Column } from "~/ui/table/columns";
import { DataTable } from "~/ui/table/data-table";
import { RelativeTime } from "~/ui/time";
import { toast } from "~/ui/toast";

const UNUSED_DAYS = 90;

const used = (at: string | null | undefined) => (at ? <RelativeTime at={at} /> : <span className="text-ink-faint">never</span>);

/** What they may and have not used; to look leaves no entry, so that nothing is said of it. */
const unused = (row: ReviewedMember): string => row.capabilities.filter((one) => !one.last_used_at && !one.capability.startsWith("view")).map((one) => one.capability).join(", ");

const COLUMNS: Column<ReviewedMember>[] = [
  { id: "name", header: "Name", grow: true, width: 160, value: (row) => row.name, cell: (row) => <span className="font-medium">{row.name} {row.is_disabled && <Badge tone="danger">disabled</Badge>}</span> },
  { id: "kind", header: "Kind", width: 90, value: (row) => row.kind, cell: (row) => row.kind },
  { id: "role", header: "Role", width: 130, value: (row) => row.role, cell: (row) => <Badge tone={row.administers ? "brand" : "neutral"}>{row.role}</Badge> },
  { id: "teams", header: "Teams", width: 120, value: (row) => row.teams.join(", "), cell: (row) => row.teams.join(", ") || "–" },
  { id: "factor", header: "Second factor", width: 110, value: (row) => String(row.has_second_factor), cell: (row) => (row.has_second_factor ? "yes" : "no") },
  { id: "used", header: "Last used", width: 120, value: (row) => row.last_used_at, cell: (row) => used(row.last_used_at) },
  { id: "seen", header: "Last seen", width: 120, value: (row) => row.last_seen_at, cell: (row) => used(row.last_seen_at) },
  { id: "signed", header: "Signed in", width: 120, value: (row) => row.last_signed_in_at, cell: (row) => used(row.last_signed_in_at) },
  { id: "unused", header: "May, and never did on record", grow: true, width: 260, value: unused, cell: (row) => <code className="font-mono text-xs">{unused(row) || "–"}</code> },
  {
    id: "tokens",
    header: "Tokens",
    width: 220,
    value: (row) => row.tokens.map((one) => `${one.name} (${one.capabilities.join(" ")})`).join(", "),
    cell: (row) => (row.tokens.length === 0 ? "–" : row.tokens.map((one, place) => <span key={place} className="mr-2" title={one.capabilities.join(", ")}>{one.name} {used(one.last_used_at)}</span>)),
  },
];

const seenOf = (row: DoneReview): string => `${count(row.members, "member")}, ${count(row.tokens, "token")}`;

const DONE: Column<DoneReview>[] = [
  { id: "at", header: "When", width: 150, value: (row) => row.at, cell: (row) => <RelativeTime at={row.at} /> },
  { id: "by", header: "Who", width: 160, value: (row) => row.by_name, cell: (row) => row.by_name ?? "somebody erased" },
  { id: "note", header: "Note", grow: true, width: 260, value: (row) => row.note, cell: (row) => row.note || "–" },
  { id: "seen", header: "Seen", width: 180, value: seenOf, cell: seenOf },
  { id: "digest", header: "Digest", width: 120, value: (row) => row.digest, cell: (row) => <code className="font-mono text-xs" title={row.digest}>{row.digest.slice(0, 12)}</code> },
];

export function AccessReview() {
  const { slug } = useWorkspace();
  const manages = useMay("manage_members");
  const [search, set] = usePageSearch();
  // What was on the screen when it was said that it was looked at.
  const [seen, setSeen] = useState<string>();
  const [note, setNote] = useState("");
  const [isOther, setOther] = useState(false);
  const filter: ReviewFilter = { unused_days: search["unused"] === undefined ? undefined : UNUSED_DAYS, administers: search["administers"] === undefined ? undefined : true };
  const { data, error, refetch } = useQuery(reviewQuery(slug, filter));
  const isFiltered = filter.unused_days !== undefined || filter.administers !== undefined;
  return (
    <>
      <div className="flex flex-wrap items-center gap-4">
        <Checkbox label={`Unused for ${UNUSED_DAYS} days`} checked={filter.unused_days !== undefined} onChange={(wanted) => set({ unused: wanted ? "yes" : undefined })} />
        <Checkbox label="Can administer" checked={filter.administers === true} onChange={(wanted) => set({ administers: wanted ? "yes" : undefined })} />
        <span className="ml-auto flex gap-2">
          <Button asChild>
            <a href={reviewExportUrl(slug, filter)} download>
              <Download className="size-3.5" aria-hidden="true" /> CSV
            </a>
          </Button>
          {manages && (
            <Button variant="primary" icon={<ClipboardCheck className="size-3.5" aria-hidden="true" />} disabled={data === undefined || isFiltered} title={isFiltered ? "A review is of all: take the filters away first." : undefined} onClick={() => {
                setOther(false);
                setSeen(data?.digest);
              }}>
              Mark as done
            </Button>
          )}
        </span>
      </div>
      {isOther && <Note tone="warn">Nothing is kept: what somebody can do changed while you looked. The list is as it is now; look at it again, then mark it as done.</Note>}
      <Card title="Who can do what" note="who used nothing for longest first; looking leaves no record" flush>
        <DataTable
          label="Who can do what"
          id="access-review"
          columns={COLUMNS}
          rows={data?.items}
          error={error}
          onRetry={() => void refetch()}
          rowKey={(row) => row.user}
          empty={isFiltered ? <NothingFound what="members" onClear={() => set({ unused: undefined, administers: undefined })} /> : <FirstTime icon={<Users className="size-5" />} title="No members">A workspace has at least its owner.</FirstTime>}
        />
      </Card>
      {data && data.instance_admins.length > 0 && <p className="text-xs text-ink-faint">Admins of the instance can do everything here without being members: {data.instance_admins.join(", ")}.</p>}
      {data?.is_cut && <p className="text-xs text-warn">There are more members than are shown.</p>}
      <Card title="Reviews" note="who has looked at all of it, and at what" flush>
        <DataTable label="Reviews" id="access-reviews" columns={DONE} {...listed(useInfiniteQuery(doneReviewsQuery(slug)))} rowKey={(row) => row.id} empty={<FirstTime icon={<ClipboardCheck className="size-5" />} title="No review yet">Mark as done keeps when, who, and what was seen.</FirstTime>} />
      </Card>
      {seen && (
        <Finish
          draft={{ digest: seen, note }}
          onNote={setNote}
          onClose={(end) => {
            setSeen(undefined);
            setOther(end === "changed");
          }}
        />
      )}
    </>
  );
}

function Finish({ draft, onNote, onClose }: { draft: { digest: string; note: string }; onNote: (note: string) => void; onClose: (end?: "changed") => void }) {
  const { slug } = useWorkspace();
  const finish = useMutation({
    mutationFn: () => finishReview(slug, draft),
    onSuccess: () => {
      toast({ title: "The review is kept.", tone: "ok" });
      onNote("");
      onClose();
    },
    // Of what is no longer so no review can be kept; the note stays.
    onError: (error) => isProblem(error, "changed") && onClose("changed"),
  });
  return (
    <Dialog open onClose={() => onClose()} title="Mark the review as done" description="It says that you have looked at everybody and at every token of the list. When, who and what you saw is kept, and stands in the activity.">
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          finish.mutate();
        }}
      >
        <TextArea label="Note" optional maxLength={2_000} value={draft.note} onChange={(event) => onNote(event.target.value)} data-begin />
        {finish.error && <ErrorNote error={finish.error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={() => onClose()}>Cancel</Button>
          <Button type="submit" variant="primary" busy={finish.isPending}>
            Mark as done
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
