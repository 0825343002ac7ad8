// What can the person do from anywhere: profile, tokens, appearance, signing out?

import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { KeyRound, Keyboard, LogOut, ServerCog, UserRound } from "lucide-react";
import { sessionQuery, signOut } from "~/api/session";
import { paths } from "~/paths";
import type { LateProps } from "~/ui/late";
import { Menu, MenuChoice, MenuItem, MenuLabel, MenuLine } from "~/ui/menu";
import { toast } from "~/ui/toast";
import { useAppearance, type Appearance } from "./appearance";

export function PersonPanel({ onHelp, open, onOpenChange, children }: LateProps & { onHelp: () => void }) {
  const { data: session } = useQuery(sessionQuery);
  const [appearance, setAppearance] = useAppearance();
  const navigate = useNavigate();
  const leave = async () => {
    try {
      await signOut();
      await navigate({ to: paths.signIn() });
    } catch {
      toast({ title: "You could not be signed out.", detail: "Try again, or close the browser.", tone: "danger" });
    }
  };
  return (
    <Menu open={open} onOpenChange={onOpenChange} trigger={children}>
      <MenuLabel>{session?.person.email}</MenuLabel>
      <MenuItem asChild>
        <Link to={paths.profile}>
          <UserRound className="size-3.5 text-ink-faint" aria-hidden="true" /> Profile
        </Link>
      </MenuItem>
      <MenuItem asChild>
        <Link to={paths.tokens}>
          <KeyRound className="size-3.5 text-ink-faint" aria-hidden="true" /> Tokens
        </Link>
      </MenuItem>
      {session?.person.is_instance_admin && (
        <MenuItem asChild>
          <Link to={paths.instance}>
            <ServerCog className="size-3.5 text-ink-faint" aria-hidden="true" /> Instance
          </Link>
        </MenuItem>
      )}
      <MenuItem icon={<Keyboard aria-hidden="true" />} shortcut="?" onSelect={onHelp}>
        Shortcuts
      </MenuItem>
      <MenuLine />
      <MenuChoice<Appearance["theme"]>
        label="Theme"
        value={appearance.theme}
        onChange={(theme) => setAppearance({ ...appearance, theme })}
        choices={[
          { value: "system", label: "As the system" },
          { value: "light", label: "Light" },
          { value: "dark", label: "Dark" },
        ]}
      />
      <MenuChoice<Appearance["density"]>
        label="Density"
        value={appearance.density}
        onChange={(density) => setAppearance({ ...appearance, density })}
        choices={[
          { value: "comfortable", label: "Comfortable" },
          { value: "compact", label: "Compact" },
        ]}
      />
      <MenuLine />
      <MenuItem icon={<LogOut aria-hidden="true" />} onSelect={() => void leave()}>
        Sign out
      </MenuItem>
    </Menu>
  );
}
