// Which of the live sessions pass the filters of the URL?

import type { LiveSession } from "~/api/live-sessions";
import type { Search } from "~/parts/search";

/** The words in the URL that hold sessions back. */
export const LIVE_FILTERS = ["words", "listener", "user", "application", "state", "blocked"] as const;

export const hasFilters = (search: Search): boolean => LIVE_FILTERS.some((name) => Boolean(search[name]));

/** Everything about a session that can be looked for. */
const words = (one: LiveSession): string =>
  [one.caller.user, one.caller.database, one.caller.application, one.principal?.label, one.listener, one.address, one.session, one.current?.text, one.current?.fingerprint].filter(Boolean).join("\n").toLowerCase();

export function passes(session: LiveSession, search: Search): boolean {
  const { words: typed, listener, user, application, state, blocked } = search;
  return (
    (!listener || session.listener === listener) &&
    (!user || session.caller.user === user) &&
    (!application || session.caller.application === application) &&
    (!state || session.state === state) &&
    (blocked !== "yes" || (session.blocked_by?.length ?? 0) > 0) &&
    (!typed || words(session).includes(typed.toLowerCase()))
  );
}

/** The values that there are to choose from, with the chosen one even when it is gone. */
export function choicesOf(sessions: readonly LiveSession[], value: (session: LiveSession) => string, chosen: string | undefined): string[] {
  return [...new Set([...sessions.map(value), ...(chosen ? [chosen] : [])])].filter((one) => one !== "").sort((left, right) => left.localeCompare(right));
}
