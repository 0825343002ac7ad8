// Is what is said of a data plane what is so?

import { expect, test } from "vitest";
import type { FleetListener } from "~/api/fleet";
import { advice, expiryTone, firstExpiry, isStopping, linkSettings, sessionsOf, stateOf, versions } from "./words";

const listener = (change: Partial<FleetListener>): FleetListener => ({ name: "pg", workspace: "shop", is_present: true, protocol: "postgres", environment: "production", listen: "", mode: "observe", sessions: 3, certificates: [], ...change });

test("what is to be done fits what is wrong, and nothing is said where all is well", () => {
  expect(advice({ standing: "well", rules: "in_force", name: "a" })).toEqual([]);
  expect(advice({ standing: "lost", rules: "away", name: "gate-1" })[0]).toContain("gate-1");
  expect(advice({ standing: "well", rules: "refused", name: "a" })).toHaveLength(1);
  expect(advice({ standing: "older_version", rules: "in_force", name: "a" })[0]).toContain("version");
});

test("the certificate that expires first, of listeners that are there", () => {
  const at = (expires_at: string) => [{ setting: "tls.certificate", expires_at }];
  const plane = { listeners: [listener({ certificates: at("2030-01-01T00:00:00Z") }), listener({ name: "my", certificates: at("2028-01-01T00:00:00Z") }), listener({ is_present: false, certificates: at("2020-01-01T00:00:00Z") })] };
  expect(firstExpiry(plane)).toEqual({ listener: "my", setting: "tls.certificate", at: "2028-01-01T00:00:00Z" });
  expect(firstExpiry({ listeners: [] })).toBeUndefined();
  const now = Date.parse("2027-12-27T00:00:00Z");
  expect([expiryTone("2027-12-01T00:00:00Z", now), expiryTone("2028-01-01T00:00:00Z", now), expiryTone("2028-01-15T00:00:00Z", now), expiryTone("2028-09-01T00:00:00Z", now)]).toEqual(["danger", "danger", "warn", undefined]);
});

test("sessions of one that is lost are not known, and one without its listeners stops", () => {
  expect(sessionsOf({ is_listening: true, listeners: [listener({}), listener({ sessions: 4 }), listener({ is_present: false, sessions: 9 })] })).toBe(7);
  expect(sessionsOf({ is_listening: false, listeners: [listener({})] })).toBeUndefined();
  expect(isStopping({ is_listening: true, listeners: [listener({ is_present: false })] })).toBe(true);
  expect(isStopping({ is_listening: true, listeners: [listener({})] })).toBe(false);
  expect(isStopping({ is_listening: true, listeners: [] })).toBe(false);
});

test("the settings of a new one name this control plane and this workspace", () => {
  const text = linkSettings("https://gate.example.com", "pay");
  expect(text).toContain('url = "https://gate.example.com"');
  expect(text).toContain('workspace = "pay"');
});

test("the version after stands beside the one before once it is known", () => {
  expect(versions({ version_before: "0.1.0" })).toBe("0.1.0");
  expect(versions({ version_before: "0.1.0", version_after: "0.1.0" }), "a restart alone changes nothing").toBe("0.1.0");
  expect(versions({ version_before: "0.1.0", version_after: "0.2.0" })).toBe("0.1.0 → 0.2.0");
});

test("one that takes no sessions is not well", () => {
  const drain = (phase: "accepting" | "draining" | "drained") => ({ phase, sessions: 0, since: "", accepts_until: "" });
  const plane = { standing: "well" as const, is_listening: true, listeners: [listener({})] };
  expect(stateOf(plane)).toMatchObject({ state: "well", tone: "ok" });
  for (const phase of ["accepting", "draining", "drained"] as const) {
    expect(stateOf({ ...plane, drain: drain(phase) })).toMatchObject({ state: phase === "drained" ? "drained" : "draining", tone: "warn" });
  }
  expect(stateOf({ ...plane, drain: drain("accepting") }).about).toContain("accepts connections until");
  expect(stateOf({ ...plane, standing: "lost", is_listening: false, drain: drain("drained") }).state).toBe("lost");
  expect(stateOf({ ...plane, listeners: [listener({ is_present: false })] }).state).toBe("stopping");
});
