// Who am I here, and where am I signed in?

import { useQuery } from "@tanstack/react-query";
import { profileQuery } from "~/api/profile";
import { Page } from "~/parts/page";
import { usePageSearch } from "~/parts/search";
import { Failed, SkeletonRows } from "~/ui/states";
import { Tabs } from "~/ui/tabs";
import { About } from "./about";
import { Privacy } from "./privacy";
import { SignIn } from "./sign-in";
import { SignedInList } from "./signed-in-list";

const TABS = [
  { value: "", label: "About you" },
  { value: "sign-in", label: "Password and sign-in" },
  { value: "sessions", label: "Signed in" },
  { value: "privacy", label: "Your data" },
];

export function ProfilePage() {
  const [search] = usePageSearch();
  const { data, error, refetch } = useQuery(profileQuery);
  const tab = search["tab"] ?? "";
  return (
    <Page title="Profile" about="What others see of you, how you sign in, and what is kept." wide={false} bar={<Tabs label="Profile" tabs={TABS} current={tab} />}>
      {error && !data ? (
        <Failed error={error} onRetry={() => void refetch()} />
      ) : data === undefined ? (
        <SkeletonRows rows={5} />
      ) : (
        <>
          {tab === "" && <About profile={data.data} etag={data.etag} />}
          {tab === "sign-in" && <SignIn profile={data.data} />}
          {tab === "sessions" && <SignedInList />}
          {tab === "privacy" && <Privacy profile={data.data} />}
        </>
      )}
    </Page>
  );
}
