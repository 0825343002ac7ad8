// Somebody else changed the query meanwhile: what differs, and which shall it be?

import { TwoVersions } from "~/parts/two-versions";
import { Button } from "~/ui/button";
import { asText, type Fields, type QueryDraftState } from "./query-draft";

export function QueryConflict({ draft, theirs }: { draft: QueryDraftState; theirs: Fields }) {
  return (
    <TwoVersions
      label="Somebody else changed this query"
      title="Somebody else changed this query while you wrote"
      about="Your changes are untouched. Saving yours makes a new version; theirs stays under Versions. You can edit yours below before you choose."
      theirs={asText(theirs)}
      mine={asText(draft.mine)}
    >
      <Button variant="primary" busy={draft.saving.busy} onClick={() => void draft.keepMine()}>
        Save mine as a new version
      </Button>
      <Button onClick={draft.takeTheirs}>Take theirs</Button>
    </TwoVersions>
  );
}
