// In which workspace are the pages below `/w/…`?

import { useQuery } from "@tanstack/react-query";
import { Outlet, useParams } from "@tanstack/react-router";
import { useEffect } from "react";
import { isProblem } from "~/api/problem";
import { workspaceQuery } from "~/api/workspaces";
import { NotFound } from "~/pages/not-found";
import { PagePending } from "~/parts/page";
import { WorkspaceContext } from "~/parts/workspace";
import { Failed } from "~/ui/states";
import { remember } from "~/ui/remembered";

export function WorkspaceOutlet() {
  const { workspace: slug = "" } = useParams({ strict: false });
  const { data, error, refetch } = useQuery(workspaceQuery(slug));
  useEffect(() => {
    if (data) {
      remember("workspace", data.slug);
    }
  }, [data]);
  if (data) {
    return (
      <WorkspaceContext value={data}>
        <Outlet />
      </WorkspaceContext>
    );
  }
  if (isProblem(error, "not_found", "forbidden")) {
    return <NotFound what="workspace" />;
  }
  return error ? <Failed error={error} onRetry={() => void refetch()} /> : <PagePending />;
}
