// How is the schema of the database read, and which ones did it have?

import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Camera, FileUp, GitCompareArrows } from "lucide-react";
import { useEffect, useState } from "react";
import { takeSnapshot, type Connection } from "~/api/connections";
import { environmentName, onEnvironment } from "~/parts/environment";
import { SnapshotList } from "~/parts/snapshot-list";
import { useMay, useWorkspace } from "~/parts/workspace";
import { paths, withSearch } from "~/paths";
import { Button } from "~/ui/button";
import { Card } from "~/ui/card";
import { ErrorNote, Note } from "~/ui/states";
import { toast } from "~/ui/toast";

export function Snapshots({ connection }: { connection: Connection }) {
  const { slug } = useWorkspace();
  const mayUpload = useMay("manage_connections");
  const at = (path: string) => withSearch(path, { connection: connection.id });
  return (
    <div className="flex flex-col gap-4">
      <Take connection={connection} />
      <Card
        title="Snapshots"
        note="one for each schema it had; the same one is not kept twice"
        actions={
          <>
            {mayUpload && (
              <Button asChild size="small">
                <Link to={at(paths.schemaImport(slug))}>
                  <FileUp className="size-3.5" aria-hidden="true" /> Import a file
                </Link>
              </Button>
            )}
            <Button asChild size="small">
              <Link to={at(paths.schemaHistory(slug))}>
                <GitCompareArrows className="size-3.5" aria-hidden="true" /> Compare
              </Link>
            </Button>
          </>
        }
        flush
      >
        <SnapshotList connection={connection.id} />
      </Card>
    </div>
  );
}

function Take({ connection }: { connection: Connection }) {
  const { slug } = useWorkspace();
  const mayAsk = useMay("run_queries");
  const mayProduction = useMay("use_production");
  const environment = environmentName(connection.environment);
  const isBarred = environment === "production" && !mayProduction;
  const take = useMutation({
    mutationFn: () => takeSnapshot(slug, connection.id),
    onSuccess: (taken) => toast({ title: taken.is_new ? "The schema is another than before: a new snapshot." : "The schema is still the same.", tone: "ok" }),
  });
  if (!mayAsk) {
    return null;
  }
  return (
    <div className="flex flex-col gap-2">
      <div className="flex flex-wrap items-center gap-3">
        <Button variant="primary" icon={<Camera className="size-3.5" aria-hidden="true" />} busy={take.isPending} disabled={isBarred} onClick={() => take.mutate()}>
          {`Read the schema now${onEnvironment(environment)}`}
        </Button>
        <span className="text-xs text-ink-faint">{isBarred ? "On production it needs the capability use_production." : "Only catalogs are read, no rows of tables."}</span>
      </div>
      {take.isPending && <Reading />}
      {take.error && <ErrorNote error={take.error} />}
      {take.data?.snapshot.warnings.map((warning) => (
        <Note key={warning.missing} tone="warn">
          Not read: {warning.missing}. {warning.reason}
        </Note>
      ))}
    </div>
  );
}

/** How far it is nobody tells: it says that it goes on, and for how long. */
function Reading() {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setSeconds((before) => before + 1), 1_000);
    return () => clearInterval(timer);
  }, []);
  return (
    <Note tone="info">
      <span role="status">Reading tables, columns, keys, indexes and functions.</span> <span className="tabular-nums">{seconds} s</span>
    </Note>
  );
}
