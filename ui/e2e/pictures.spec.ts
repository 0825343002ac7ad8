// What does the console look like? Makes the pictures of docs/images; asked for by scripts/screenshot-console.sh.

import type { Page } from "@playwright/test";
import { fileURLToPath } from "node:url";
import { itemsOf, textOf, type Caller, type Json } from "./harness/caller.ts";
import { eventually } from "./harness/eventually.ts";
import { replaceText } from "./harness/keyboard.ts";
import { psql, Psql } from "./harness/psql.ts";
import { settled, wear } from "./harness/settled.ts";
import { WORKSPACE, type Stage } from "./harness/stage.ts";
import { expect, test } from "./harness/test.ts";

const IMAGES = fileURLToPath(new URL("../../docs/images", import.meta.url));
const AT = `/api/v1/workspaces/${WORKSPACE}`;
/** Charts of less traffic look empty. */
const MINUTES = 6;
const PATIENCE_MS = (MINUTES + 4) * 60_000;

test.use({ viewport: { width: 1280, height: 800 } });

const take = (page: Page, name: string): Promise<unknown> => page.screenshot({ path: `${IMAGES}/console-${name}.png` });

/** What somebody tries in the first minutes. */
async function play({ demo }: Stage): Promise<void> {
  for (const sql of ["UPDATE orders SET total = 0", "DELETE FROM reviews", "UPDATE orders SET total = 0 WHERE id = 1", "COPY orders TO PROGRAM 'cat > taken'", "SELECT no_such_column FROM orders"]) {
    await psql({ port: demo.gateway, user: "shop_owner" }, sql);
  }
}

/** Waits until minutes with traffic were told; the query in which most time went, of those that read. */
async function ripe(admin: Caller): Promise<string> {
  await eventually(
    `${MINUTES} minutes of traffic`,
    async () => {
      const { points } = await admin.get(`${AT}/traffic/series`);
      const busy = (Array.isArray(points) ? (points as { sums: Json }[]) : []).filter((point) => Number(point.sums["calls"]) > 0);
      return busy.length >= MINUTES ? true : undefined;
    },
    PATIENCE_MS,
  );
  const [slowest] = itemsOf(await admin.get(`${AT}/traffic/top?group_by=fingerprint&measure=total_us&class=read&limit=1`));
  return String(slowest?.["key"]);
}

async function show(page: Page, path: string, heading: RegExp): Promise<void> {
  await page.goto(`/w/${WORKSPACE}${path}`);
  await settled(page, heading);
  await wear(page, "light");
}

test("pictures of what happens @pictures", async ({ page, stage, admin }) => {
  test.setTimeout(PATIENCE_MS + 120_000);
  const open = (path: string, heading: RegExp) => show(page, path, heading);
  // From here on its charts go by the second.
  await open("/traffic", /^Traffic$/);
  const fingerprint = await ripe(admin);
  await play(stage);
  const holder = new Psql({ port: stage.demo.gateway, application: "psql" });
  const waiters = ["nightly-import", "back-office"].map((application) => new Psql({ port: stage.demo.gateway, application }));
  try {
    holder.send("BEGIN;");
    holder.send("UPDATE suppliers SET name = name WHERE id = 1;");
    holder.send("SELECT 'locked';");
    await holder.hears(/locked/);
    waiters.forEach((waiter) => waiter.send("UPDATE suppliers SET name = name WHERE id = 1;"));

    await expect(page.getByRole("status").filter({ hasText: "live" })).toBeVisible();
    await take(page, "traffic");
    await open("/queries", /^Queries$/);
    await expect(page.getByRole("grid").getByRole("row").nth(5)).toBeVisible();
    await take(page, "queries");
    await open(`/queries/${fingerprint}`, /^Query /);
    await take(page, "query");
    await open(`/queries/${fingerprint}?tab=plan`, /^Query /);
    await page.getByRole("button", { name: "Explain on production" }).click();
    await expect(page.getByRole("tree", { name: "Steps of the plan" }).getByRole("treeitem").first()).toBeVisible();
    await page.getByRole("tree", { name: "Steps of the plan" }).scrollIntoViewIfNeeded();
    await take(page, "plan");
    await open("/sessions?tab=blocking", /^Sessions$/);
    await expect(page.getByText("blocks 2 sessions")).toBeVisible({ timeout: 20_000 });
    await take(page, "sessions");
    await open("/audit?verdict=refuse", /^Audit$/);
    await expect(page.getByRole("grid", { name: "Records" }).getByRole("row").nth(3)).toBeVisible();
    await take(page, "audit");
    await open("", /\w/);
    await expect(page.getByRole("grid", { name: "Slowest queries" }).getByRole("row").nth(5)).toBeVisible();
    await take(page, "home");
    await wear(page, "dark");
    await take(page, "home-dark");
    await wear(page, "light");
    await page.setViewportSize({ width: 390, height: 844 });
    await take(page, "phone");
  } finally {
    for (const client of [holder, ...waiters]) {
      await client.close();
    }
  }
});

