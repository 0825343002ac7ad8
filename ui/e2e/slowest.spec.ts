// Does somebody who has never seen it find the slowest query, who calls it, and its plan?

import type { Page } from "@playwright/test";
import { itemsOf, textOf } from "./harness/caller.ts";
import { tabTo } from "./harness/keyboard.ts";
import { settled } from "./harness/settled.ts";
import { WORKSPACE } from "./harness/stage.ts";
import { expect, test } from "./harness/test.ts";

const slowest = (page: Page) => page.getByRole("grid", { name: "Slowest queries" });

/** Waits for the plan that was asked for. */
async function expectPlan(page: Page): Promise<void> {
  const plan = page.getByRole("tree", { name: "Steps of the plan" });
  await expect(plan.getByRole("treeitem").first()).toBeVisible();
  await expect(page.getByText("the statement did not run")).toBeVisible();
}

test("from Home to the slowest query, its callers and its plan in three clicks and a button", async ({ page, admin }) => {
  await page.goto(`/w/${WORKSPACE}`);
  await settled(page, /\w/);
  const [top] = itemsOf(await admin.get(`/api/v1/workspaces/${WORKSPACE}/traffic/top?group_by=fingerprint&measure=total_us&limit=1`));
  const first = slowest(page).getByRole("row").nth(1).getByRole("link");
  await expect(first).toBeVisible();
  const shown = (await first.getAttribute("href")) ?? "";
  expect(shown, "the first of the list is the one that takes most time").toContain(textOf(top ?? {}, "key"));
  await first.click();
  await settled(page, /^Query /);
  await page.getByRole("link", { name: /^Callers/ }).click();
  await expect(page.getByRole("grid", { name: /callers/i }).getByRole("row").nth(1)).toContainText("shop_");
  await page.getByRole("link", { name: "Plan" }).click();
  await page.getByRole("button", { name: "Explain on production" }).click();
  await expectPlan(page);
});

test("the same by keyboard alone", async ({ page }) => {
  await page.goto(`/w/${WORKSPACE}`);
  await settled(page, /\w/);
  await expect(slowest(page).getByRole("row").nth(1)).toBeVisible();
  await tabTo(page, slowest(page).getByRole("row").nth(1));
  await page.keyboard.press("Enter");
  await settled(page, /^Query /);
  await expect(page.getByRole("heading", { level: 1 })).toBeFocused();
  await tabTo(page, page.getByRole("link", { name: /^Callers/ }));
  await page.keyboard.press("Enter");
  await expect(page.getByRole("grid", { name: /callers/i })).toContainText("shop_");
  await tabTo(page, page.getByRole("link", { name: "Plan" }));
  await page.keyboard.press("Enter");
  await tabTo(page, page.getByRole("button", { name: "Explain on production" }));
  await page.keyboard.press("Enter");
  await expectPlan(page);
  // The step that costs most is chosen already: the keyboard begins there.
  await tabTo(page, page.getByRole("treeitem", { selected: true }));
  await page.keyboard.press("Home");
  await expect(page.getByRole("treeitem").first()).toBeFocused();
  await page.keyboard.press("ArrowDown");
  await expect(page.getByRole("treeitem").nth(1)).toBeFocused();
});
