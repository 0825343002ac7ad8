// How does something small happen at once, and say when it failed?

import { useMutation } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { explain } from "~/api/problem";
import { Button } from "~/ui/button";
import { toast } from "~/ui/toast";

export function CheckNow({ label, icon, run }: { label: string; icon: ReactNode; run: () => Promise<unknown> }) {
  const { mutate, isPending } = useMutation({
    mutationFn: run,
    onError: (error) => {
      const { title, hint } = explain(error);
      toast({ title, detail: hint, tone: "danger" });
    },
  });
  return (
    <Button size="small" icon={icon} busy={isPending} onClick={() => mutate()}>
      {label}
    </Button>
  );
}
