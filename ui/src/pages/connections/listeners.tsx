// Which listeners of the gateway belong to the workspace, what holds there, and which connections go through them?

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Network } from "lucide-react";
import type { Connection } from "~/api/connections";
import { environmentOf, listenersQuery, type Listener } from "~/api/listeners";
import { paths, withSearch } from "~/paths";
import { useDrained } from "~/parts/drained";
import { EnvironmentPill, environmentName } from "~/parts/environment";
import { useMay, useWorkspace } from "~/parts/workspace";
import { usePageSearch } from "~/parts/search";
import { Badge, Status } from "~/ui/badge";
import { Button } from "~/ui/button";
import { Card } from "~/ui/card";
import { count } from "~/ui/format";
import { FirstTime, NotAllowed } from "~/ui/states";
import { DataTable } from "~/ui/table/data-table";
import type { Column } from "~/ui/table/columns";
import { RelativeTime } from "~/ui/time";
import { ModeDialog, ModeNote, permits } from "./mode-changes";
import { PublicationDialog } from "./publication-dialog";

const stateOf = (listener: Listener) => listener.planes.find((plane) => plane.is_present && plane.state)?.state ?? listener.planes.find((plane) => plane.state)?.state;
const sessionsOf = (listener: Listener): number => listener.planes.reduce((sum, plane) => sum + (plane.is_connected ? (plane.state?.sessions ?? 0) : 0), 0);
const rulesOf = (listener: Listener): string[] => [...(stateOf(listener)?.floor_policies ?? []), ...(listener.published?.policies ?? []).map((one) => (one.version ? `${one.name} v${one.version}` : one.name))];

function Upstream({ listener }: { listener: Listener }) {
  const state = stateOf(listener);
  const up = state?.upstream_up;
  return (
    <span className="inline-flex items-center gap-2">
      <Status tone={up === true ? "ok" : up === false ? "danger" : "neutral"}>{up === true ? "up" : up === false ? "down" : "not looked at yet"}</Status>
      <span className="font-mono text-xs text-ink-soft">{state?.upstream.join(", ")}</span>
    </span>
  );
}

function Planes({ listener }: { listener: Listener }) {
  const drained = useDrained();
  return (
    <span className="inline-flex items-center gap-2">
      {listener.planes.map((plane) => (
        <span key={plane.plane} title={plane.is_connected ? "The data plane is connected." : "The data plane is away."}>
          <Status tone={plane.is_connected && plane.is_present && !drained.has(plane.plane) ? "ok" : "warn"}>
            {plane.plane_name ?? "forgotten"}
            {!plane.is_connected && (
              <span className="text-ink-faint">
                seen <RelativeTime at={plane.last_seen_at} />
              </span>
            )}
            {drained.has(plane.plane) && <span className="text-ink-faint">drained</span>}
            {plane.is_connected && !plane.is_present && <span className="text-ink-faint">no longer there</span>}
          </Status>
        </span>
      ))}
    </span>
  );
}

