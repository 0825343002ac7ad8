// What does somebody see here who is no admin of the instance?

import { LockKeyhole } from "lucide-react";
import { FirstTime } from "~/ui/states";

export function NoInstanceAdmin() {
  return (
    <FirstTime icon={<LockKeyhole className="size-5" />} title="You may not see the instance">
      Accounts, workspaces and data planes of the whole instance are for its admins. An admin of the instance can make you one, here.
    </FirstTime>
  );
}
