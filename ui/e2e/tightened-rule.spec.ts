// Does one afternoon lead from a relation nobody declared to a rule that holds on the wire?

import type { Page, Request } from "@playwright/test";
import { textOf, type Caller } from "./harness/caller.ts";
import { eventually } from "./harness/eventually.ts";
import { Gateway } from "./harness/gateway.ts";
import { tabTo } from "./harness/keyboard.ts";
import { psql } from "./harness/psql.ts";
import { settled } from "./harness/settled.ts";
import { WORKSPACE } from "./harness/stage.ts";
import { expect, test } from "./harness/test.ts";

const AT = `/api/v1/workspaces/${WORKSPACE}`;
const AROUND = `/w/${WORKSPACE}`;

/** What an application asks all day; no key declares how the two tables hang together. */
const ASKED = "SELECT t.subject, o.placed_at FROM support_tickets t JOIN orders o ON o.number = t.order_number WHERE t.priority = 'high'";

const RULES = `[[rule]]
name = "complaints"
when = { table = "support_tickets" }
decision = "note"
`;

/** The shop's connection through the listener, its schema read. */
async function connect(admin: Caller): Promise<void> {
  const draft = { name: "shop", kind: "postgres", via: "shop", database: "shop", user: "shop_app", password: "shop", environment: "production" };
  const id = textOf(await admin.post(`${AT}/connections`, draft), "id");
  await eventually("the schema is read and the join is known", async () => {
    const told = await admin.get(`${AT}/connections/${id}/schema/joins`).catch(() => undefined);
    return JSON.stringify(told ?? {}).includes("order_number") ? true : undefined;
  });
}

/** A rule set in its first version, in force at the listener. */
async function inForce(admin: Caller, name: string): Promise<void> {
  const id = textOf(await admin.post(`${AT}/rule-sets`, { name }), "id");
  const draft = await admin.versioned(`${AT}/rule-sets/${id}/draft`);
  await admin.ask("PUT", `${AT}/rule-sets/${id}/draft`, { text: RULES, cases: "" }, { "if-match": draft.etag });
  const saved = await admin.versioned(`${AT}/rule-sets/${id}/draft`);
  await admin.ask("POST", `${AT}/rule-sets/${id}/publish`, { note: "only noted at first" }, { "if-match": saved.etag });
  const publication = await admin.versioned(`${AT}/listeners/shop/publication`);
  await admin.ask("PUT", `${AT}/listeners/shop/publication`, { policies: [name] }, { "if-match": publication.etag });
}

async function seesTheRelation(page: Page): Promise<void> {
  await page.goto(`${AROUND}/diagram`);
  await settled(page, /^Diagram$/);
  await page.getByRole("combobox", { name: "Go to a table" }).fill("orders");
  await page.getByRole("option", { name: /orders/ }).first().click();
  await expect(page.getByRole("button", { name: /^public\.orders, / })).toBeFocused();
  const line = (kind: string, name: string) => page.locator(`[data-line="${kind}"] title`).filter({ hasText: name });
  await expect(line("seen", "support_tickets.order_number")).toHaveCount(1);
  await expect(line("declared", "support_tickets.order_number")).toHaveCount(0);
  await expect(page.getByRole("img", { name: /support_tickets\.order_number/ })).toHaveCount(1);
  await expect(line("declared", "orders.customer_id")).toHaveCount(1);
  await expect(line("seen", "orders.customer_id")).toHaveCount(0);
}

async function writesAQuery(page: Page): Promise<void> {
  const runs: Request[] = [];
  page.on("request", (request) => /\/runs$/.test(request.url()) && request.method() === "POST" && runs.push(request));
  await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "SQL" }).click();
  await settled(page, /^SQL$/);
  const editor = page.getByRole("textbox", { name: "Statement" });
  await editor.focus();
  await page.keyboard.insertText("SELECT  FROM support_tickets t WHERE t.state = 'open' LIMIT 5;\n\nUPDATE support_tickets SET state = 'closed' WHERE id = 1;");
  const main = page.getByRole("main");
  // The statement that would write is refused while it is only written, and the rule is named.
  await expect(main.getByRole("status").filter({ hasText: "read-only/write" })).toContainText("refused");
  await page.keyboard.press("Control+Home");
  for (let step = 0; step < "SELECT ".length; step += 1) {
    await page.keyboard.press("ArrowRight");
  }
  await page.keyboard.type("t.order_n");
  const offered = page.getByRole("listbox").getByRole("option");
  await expect(offered.first()).toContainText("order_number");
  await offered.first().click();
  await expect(editor).toContainText("SELECT t.order_number FROM support_tickets t");
  await expect(main.getByRole("status").filter({ hasText: "allowed" })).toBeVisible();
  expect(runs, "what was only written ran").toHaveLength(0);
  await page.getByRole("button", { name: "Run read-only on production" }).click();
  await expect(page.getByRole("grid", { name: "Result" }).getByRole("row").nth(1)).toBeVisible();
}

