// What stands at a path where nothing is?

import { Link } from "@tanstack/react-router";
import { Compass } from "lucide-react";
import { Button } from "~/ui/button";
import { FirstTime } from "~/ui/states";
import { paths } from "~/paths";

/** Gone, never there, or somebody else's: the server does not say which. */
export function NotFound({ what = "page" }: { what?: string }) {
  return (
    <FirstTime
      icon={<Compass className="size-5" />}
      title={`There is no such ${what}`}
      actions={
        <Button asChild variant="primary">
          <Link to={paths.root}>Go home</Link>
        </Button>
      }
    >
      It may have been deleted, or it belongs to a workspace you are not a member of.
    </FirstTime>
  );
}

export function NotFoundPage() {
  return (
    <main className="flex min-h-dvh items-center justify-center">
      <div>
        <h1 className="sr-only">Not found</h1>
        <NotFound />
      </div>
    </main>
  );
}
