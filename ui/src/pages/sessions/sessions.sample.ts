// What does a live session look like in tests?

import type { LiveSession } from "~/api/live-sessions";

/** A session that idles, but for what the test says. */
export function session(id: string, said: Partial<LiveSession> = {}): LiveSession {
  return {
    session: id,
    plane: "plane",
    plane_name: "gateway-1",
    listener: "shop",
    protocol: "postgres",
    environment: "production",
    caller: { user: "app", database: "shop", application: "checkout" },
    address: "192.0.2.17:52114",
    tls: "",
    started_at: "2026-11-21T13:50:00.000000Z",
    state: "idle",
    state_since: "2026-11-21T13:59:41.000000Z",
    statements: 1,
    bytes_in: 1,
    bytes_out: 1,
    waits_at_gate: false,
    blocking: "known",
    blocked_by: [],
    ...said,
  };
}
