// How does the console come to know what is in a database: when was it read, and how is it read now?

import { useMutation } from "@tanstack/react-query";
import { RefreshCw } from "lucide-react";
import { takeSnapshot } from "~/api/connections";
import { Button } from "~/ui/button";
import { count } from "~/ui/format";
import { toast } from "~/ui/toast";
import { useMay } from "./workspace";

export function useReadSchema(workspace: string, connection: string) {
  return useMutation({
    mutationFn: () => takeSnapshot(workspace, connection),
    onSuccess: (taken) => toast({ title: taken.is_new ? "The schema was read: it is another than before." : "The schema was read: nothing changed.", detail: count(taken.snapshot.object_count, "object"), tone: "ok" }),
  });
}

export function ReadSchema({ reading, variant = "secondary" }: { reading: ReturnType<typeof useReadSchema>; variant?: "primary" | "secondary" }) {
  const may = useMay("run_queries");
  return (
    <Button variant={variant} disabled={!may} title={may ? undefined : "Needs the capability run_queries."} busy={reading.isPending} onClick={() => reading.mutate()} icon={<RefreshCw className="size-3.5" aria-hidden="true" />}>
      Read the schema now
    </Button>
  );
}