async function tightens(page: Page, message: string): Promise<void> {
  await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Rule sets" }).click();
  await settled(page, /^Rule sets$/);
  await page.getByRole("row", { name: /tickets/ }).click();
  await settled(page, /^tickets/);
  await page.getByRole("button", { name: "Edit complaints" }).click();
  const dialog = page.getByRole("dialog", { name: "Rule tickets/complaints" });
  await dialog.getByRole("combobox", { name: "Decision" }).click();
  await page.getByRole("option", { name: /^refuse/ }).click();
  await dialog.getByRole("textbox", { name: /^Message/ }).fill(message);
  await dialog.getByRole("button", { name: "Change the text" }).click();
  await expect(page.getByRole("textbox", { name: "Rules", exact: true })).toContainText(message);
}

async function seesWhatItWouldHaveChanged(page: Page): Promise<void> {
  await page.getByRole("link", { name: "What would change" }).click();
  await page.getByRole("radio", { name: "24h" }).click();
  await expect(page).toHaveURL(/range=24h/);
  const row = page.getByRole("grid", { name: "Changes by statement" }).getByRole("row", { name: /JOIN orders/ });
  await expect(row).toContainText("would be refused");
  await expect(row).toContainText("tickets/complaints");
  await page.getByRole("radio", { name: "By who asked" }).click();
  await expect(page.getByRole("grid", { name: "Changes by who asked" }).getByRole("row", { name: /support-desk/ })).toContainText("1 would be refused");
}

/** By keyboard alone: on production the name has to be typed. */
async function publishes(page: Page): Promise<void> {
  await page.keyboard.press("Control+s");
  await expect(page.getByRole("status").filter({ hasText: /^draft saved$/ })).toBeVisible();
  await tabTo(page, page.getByRole("link", { name: "Publish", exact: true }), "Shift+Tab");
  await page.keyboard.press("Enter");
  await tabTo(page, page.getByRole("textbox", { name: /^What changes and why/ }));
  await page.keyboard.type("complaints are for support");
  await tabTo(page, page.getByRole("button", { name: "Publish on production" }));
  await page.keyboard.press("Enter");
  const sure = page.getByRole("dialog", { name: "Publish tickets" });
  await expect(sure.getByRole("textbox")).toBeFocused();
  await page.keyboard.type("tickets");
  await page.keyboard.press("Enter");
  await expect(sure).toBeHidden();
  await expect(page.getByText("on 1 of 1 data plane")).toBeVisible();
  await expect(page.getByRole("list", { name: "Data planes and what they run" }).getByRole("listitem")).toContainText(["version 2"]);
}

test("from a relation nobody declared to a rule that refuses what passed before", async ({ stage, another }) => {
  test.setTimeout(180_000);
  const gateway = await Gateway.start(stage.demo.server, true);
  try {
    const admin = await gateway.setUp();
    await inForce(admin, "tickets");
    const ask = () => psql({ port: gateway.port, application: "support-desk" }, ASKED);
    expect(await ask()).toMatchObject({ code: 0, error: "" });
    await connect(admin);

    const page = await another(admin, gateway.url);
    await seesTheRelation(page);
    await writesAQuery(page);
    await tightens(page, "tickets are for support only");
    await seesWhatItWouldHaveChanged(page);
    expect((await ask()).code, "a draft changes nothing").toBe(0);
    await publishes(page);
    const refused = await ask();
    expect(refused.code).not.toBe(0);
    expect(refused.error).toContain("tickets are for support only");
    expect(refused.error).toContain("rule `tickets/complaints` of listener `shop`");
    // Before its gateway goes: what it asks for meanwhile would fail.
    await page.close();
  } finally {
    await gateway.remove();
  }
});
