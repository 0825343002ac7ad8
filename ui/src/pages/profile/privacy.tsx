// What is kept of me, and how do I take it along or have it erased?

import { useMutation } from "@tanstack/react-query";
import { Download, Trash2 } from "lucide-react";
import { useState } from "react";
import { eraseProfile, exportProfile, type Profile } from "~/api/profile";
import { save } from "~/parts/save";
import { paths } from "~/paths";
import { Button } from "~/ui/button";
import { Card } from "~/ui/card";
import { Confirm } from "~/ui/dialog";
import { ErrorNote } from "~/ui/states";

export function Privacy({ profile }: { profile: Profile }) {
  const [asked, setAsked] = useState(false);
  const take = useMutation({ mutationFn: exportProfile, onSuccess: (file) => save(file, "dragoman-profile.json") });
  return (
    <>
      <Card title="Take your data along">
        <p className="mb-3 text-[13px] text-ink-soft">Your profile, memberships, tokens (without their secrets), sessions, queries and what you did, as one JSON file.</p>
        {take.error && <ErrorNote error={take.error} />}
        <Button icon={<Download className="size-3.5" aria-hidden="true" />} busy={take.isPending} onClick={() => take.mutate()}>
          Download
        </Button>
      </Card>
      <Card title="Erase your account">
        <p className="mb-3 text-[13px] text-ink-soft">
          Your profile, sessions and tokens go, and you leave every workspace. What you did stays on record under an id that leads to no name. While you are the last owner of a shared workspace, make somebody else an owner first.
        </p>
        <Button variant="danger" icon={<Trash2 className="size-3.5" aria-hidden="true" />} onClick={() => setAsked(true)}>
          Erase the account
        </Button>
      </Card>
      <Confirm
        open={asked}
        onClose={() => setAsked(false)}
        title="Erase your account?"
        consequence="It cannot be undone. Programs that use your tokens stop working at once."
        action="Erase the account"
        typed={profile.email}
        onConfirm={async () => {
          await eraseProfile(profile.email);
          location.assign(paths.signIn());
        }}
      />
    </>
  );
}
