// Who is signed in here?

import { useQuery } from "@tanstack/react-query";
import { sessionQuery } from "~/api/session";
import { late } from "~/ui/late";

const Panel = late<{ onHelp: () => void }>(() => import("./person-panel").then((module) => module.PersonPanel), "menu");

const initials = (name: string): string =>
  name
    .split(/\s+/)
    .slice(0, 2)
    .map((word) => word.charAt(0).toUpperCase())
    .join("");

export function PersonMenu({ onHelp }: { onHelp: () => void }) {
  const { data: session } = useQuery(sessionQuery);
  const name = session?.person.name ?? "";
  return (
    <Panel
      onHelp={onHelp}
      trigger={(state) => (
        <button type="button" aria-label={`You: ${name}`} className="ml-1 flex size-8 shrink-0 items-center justify-center rounded-full bg-brand-soft text-xs font-semibold text-brand-text" {...state}>
          {initials(name)}
        </button>
      )}
    />
  );
}
