// Who blocks whom? The answers of the server as trees, each with the one at its root who holds up all others.

import type { Blocker, LiveSession } from "~/api/live-sessions";

/** Somebody who waits, or whom others wait for. */
export interface Knot {
  key: string;
  /** A session of the gateway; without it the process is outside. */
  session?: LiveSession;
  /** Whom the server named, where it is no session that is shown. */
  outside?: Blocker & { listener: string };
  /** Who waits for this one, those that wait longest first. */
  blocked: Knot[];
  /** How many wait below, each counted once. */
  waiting: number;
  /** The earliest beginning of a statement that waits below, RFC 3339. */
  waitingSince?: string;
  /** It waits for others too. */
  alsoWaitsFor: number;
  /** A root that waits itself, for one of those that wait for it. */
  isInCycle: boolean;
}

/** A listener whose server could not be asked. */
export interface Unknown {
  listener: string;
  reason: string;
  sessions: number;
}

export interface Blocking {
  roots: Knot[];
  /** Sessions that wait for somebody. */
  blocked: number;
  unknown: Unknown[];
}

/** Processes of different servers may have the same number: a listener has one server at a time. */
function keyOf(blocker: Blocker, by: LiveSession, shown: ReadonlySet<string>): string {
  if (blocker.session !== undefined && shown.has(blocker.session)) {
    return blocker.session;
  }
  // Prepared transactions have no process: all of one server are one knot.
  return blocker.is_prepared_transaction ? `prepared ${by.plane} ${by.listener}` : `process ${by.plane} ${by.listener} ${blocker.process}`;
}

interface Graph {
  sessions: Map<string, LiveSession>;
  outside: Map<string, Blocker & { listener: string }>;
  /** From who blocks to whom it blocks. */
  blocked: Map<string, string[]>;
  /** How many each waits for. */
  waits: Map<string, number>;
}

function graphOf(sessions: readonly LiveSession[]): Graph {
  const shown = new Set(sessions.map((one) => one.session));
  const graph: Graph = { sessions: new Map(sessions.map((one) => [one.session, one])), outside: new Map(), blocked: new Map(), waits: new Map() };
  for (const session of sessions) {
    const by = new Map((session.blocked_by ?? []).map((blocker) => [keyOf(blocker, session, shown), blocker]));
    if (by.size > 0) {
      graph.waits.set(session.session, by.size);
    }
    for (const [key, blocker] of by) {
      if (!shown.has(key)) {
        graph.outside.set(key, { ...blocker, listener: session.listener });
      }
      graph.blocked.set(key, [...(graph.blocked.get(key) ?? []), session.session]);
    }
  }
  return graph;
}

const begun = (graph: Graph, key: string): string | undefined => graph.sessions.get(key)?.current?.started_at;
const byAge = (graph: Graph) => (left: string, right: string) => (begun(graph, left) ?? "~").localeCompare(begun(graph, right) ?? "~");

/**
 * Who waits for `root` at any distance, each once and as near to the root as can be: in the queue for one lock everybody
 * waits for everybody before them, and drawn along every path it would not end.
 */
function childrenOf(graph: Graph, root: string): Map<string, string[]> {
  const children = new Map<string, string[]>();
  const reached = new Set([root]);
  const open = [root];
  for (let at = 0; at < open.length; at += 1) {
    const key = open[at] ?? root;
    const found = (graph.blocked.get(key) ?? []).filter((one) => !reached.has(one)).sort(byAge(graph));
    found.forEach((one) => reached.add(one));
    children.set(key, found);
    open.push(...found);
  }
  return children;
}

const earliest = (moments: (string | undefined)[]): string | undefined => moments.flatMap((one) => one ?? []).sort()[0];

function knot(graph: Graph, key: string, children: Map<string, string[]>, isRoot: boolean): Knot {
  const blocked = (children.get(key) ?? []).map((one) => knot(graph, one, children, false));
  return {
    key,
    session: graph.sessions.get(key),
    outside: graph.outside.get(key),
    blocked,
    waiting: blocked.reduce((sum, one) => sum + 1 + one.waiting, 0),
    waitingSince: earliest(blocked.flatMap((one) => [begun(graph, one.key), one.waitingSince])),
    alsoWaitsFor: Math.max(0, (graph.waits.get(key) ?? 0) - (isRoot ? 0 : 1)),
    isInCycle: isRoot && graph.waits.has(key),
  };
}

/** The trees, those that hold up most first. */
export function blockingOf(sessions: readonly LiveSession[]): Blocking {
  const graph = graphOf(sessions);
  const trees: Knot[] = [];
  const reached = new Set<string>();
  const grow = (key: string) => {
    const children = childrenOf(graph, key);
    [...children.keys()].forEach((one) => reached.add(one));
    trees.push(knot(graph, key, children, true));
  };
  [...graph.blocked.keys()].filter((key) => !graph.waits.has(key)).forEach(grow);
  // A circle has no root: its oldest statement stands for it, until the server breaks it.
  for (const key of [...graph.blocked.keys()].sort(byAge(graph))) {
    if (!reached.has(key)) {
      grow(key);
    }
  }
  return { roots: trees.sort((left, right) => right.waiting - left.waiting), blocked: graph.waits.size, unknown: unknownOf(sessions) };
}

function unknownOf(sessions: readonly LiveSession[]): Unknown[] {
  const found = new Map<string, Unknown>();
  for (const session of sessions) {
    if (session.blocking === "unknown") {
      const reason = session.blocking_reason ?? "";
      const key = `${session.listener}\n${reason}`;
      found.set(key, { listener: session.listener, reason, sessions: (found.get(key)?.sessions ?? 0) + 1 });
    }
  }
  return [...found.values()];
}
