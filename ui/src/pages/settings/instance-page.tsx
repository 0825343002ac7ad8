// What does an admin of the instance see: accounts, workspaces, data planes, and what happened?

import { useQuery } from "@tanstack/react-query";
import { instanceQuery, sessionQuery } from "~/api/session";
import { Page } from "~/parts/page";
import { usePageSearch } from "~/parts/search";
import { Failed, SkeletonRows } from "~/ui/states";
import { Tabs } from "~/ui/tabs";
import { Accounts } from "./accounts";
import { AllWorkspaces } from "./all-workspaces";
import { InstanceActivity } from "./instance-activity";
import { NoInstanceAdmin } from "./no-instance-admin";
import { Planes } from "./planes";

const TABS = [
  { value: "", label: "Accounts" },
  { value: "workspaces", label: "Workspaces" },
  { value: "planes", label: "Data planes" },
  { value: "activity", label: "Activity" },
];

const REGISTRATION: Record<string, string> = { open: "anybody can register", invited: "who is invited can register", closed: "nobody can register" };

export function InstancePage() {
  const [search] = usePageSearch();
  const session = useQuery(sessionQuery);
  const instance = useQuery(instanceQuery).data;
  const tab = TABS.find((one) => one.value === search["tab"])?.value ?? "";
  const about = instance && `Dragoman ${instance.version} · ${REGISTRATION[instance.registration] ?? instance.registration} · sign-in by password${instance.sign_in.map((service) => `, ${service}`).join("")}`;
  if (!session.data) {
    return <Page title="Instance">{session.error ? <Failed error={session.error} onRetry={() => void session.refetch()} /> : <SkeletonRows />}</Page>;
  }
  if (!session.data.person.is_instance_admin) {
    return (
      <Page title="Instance" about={about}>
        <NoInstanceAdmin />
      </Page>
    );
  }
  return (
    <Page title="Instance" about={about} bar={<Tabs label="Parts of the instance" tabs={TABS} current={tab} />}>
      {tab === "" && <Accounts />}
      {tab === "workspaces" && <AllWorkspaces />}
      {tab === "planes" && <Planes />}
      {tab === "activity" && <InstanceActivity />}
    </Page>
  );
}
