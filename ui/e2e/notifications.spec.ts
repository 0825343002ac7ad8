// Is somebody told what others did and what went wrong, once, and does what they have read stay read?

import type { Page } from "@playwright/test";
import { Caller, itemsOf, textOf } from "./harness/caller.ts";
import { eventually } from "./harness/eventually.ts";
import { goBy, tabTo } from "./harness/keyboard.ts";
import { looksRight } from "./harness/looks.ts";
import { psql } from "./harness/psql.ts";
import { settled } from "./harness/settled.ts";
import { WORKSPACE } from "./harness/stage.ts";
import { expect, test } from "./harness/test.ts";

const AT = `/api/v1/workspaces/${WORKSPACE}`;
const rows = (page: Page) => page.getByRole("grid", { name: "Notifications" }).getByRole("row");
const bell = (page: Page) => page.getByRole("button", { name: /^Notifications/ });

/** Publishes a rule set, so that the others are told. */
async function publish(admin: Caller, name: string): Promise<void> {
  const made = await admin.post(`${AT}/rule-sets`, { name });
  const set = `${AT}/rule-sets/${textOf(made, "id")}`;
  const version = async () => ({ "if-match": (await admin.versioned(`${set}/draft`)).etag });
  await admin.ask("PUT", `${set}/draft`, { text: `[[rule]]\nname = "${name}"\nwhen = { table = "${name}" }\ndecision = "refuse"\n`, cases: "" }, await version());
  await admin.ask("POST", `${set}/publish`, { note: "for the test" }, await version());
}

test("what somebody else publishes rings the bell while one looks, and read is read everywhere", async ({ another, admin }) => {
  const page = await another("viewer");
  await page.goto(`/w/${WORKSPACE}/traffic`);
  await settled(page, /^Traffic$/);
  await expect(bell(page)).toBeVisible();
  await publish(admin, "told-to-all");
  // Live: the page asks for nothing by itself for a minute.
  await expect(bell(page)).toHaveAccessibleName(/not read/, { timeout: 30_000 });
  await bell(page).click();
  const panel = page.getByRole("dialog", { name: "Notifications" });
  const line = panel.getByRole("link", { name: /rule set told-to-all was published by/ });
  await expect(line).toBeVisible();
  await expect(panel).toContainText("for the test");
  await looksRight(page, "the panel of the bell");
  await line.click();
  await settled(page, /^told-to-all/);
  // Another browser of the same person.
  const elsewhere = await another("viewer");
  await elsewhere.goto(`/w/${WORKSPACE}/notifications`);
  await settled(elsewhere, /^Notifications$/);
  const read = rows(elsewhere).filter({ hasText: "told-to-all" });
  await expect(read.getByRole("button", { name: "Mark as not read" })).toBeVisible();
});

test("by keyboard: one is marked, all are marked, and filters are in the address", async ({ another, admin }) => {
  await publish(admin, "first-of-two");
  await publish(admin, "second-of-two");
  const page = await another("editor");
  await page.goto(`/w/${WORKSPACE}`);
  await settled(page, /\w/);
  await goBy(page, "g n", /^Notifications$/);
  const second = rows(page).filter({ hasText: "second-of-two" });
  await expect(second).toBeVisible();
  await tabTo(page, second.getByRole("button", { name: "Mark as read" }));
  await page.keyboard.press("Enter");
  await expect(second.getByRole("button", { name: "Mark as not read" })).toBeVisible();
  await expect(rows(page).filter({ hasText: "first-of-two" }).getByRole("button", { name: "Mark as read" })).toBeVisible();
  await page.keyboard.press("e");
  await expect(rows(page).filter({ hasText: "first-of-two" }).getByRole("button", { name: "Mark as not read" })).toBeVisible();
  await page.goto(`/w/${WORKSPACE}/notifications?show=unread`);
  await settled(page, /^Notifications$/);
  await expect(page.getByRole("heading", { name: "No notifications match" })).toBeVisible();
  await page.getByRole("button", { name: "Clear filters" }).click();
  await expect(second).toBeVisible();
});

test("a kind is muted for one person, and stays to be found", async ({ another, admin }) => {
  await publish(admin, "muted-by-one");
  const page = await another("viewer");
  await page.goto(`/w/${WORKSPACE}/notifications`);
  await settled(page, /^Notifications$/);
  await expect(rows(page).filter({ hasText: "muted-by-one" })).toBeVisible();
  await page.getByRole("button", { name: "What I am told" }).click();
  const dialog = page.getByRole("dialog", { name: "What I am told" });
  await expect(dialog.getByRole("checkbox", { name: /^Ledger not whole/ })).toHaveCount(0);
  await looksRight(page, "what one is told");
  await dialog.getByRole("checkbox", { name: /^Rules published/ }).uncheck();
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog).toBeHidden();
  await expect(rows(page).filter({ hasText: "muted-by-one" })).toHaveCount(0);
  await page.goto(`/w/${WORKSPACE}/notifications?kind=rules_published`);
  await settled(page, /^Notifications$/);
  await expect(rows(page).filter({ hasText: "muted-by-one" })).toBeVisible();
  await page.getByRole("button", { name: "What I am told" }).click();
  await dialog.getByRole("checkbox", { name: /^Rules published/ }).check();
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog).toBeHidden();
});

test("nobody is told what they did themselves", async ({ admin, stage }) => {
  await publish(admin, "my-own-deed");
  const viewer = await Caller.signIn(stage.demo.url, stage.accounts.viewer);
  const titles = async (who: Caller) => itemsOf(await who.get(`${AT}/notifications?kind=rules_published&limit=200`)).map((one) => textOf(one, "title"));
  expect(await titles(viewer)).toContain("The rule set my-own-deed was published");
  expect(await titles(admin)).not.toContain("The rule set my-own-deed was published");
});

test("refusals that pile up lead to their records, and who may not see those to the statements", async ({ page, another, admin, stage }) => {
  test.setTimeout(120_000);
  await psql({ port: stage.demo.gateway, user: "shop_owner", application: "piling" }, ...Array.from({ length: 12 }, (_, index) => `UPDATE coupons SET code = 'x' WHERE id = ${index}`));
  const told = await eventually("it is told", async () => itemsOf(await admin.get(`${AT}/notifications?kind=refusals_piling&limit=1`))[0], 60_000);
  const title = new RegExp(textOf(told, "title").replace(/^\d+ /, ""));
  const follow = async (whose: Page) => {
    await whose.goto(`/w/${WORKSPACE}/notifications?kind=refusals_piling`);
    await settled(whose, /^Notifications$/);
    await rows(whose).getByRole("link", { name: title }).first().click();
  };
  await follow(page);
  await settled(page, /^Audit$/);
  await expect(page.getByRole("grid", { name: "Records" }).getByRole("row").nth(1)).toContainText("refuse");
  const viewer = await another("viewer");
  await follow(viewer);
  await settled(viewer, /^Queries$/);
  await expect(viewer).toHaveURL(/sort=refusals/);
  await expect(viewer.getByRole("row", { name: /UPDATE coupons/ })).toBeVisible();
});
