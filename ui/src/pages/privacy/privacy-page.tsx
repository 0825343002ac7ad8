// What is kept about people, of me, and which values?

import { Page } from "~/parts/page";
import { usePageSearch } from "~/parts/search";
import { Tabs } from "~/ui/tabs";
import { KeptTab } from "./kept-tab";
import { MeTab } from "./me-tab";
import { ValuesTab } from "./values-tab";

const TABS = [
  { value: "", label: "What is kept" },
  { value: "me", label: "Of you" },
  { value: "values", label: "Values and keys" },
];

export function PrivacyPage() {
  const [search] = usePageSearch();
  const tab = TABS.find(({ value }) => value === search["tab"])?.value ?? "";
  return (
    <Page title="Privacy" about="What is kept about people, where, for how long, and how it goes." bar={<Tabs label="Privacy" tabs={TABS} current={tab} />}>
      {tab === "" && <KeptTab />}
      {tab === "me" && <MeTab />}
      {tab === "values" && <ValuesTab />}
    </Page>
  );
}
