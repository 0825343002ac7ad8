// Who belongs to the workspace, with which roles, and who are the names on the wire?

import { Page } from "~/parts/page";
import { usePageSearch } from "~/parts/search";
import { useMay, useWorkspace } from "~/parts/workspace";
import { NotAllowed } from "~/ui/states";
import { Tabs, type Tab } from "~/ui/tabs";
import { AccessReview } from "./access-review";
import { Invitations } from "./invitations";
import { Machines } from "./machines";
import { MemberList } from "./member-list";
import { Principals } from "./principals";
import { RoleMatrix } from "./role-matrix";
import { Teams } from "./teams";

export function MembersPage() {
  const workspace = useWorkspace();
  const [search] = usePageSearch();
  const mayView = useMay("view");
  const mayReview = useMay("view_activity");
  const mayManage = useMay("manage_members");
  const tabs: Tab[] = [
    { value: "", label: "Members" },
    ...(mayManage ? [{ value: "invitations", label: "Invitations" }] : []),
    { value: "machines", label: "Services and agents" },
    { value: "teams", label: "Teams" },
    { value: "principals", label: "Principals" },
    { value: "roles", label: "Roles" },
    ...(mayReview ? [{ value: "access", label: "Access" }] : []),
  ];
  const tab = tabs.find((one) => one.value === search["tab"])?.value ?? "";
  return (
    <Page title="Members" about={`People of ${workspace.name}, what they may do, and which names on the wire are whose.`} bar={<Tabs label="Parts of members" tabs={tabs} current={tab} />}>
      {!mayView && tab !== "roles" ? (
        <NotAllowed what="the members" capability="view" />
      ) : (
        <>
          {tab === "" && <MemberList />}
          {tab === "invitations" && <Invitations />}
          {tab === "machines" && <Machines />}
          {tab === "teams" && <Teams />}
          {tab === "principals" && <Principals />}
          {tab === "access" && <AccessReview />}
        </>
      )}
      {tab === "roles" && <RoleMatrix />}
    </Page>
  );
}
