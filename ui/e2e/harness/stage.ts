// What do the tests find at the demo: who is there, and which objects have a page?

import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Caller, itemsOf, textOf, type Account } from "./caller.ts";
import type { Demo } from "./demo.ts";
import { eventually } from "./eventually.ts";
import { psql } from "./psql.ts";

export const WORKSPACE = "default";
const AT = `/api/v1/workspaces/${WORKSPACE}`;

export const ROLES = ["admin", "editor", "viewer"] as const;
export type Role = (typeof ROLES)[number];

/** Objects that have a page of their own. */
export interface Known {
  fingerprint: string;
  connection: string;
  table: string;
  query: string;
  ruleSet: string;
  record: string;
}

export interface Stage {
  demo: Demo;
  /** Files with what a browser keeps of each of them. */
  states: Record<Role, string>;
  accounts: Record<Role, Account>;
  known: Known;
}

/** The stage of this run, as the global set-up has told it. */
export function stage(): Stage {
  const told = process.env["DRAGOMAN_STAGE"];
  if (told === undefined) {
    throw new Error("the global set-up has not told where the demo is");
  }
  return JSON.parse(told) as Stage;
}

export async function prepareStage(demo: Demo, folder: string, linksTo: (email: string) => string[]): Promise<Stage> {
  const admin = await Caller.signIn(demo.url, demo.admin);
  const accounts = { admin: demo.admin, editor: account("editor", "Edda Editor"), viewer: account("viewer", "Viktor Viewer") };
  const callers = { admin, editor: await join(admin, accounts.editor, "editor", linksTo), viewer: await join(admin, accounts.viewer, "viewer", linksTo) };
  mkdirSync(folder, { recursive: true });
  // The demo's traffic is only a moment old: what the pages show of refusals is asked for here.
  await psql({ port: demo.gateway, user: "shop_owner", application: "stage" }, "UPDATE orders SET total = 0 WHERE id = 1");
  const known = await objects(admin);
  const keep = async (role: Role): Promise<string> => {
    const file = path.join(folder, `${role}.json`);
    writeFileSync(file, JSON.stringify({ ...callers[role].storageState(), origins: [{ origin: demo.url, localStorage: [await remembered(callers[role], known.connection)] }] }));
    return file;
  };
  return { demo, accounts, states: { admin: await keep("admin"), editor: await keep("editor"), viewer: await keep("viewer") }, known };
}

/** They work with the shop: tests make other connections beside it, and a page asks who has never chosen. */
async function remembered(caller: Caller, connection: string): Promise<{ name: string; value: string }> {
  const { person } = await caller.get("/api/v1/session");
  return { name: `dragoman.${textOf(person as Record<string, unknown>, "id")}.connection`, value: JSON.stringify({ [WORKSPACE]: connection }) };
}

const account = (role: string, name: string): Account => ({ email: `${role}@shop.example`, name, password: `four words for the ${role}` });

/** Invites somebody, and takes the link of the mail as they would. */
export async function join(admin: Caller, person: Account, role: string, linksTo: (email: string) => string[]): Promise<Caller> {
  await admin.post(`${AT}/invitations`, { email: person.email, role });
  const link = await eventually(`the mail to ${person.email}`, async () => linksTo(person.email).at(-1));
  await Caller.register(admin.url, { ...person, invitation: link.split("#")[1] ?? "" });
  return Caller.signIn(admin.url, person);
}

async function objects(admin: Caller): Promise<Known> {
  const [connection] = itemsOf(await admin.get(`${AT}/connections`));
  const id = textOf(connection ?? {}, "id");
  const first = (what: string, path_: string) => eventually(what, async () => itemsOf(await admin.get(path_))[0]);
  const query = await admin.post(`${AT}/queries`, {
    title: "Orders by state",
    description: "How many orders are in which state.",
    sql: "SELECT state, count(*) FROM orders WHERE placed_at > $1 GROUP BY state",
    tags: ["orders"],
    visibility: "workspace",
    connection: id,
  });
  const ruleSet = await admin.post(`${AT}/rule-sets`, { name: "careful", description: "What the shop allows beyond the pack." });
  const table = await eventually("the schema is read", async () =>
    itemsOf(await admin.get(`${AT}/connections/${id}/schema/objects?schema=public&kind=table&limit=200`).catch(() => ({ items: [] }))).find((one) => one["name"] === "orders"),
  );
  const fingerprint = await first("a fingerprint of a read", `${AT}/traffic/top?group_by=fingerprint&class=read&limit=1`);
  const record = await first("the refusal is on record", `${AT}/ledger?events=statement.refused&limit=1`);
  return {
    connection: id,
    query: textOf(query, "id"),
    ruleSet: textOf(ruleSet, "id"),
    table: textOf(table, "key"),
    fingerprint: textOf(fingerprint, "key"),
    record: textOf(record["record"] as Record<string, unknown>, "id"),
  };
}
