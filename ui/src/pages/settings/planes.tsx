// Which data planes report to this control plane, and do they have what was published?

import { useQuery } from "@tanstack/react-query";
import { Server } from "lucide-react";
import { useState } from "react";
import { instanceQuery } from "~/api/session";
import { forgetPlane, planesQuery, type Plane } from "~/api/settings";
import { Badge, Status } from "~/ui/badge";
import { Button } from "~/ui/button";
import { Card } from "~/ui/card";
import { Confirm } from "~/ui/dialog";
import { integer } from "~/ui/format";
import { FirstTime, Note } from "~/ui/states";
import type { Column } from "~/ui/table/columns";
import { DataTable } from "~/ui/table/data-table";
import { RelativeTime } from "~/ui/time";
import { toast } from "~/ui/toast";

export function Planes() {
  const { data, error, refetch } = useQuery(planesQuery);
  const version = useQuery(instanceQuery).data?.version;
  const [forgetting, setForgetting] = useState<Plane>();
  const troubled = data?.filter((plane) => plane.problems.length > 0) ?? [];
  const columns: Column<Plane>[] = [
    { id: "name", header: "Data plane", grow: true, width: 160, value: (row) => row.name, cell: (row) => <span className="font-medium" title={row.id}>{row.name}</span> },
    { id: "state", header: "State", width: 130, value: (row) => row.is_listening, cell: (row) => <Status tone={row.is_listening ? "ok" : "danger"}>{row.is_listening ? "connected" : "away"}</Status> },
    { id: "version", header: "Version", width: 130, value: (row) => row.version, cell: (row) => <span className="tabular-nums">{row.version} {version && row.version !== version && <Badge tone="warn">not {version}</Badge>}</span> },
    { id: "snapshot", header: "Published rules", width: 150, help: "The snapshot of published rule sets that it acknowledged last.", value: (row) => row.snapshot, cell: (row) => (row.problems.length > 0 ? <Badge tone="danger">not taken</Badge> : row.snapshot === 0 ? <span className="text-ink-faint">none</span> : `snapshot ${integer(row.snapshot)}`) },
    { id: "untold", header: "Only counted", width: 120, numeric: true, help: "Sessions, refusals and events it could only count, since they were too many to tell.", value: (row) => row.untold, cell: (row) => integer(row.untold) },
    { id: "started", header: "Started", width: 120, value: (row) => row.started_at, cell: (row) => <RelativeTime at={row.started_at} /> },
    { id: "seen", header: "Last seen", width: 120, value: (row) => row.last_seen_at, cell: (row) => <RelativeTime at={row.last_seen_at} /> },
    { id: "first", header: "First seen", width: 120, hidden: true, value: (row) => row.first_seen_at, cell: (row) => <RelativeTime at={row.first_seen_at} /> },
    { id: "actions", header: "Actions", width: 110, cell: (row) => !row.is_listening && <Button size="small" onClick={() => setForgetting(row)} aria-label={`Forget ${row.name}`}>Forget</Button> },
  ];
  return (
    <>
      {troubled.map((plane) => (
        <Note key={plane.id} tone="danger">
          <p className="font-medium">{plane.name} did not take what is published; what it had before is in force there.</p>
          <ul className="list-disc pl-5">
            {plane.problems.map((problem) => (
              <li key={problem} className="break-words">{problem}</li>
            ))}
          </ul>
        </Note>
      ))}
      <Card title="Data planes" note="they carry the sessions, and run on when the control plane is away" flush>
        <DataTable
          label="Data planes"
          id="planes"
          columns={columns}
          rows={data}
          rowKey={(row) => row.id}
          rowTone={(row) => (row.problems.length > 0 ? "danger" : row.is_listening ? undefined : "warn")}
          error={error}
          onRetry={() => void refetch()}
          empty={<FirstTime icon={<Server className="size-5" />} title="No data plane yet">A data plane connects by itself when its settings name this control plane and its token.</FirstTime>}
        />
      </Card>
      <Confirm
        open={forgetting !== undefined}
        onClose={() => setForgetting(undefined)}
        title={`Forget ${forgetting?.name ?? ""}`}
        consequence="Its listeners go from the workspaces they are shown in. If it comes back it is heard of anew."
        action="Forget data plane"
        onConfirm={async () => {
          if (forgetting) {
            await forgetPlane(forgetting.id);
            toast({ title: `${forgetting.name} is forgotten.` });
          }
        }}
      />
    </>
  );
}