function columns(slug: string, connections: readonly Connection[], onPublish: ((listener: string) => void) | undefined, onMode: ((listener: string) => void) | undefined): Column<Listener>[] {
  return [
    { id: "name", header: "Listener", grow: true, width: 150, value: (row) => row.name, cell: (row) => <span className="font-medium">{row.name}</span> },
    { id: "environment", header: "Environment", width: 130, value: environmentOf, cell: (row) => <EnvironmentPill environment={environmentName(environmentOf(row))} /> },
    {
      id: "mode",
      header: "Mode",
      width: onMode ? 220 : 150,
      help: "Observe: refusals are recorded only. Enforce: they happen. The floor is what the settings file says; nothing published goes below it, but for a stated time where the file permits that.",
      value: (row) => stateOf(row)?.mode,
      cell: (row) => {
        const state = stateOf(row);
        return state ? (
          <span className="inline-flex items-center gap-1.5">
            <Badge tone={state.mode === "enforce" ? "brand" : "neutral"}>{state.mode}</Badge>
            {state.floor_mode !== state.mode && <span className="text-xs text-ink-faint">floor {state.floor_mode}</span>}
            {onMode && permits(row) && (
              <Button size="small" variant="quiet" aria-label={`Change the mode of ${row.name}`} onClick={() => onMode(row.name)}>
                Change
              </Button>
            )}
          </span>
        ) : (
          "–"
        );
      },
    },
    {
      id: "rules",
      header: "Rule sets",
      width: 240,
      help: "Those of the settings file come first, then what is published.",
      value: (row) => rulesOf(row).join(", "),
      cell: (row) => {
        const rules = rulesOf(row);
        return rules.length === 0 ? (
          <span className="text-ink-faint">none; {stateOf(row)?.default ?? "allow"} where no rule matches</span>
        ) : (
          <span title={stateOf(row)?.managed ? "Rule sets can be published for it." : "The settings file alone says which rule sets hold."}>
            {rules.join(", ")} {!stateOf(row)?.managed && <span className="text-xs text-ink-faint">by the file</span>}
          </span>
        );
      },
    },
    ...(onPublish
      ? [
          {
            id: "publish",
            header: "Publish",
            width: 130,
            help: "Rule sets are published for listeners whose file says managed = true.",
            cell: (row: Listener) => (
              <Button size="small" disabled={!stateOf(row)?.managed} title={stateOf(row)?.managed ? undefined : "The settings file does not let rule sets be published: managed = true in its [[listener]] does."} aria-label={`Rule sets of ${row.name}`} onClick={() => onPublish(row.name)}>
                Rule sets
              </Button>
            ),
          },
        ]
      : []),
    { id: "sessions", header: "Sessions", width: 90, numeric: true, value: sessionsOf, cell: (row) => <Link to={withSearch(paths.sessions(slug), { listener: row.name })} className="underline-offset-2 hover:underline">{sessionsOf(row)}</Link> },
    { id: "upstream", header: "Upstream", width: 230, value: (row) => stateOf(row)?.upstream.join(", "), cell: (row) => <Upstream listener={row} /> },
    { id: "listen", header: "Address", width: 160, value: (row) => stateOf(row)?.listen, cell: (row) => <span className="font-mono text-xs">{stateOf(row) ? `${stateOf(row)?.protocol} ${stateOf(row)?.listen}` : "–"}</span> },
    { id: "planes", header: "Data planes", width: 150, value: (row) => row.planes.map((plane) => plane.plane_name).join(", "), cell: (row) => <Planes listener={row} /> },
    {
      id: "connections",
      header: "Connections through it",
      width: 180,
      value: (row) => connections.filter((one) => one.via === row.name).map((one) => one.name).join(", "),
      cell: (row) => {
        const through = connections.filter((one) => one.via === row.name);
        return through.length === 0 ? (
          <span className="text-ink-faint">none</span>
        ) : (
          <span className="inline-flex gap-2">
            {through.map((one) => (
              <Link key={one.id} to={paths.connection(slug, one.id)} className="text-brand-text underline-offset-2 hover:underline">
                {one.name}
              </Link>
            ))}
          </span>
        );
      },
    },
  ];
}

export function Listeners({ connections }: { connections: readonly Connection[] }) {
  const { slug } = useWorkspace();
  const allowed = useMay("view_traffic");
  const mayPublish = useMay("publish_rules");
  const mayAsk = useMay("propose_changes");
  const [search, set] = usePageSearch();
  const { data, error, refetch } = useQuery({ ...listenersQuery(slug), enabled: allowed });
  const moded = data?.find((one) => one.name === search["mode"] && permits(one));
  const asked = data?.find((one) => one.name === search["publish"] && stateOf(one)?.managed);
  return (
    <Card title="Listeners" note={data && count(data.length, "port of the gateway", "ports of the gateway")} flush>
      {data?.filter(permits).map((one) => <ModeNote key={one.name} listener={one} />)}
      {allowed ? (
        <DataTable
          label="Listeners"
          id="listeners"
          columns={columns(slug, connections, mayPublish ? (publish) => set({ publish }) : undefined, mayAsk ? (mode) => set({ mode }) : undefined)}
          rows={data}
          rowKey={(row) => row.name}
          error={error}
          onRetry={() => void refetch()}
          empty={
            <FirstTime icon={<Network className="size-5" />} title="No listeners">
              A listener is a port of the gateway, with what is behind it and what holds there. Listeners stand in the gateway's settings file; the one that names this workspace as its owner is shown here.
            </FirstTime>
          }
        />
      ) : (
        <NotAllowed what="the listeners" capability="view_traffic" />
      )}
      {moded && mayAsk && <ModeDialog listener={moded} mode={stateOf(moded)?.mode === "enforce" ? "observe" : "enforce"} onClose={() => set({ mode: undefined }, "replace")} />}
      {asked && mayPublish && <PublicationDialog listener={asked} onClose={() => set({ publish: undefined }, "replace")} />}
    </Card>
  );
}