const REPORTS = `# What reports may ask of the shop.
[[rule]]
name = "page-views"
when = { table = "page_views", application = "reporting" }
decision = "refuse"
message = "page views are counted in the warehouse, not here"
`;

const SPENT = `SELECT c.family_name, count(*) AS orders, sum(o.total) AS spent
FROM customers c
JOIN orders o ON o.customer_id = c.id
GROUP BY c.family_name
ORDER BY spent DESC
LIMIT 10;

DELETE FROM orders WHERE placed_at < now() - interval '1 year'`;

/** A rule set that nobody has published; answers its id. */
async function drafted(admin: Caller, name: string): Promise<string> {
  const id = textOf(await admin.post(`${AT}/rule-sets`, { name }), "id");
  const { etag } = await admin.versioned(`${AT}/rule-sets/${id}/draft`);
  await admin.ask("PUT", `${AT}/rule-sets/${id}/draft`, { text: REPORTS, cases: "" }, { "if-match": etag });
  return id;
}

/** A query that ran, and is written on: names are offered, and the rules say what they think of it. */
async function writing(page: Page): Promise<void> {
  const editor = page.getByRole("textbox", { name: "Statement" });
  await replaceText(page, editor, SPENT);
  await page.keyboard.press("Control+Home");
  await page.keyboard.press("Control+Enter");
  await expect(page.getByRole("grid", { name: "Result" }).getByRole("row").nth(3)).toBeVisible();
  await page.keyboard.press("End");
  for (let step = 0; step < ") AS spent".length; step += 1) {
    await page.keyboard.press("ArrowLeft");
  }
  await page.keyboard.press("Backspace");
  await page.keyboard.press("Backspace");
  await expect(page.getByRole("main")).toContainText("Of the others 1 would be refused");
  await page.keyboard.press("Control+Space");
  await expect(page.getByRole("listbox").getByRole("option").first()).toContainText("total");
}

test("pictures of what hangs together and what may pass @pictures", async ({ page, stage, admin }) => {
  test.setTimeout(PATIENCE_MS + 120_000);
  await ripe(admin);
  await play(stage);
  const { connection, table } = stage.known;
  await show(page, `/diagram?connection=${connection}&table=${encodeURIComponent(table)}`, /^Diagram$/);
  await expect(page.locator('[data-line="seen"]')).not.toHaveCount(0);
  await take(page, "diagram");
  await show(page, "/sql", /^SQL$/);
  await writing(page);
  await take(page, "sql");
  await show(page, `/rule-sets/${await drafted(admin, "reports")}?tab=effect`, /^reports/);
  await expect(page.getByRole("grid", { name: "Changes by statement" }).getByRole("row").nth(1)).toBeVisible({ timeout: 30_000 });
  await take(page, "what-would-change");
  await show(page, "/access-report?table=orders", /^Access report$/);
  await expect(page.getByRole("grid", { name: "People" }).getByRole("row").nth(2)).toBeVisible({ timeout: 30_000 });
  await take(page, "access-report");
  await show(page, "/fleet", /^Fleet$/);
  await page.getByRole("grid", { name: "Data planes" }).getByRole("row").nth(1).click();
  await expect(page.getByRole("dialog")).toContainText("joined the fleet");
  await wear(page, "light");
  await take(page, "fleet");
  await show(page, `/tables/${connection}/${encodeURIComponent(table)}`, /orders/);
  await expect(page.getByRole("grid", { name: /olumns/ }).getByRole("row").nth(3)).toBeVisible();
  await take(page, "table");
});
