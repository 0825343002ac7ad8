// What does the console look like? Makes the pictures of docs/images; asked for by scripts/screenshot-console.sh.

import type { Page } from "@playwright/test";
import { fileURLToPath } from "node:url";
import { itemsOf, type Caller, type Json } from "./harness/caller.ts";
import { eventually } from "./harness/eventually.ts";
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

test("pictures of the console @pictures", async ({ page, stage, admin }) => {
  test.setTimeout(PATIENCE_MS + 120_000);
  const open = async (path: string, heading: RegExp) => {
    await page.goto(`/w/${WORKSPACE}${path}`);
    await settled(page, heading);
    await wear(page, "light");
  };
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
