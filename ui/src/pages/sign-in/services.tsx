// With which other services can one sign in?

import { useQuery } from "@tanstack/react-query";
import { KeyRound } from "lucide-react";
import { serviceSignIn } from "~/api/people";
import { instanceQuery } from "~/api/session";
import { Button } from "~/ui/button";

const NAMES: Record<string, string> = { google: "Google", github: "GitHub" };

/** A button for each; nothing where there is none. */
export function Services({ invitation }: { invitation?: string }) {
  const services = useQuery(instanceQuery).data?.sign_in ?? [];
  if (services.length === 0) {
    return null;
  }
  return (
    <div className="flex flex-col gap-2">
      {services.map((service) => (
        <Button key={service} asChild size="large">
          <a href={serviceSignIn(service, invitation)}>
            <KeyRound className="size-4 text-ink-faint" aria-hidden="true" /> Go on with {NAMES[service] ?? service}
          </a>
        </Button>
      ))}
      <p className="flex items-center gap-3 py-1 text-xs text-ink-faint before:h-px before:flex-1 before:bg-line after:h-px after:flex-1 after:bg-line">or</p>
    </div>
  );
}
