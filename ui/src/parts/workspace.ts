// In which workspace is the page, and what may the person do there?

import { createContext, useContext } from "react";
import { may, type Capability, type Workspace } from "~/api/workspaces";

export const WorkspaceContext = createContext<Workspace | undefined>(undefined);

/** The workspace around this part; only for parts of pages below `/w/…`. */
export function useWorkspace(): Workspace {
  const workspace = useContext(WorkspaceContext);
  if (workspace === undefined) {
    throw new Error("this part stands outside a workspace");
  }
  return workspace;
}

/** Whether the person may; what they may not is shown disabled with the reason, or not at all. */
export const useMay = (capability: Capability): boolean => may(useWorkspace(), capability);
