// Does somebody who does not know a page find out what it is for, by button, key and palette, and are tips in nobody's way?

import type { Page } from "@playwright/test";
import { tabTo } from "./harness/keyboard.ts";
import { looksRight } from "./harness/looks.ts";
import { settled } from "./harness/settled.ts";
import { WORKSPACE } from "./harness/stage.ts";
import { expect, test } from "./harness/test.ts";

test("F1 opens the guide of the page, links lead on, and Escape back", async ({ page }) => {
  await page.goto(`/w/${WORKSPACE}/sessions`);
  await settled(page, /^Sessions$/);
  const button = page.getByRole("button", { name: "Help for this page" });
  await expect(button).toBeVisible();
  await tabTo(page, button);
  await page.keyboard.press("F1");
  const panel = page.getByRole("dialog", { name: "Sessions" });
  await expect(panel.getByRole("heading", { name: "What to do here" })).toBeVisible();
  await looksRight(page, "a guide");
  await panel.getByRole("button", { name: "All guides" }).click();
  const all = page.getByRole("dialog", { name: /page by page/ });
  await all.getByRole("button", { name: "Rule sets" }).first().click();
  await expect(page.getByRole("dialog", { name: "Rule sets" })).toBeVisible();
  await page.getByRole("button", { name: "This page" }).click();
  await expect(panel).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(panel).toBeHidden();
  await expect(button).toBeFocused();
});

test("the panel fits a phone", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(`/w/${WORKSPACE}/traffic`);
  await settled(page, /^Traffic$/);
  await page.getByRole("button", { name: "Help for this page" }).click();
  const panel = page.getByRole("dialog", { name: "Traffic" });
  await expect(panel).toBeVisible();
  expect(await panel.evaluate((element) => element.scrollWidth - element.clientWidth)).toBeLessThanOrEqual(0);
});

test("the palette finds how something is done", async ({ page }) => {
  await page.goto(`/w/${WORKSPACE}`);
  await settled(page, /\w/);
  await page.keyboard.press("Control+k");
  const palette = page.getByRole("dialog");
  await palette.getByRole("combobox").fill("?stop a statement");
  const found = palette.getByRole("option", { name: /stop a statement/ }).first();
  await expect(found).toBeVisible();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog", { name: "Sessions" })).toContainText("Who blocks whom");
});

test.describe("without signing in", () => {
  test.use({ as: "nobody" });

  test("there is help as well", async ({ page, complaints }) => {
    complaints.expect(/\/api\/v1\/session$/, 401);
    await page.goto("/sign-in");
    await settled(page, /^Sign in$/);
    // It comes a moment after the page, and its key with it.
    await expect(page.getByRole("button", { name: "Help for this page" })).toBeVisible();
    await page.keyboard.press("F1");
    await expect(page.getByRole("dialog").getByRole("heading", { level: 2 })).toContainText(/sign/i);
  });
});

test.describe("tips", () => {
  test.use({ tips: true });

  const tip = (page: Page) => page.getByRole("complementary", { name: "Tip" });

  test("one at a time, reached by keyboard, remembered, and without covering anything", async ({ page }) => {
    await page.goto(`/w/${WORKSPACE}/traffic`);
    await settled(page, /^Traffic$/);
    await expect(tip(page)).toContainText("Did you know?");
    const main = await page.locator("main").boundingBox();
    const strip = await tip(page).boundingBox();
    expect((main?.y ?? 0) + (main?.height ?? 0)).toBeLessThanOrEqual((strip?.y ?? 0) + 1);
    await looksRight(page, "a tip");
    const first = (await tip(page).textContent()) ?? "";
    await tabTo(page, tip(page).getByRole("button", { name: "Next tip" }));
    await page.keyboard.press("Enter");
    await expect(tip(page)).not.toHaveText(first);
    await tip(page).getByRole("button", { name: "Put this tip away" }).click();
    await expect(tip(page)).toHaveCount(0);
    await page.reload();
    await settled(page, /^Traffic$/);
    await expect(page.getByRole("button", { name: "Help for this page" })).toBeVisible();
    await expect(tip(page), "all of this page are put away").toHaveCount(0);
  });

  test("fit a phone, can be switched off, and the profile brings them back", async ({ page }) => {
    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto(`/w/${WORKSPACE}/queries`);
    await settled(page, /^Queries$/);
    await expect(tip(page)).toBeVisible();
    expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBeLessThanOrEqual(0);
    await page.setViewportSize({ width: 1280, height: 860 });
    await tip(page).getByRole("button", { name: "No more tips" }).click();
    await expect(tip(page)).toHaveCount(0);
    await page.goto("/profile");
    await settled(page, /^Profile$/);
    await expect(tip(page)).toHaveCount(0);
    const all = page.getByRole("switch", { name: "Show a tip at the foot of pages" });
    await expect(all).not.toBeChecked();
    await all.click();
    await expect(tip(page)).toBeVisible();
  });
});
