// Who is signed in here, and how does one sign in and out?

import { queryOptions } from "@tanstack/react-query";
import { belongTo } from "~/ui/remembered";
import { answer, api, setCsrf, type Schemas } from "./client";
import { isProblem } from "./problem";
import { queryClient } from "./queries";

export type Session = Schemas["SessionView"];
export type Person = Schemas["PersonView"];

/** Who is signed in; `null` when nobody is. */
export const sessionQuery = queryOptions({
  queryKey: ["session"],
  staleTime: 60_000,
  queryFn: async (): Promise<Session | null> => {
    try {
      return taken(await answer(api.GET("/api/v1/session")));
    } catch (error) {
      if (isProblem(error, "unauthenticated")) {
        return null;
      }
      throw error;
    }
  },
});

/** Keeps a session that the API has just given. */
export function taken(session: Session): Session {
  setCsrf(session.csrf_token);
  if (belongTo(session.person.id)) {
    // Somebody else signed in from another tab: what this page shows was the other's.
    location.reload();
  }
  queryClient.setQueryData(sessionQuery.queryKey, session);
  return session;
}

/** Which ways to sign in there are, and who may register. Asked before anybody is signed in. */
export const instanceQuery = queryOptions({
  queryKey: ["instance"],
  staleTime: 300_000,
  queryFn: () => answer(api.GET("/api/v1/instance")),
});

export async function signIn(credentials: Schemas["Credentials"]): Promise<Session> {
  return taken(await answer(api.POST("/api/v1/session", { body: credentials })));
}

export async function signOut(): Promise<void> {
  await answer(api.DELETE("/api/v1/session"));
  forgetPerson();
}

/** Nothing of whoever was signed in stays in this browser. */
export function forgetPerson(): void {
  setCsrf(undefined);
  belongTo(undefined);
  queryClient.clear();
}
