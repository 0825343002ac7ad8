// Does one find the statement that was refused, and the rule that refused it?

import { itemsOf, type Caller, type Json } from "./harness/caller.ts";
import { eventually } from "./harness/eventually.ts";
import { goBy, tabTo } from "./harness/keyboard.ts";
import { psql } from "./harness/psql.ts";
import { settled } from "./harness/settled.ts";
import { WORKSPACE, type Stage } from "./harness/stage.ts";
import { expect, test } from "./harness/test.ts";

/** Sends an UPDATE that is refused; answers the rule that the ledger names. */
async function refused(stage: Stage, admin: Caller, application: string): Promise<string> {
  const { error } = await psql({ port: stage.demo.gateway, user: "shop_owner", application }, "UPDATE orders SET total = 0 WHERE id = 1");
  expect(error).toContain("25006");
  const found = await eventually("the refusal is on record", async () => itemsOf(await admin.get(`/api/v1/workspaces/${WORKSPACE}/ledger?application=${application}&events=statement.refused`))[0]);
  const rule = (found["record"] as Json)["rule"];
  expect(rule).toEqual(expect.stringContaining("production/"));
  return String(rule);
}

test("a refused UPDATE is on Home and in Audit, with its rule", async ({ page, stage, admin }) => {
  const application = "refused-by-mouse";
  const rule = await refused(stage, admin, application);
  await page.goto(`/w/${WORKSPACE}`);
  await settled(page, /\w/);
  const latest = page.getByRole("grid", { name: "Latest refusals" }).getByRole("row", { name: application });
  await expect(latest).toContainText("UPDATE orders");
  await expect(latest).toContainText(rule);
  await page.getByRole("link", { name: "All in Audit" }).click();
  await settled(page, /^Audit$/);
  const row = page.getByRole("grid", { name: "Records" }).getByRole("row", { name: application });
  await row.click();
  const sheet = page.getByRole("dialog", { name: "Statement refused" });
  await expect(sheet).toContainText(rule);
  await expect(sheet).toContainText("shop_owner");
  await sheet.getByRole("link", { name: "Open as page" }).click();
  await expect(page).toHaveURL(/\/audit\/[\w-]+/);
  await expect(page.getByRole("main")).toContainText(rule);
});

test("the same by keyboard alone", async ({ page, stage, admin }) => {
  const application = "refused-by-keys";
  const rule = await refused(stage, admin, application);
  await page.goto(`/w/${WORKSPACE}`);
  await settled(page, /\w/);
  await goBy(page, "g a", /^Audit$/);
  await page.keyboard.press("/");
  await expect(page.getByLabel("Text of the statement")).toBeFocused();
  await page.keyboard.type("UPDATE orders");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/words=UPDATE/);
  // The list of before may still be there for a moment, with the session's other records.
  const row = page
    .getByRole("grid", { name: "Records" })
    .getByRole("row", { name: application })
    .filter({ hasText: "UPDATE orders" });
  await expect(row).toBeVisible();
  const first = page.getByRole("grid", { name: "Records" }).getByRole("row").nth(1);
  await tabTo(page, first);
  // Others may have been refused after it.
  for (let moved = 0; moved < 30 && !(await row.evaluate((element) => element === document.activeElement)); moved += 1) {
    await page.keyboard.press("j");
    await expect(first).not.toBeFocused();
  }
  await page.keyboard.press("Enter");
  const sheet = page.getByRole("dialog", { name: "Statement refused" });
  await expect(sheet).toContainText(rule);
  await expect(sheet).toContainText(application);
  await page.keyboard.press("Escape");
  await expect(sheet).toBeHidden();
});
