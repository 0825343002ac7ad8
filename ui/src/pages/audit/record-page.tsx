// What does one record of the ledger say?

import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { ledgerRecordQuery } from "~/api/ledger";
import { isProblem } from "~/api/problem";
import { NotFound } from "~/pages/not-found";
import { Page } from "~/parts/page";
import { useMay, useWorkspace } from "~/parts/workspace";
import { paths } from "~/paths";
import { Card } from "~/ui/card";
import { firstWords, moment } from "~/ui/format";
import { Failed, NotAllowed, SkeletonRows } from "~/ui/states";
import { RecordTime } from "./columns";
import { eventWord } from "./events";
import { RecordDetail } from "./record-detail";
import { CopyLink } from "./record-sheet";
import { RecordSteps } from "./record-steps";

export function RecordPage() {
  const workspace = useWorkspace();
  const navigate = useNavigate();
  const isAllowed = useMay("view_ledger");
  const { record = "" } = useParams({ strict: false });
  const query = useQuery({ ...ledgerRecordQuery(workspace.slug, record), enabled: isAllowed });
  const kept = query.data;
  const go = (next: string) => void navigate({ to: paths.auditRecord(workspace.slug, next) });
  if (kept === undefined && isProblem(query.error, "not_found")) {
    return <NotFound what="record" />;
  }
  return (
    <Page
      title={kept ? `${kept.record.text ? firstWords(kept.record.text) : eventWord(kept.record.event)} · ${moment(kept.record.ts)}` : "Record"}
      heading={kept ? eventWord(kept.record.event) : "Record"}
      wide={false}
      crumbs={<Link to={paths.audit(workspace.slug)}>Audit</Link>}
      about={kept && <RecordTime at={kept.record.ts} />}
      actions={
        <>
          {kept && <RecordSteps line={kept.record} onGo={go} />}
          <CopyLink record={record} />
        </>
      }
    >
      {isAllowed ? (
        <Card title="What is on record">{kept ? <RecordDetail key={record} kept={kept} /> : query.isError ? <Failed error={query.error} onRetry={() => void query.refetch()} /> : <SkeletonRows rows={12} />}</Card>
      ) : (
        <NotAllowed what="records of the ledger" capability="view_ledger" />
      )}
    </Page>
  );
}
