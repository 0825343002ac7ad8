// When has a page shown all it has to show?

import { expect, type Page } from "@playwright/test";

/** Its heading is there, and nothing of it is still loading. */
export async function settled(page: Page, heading: RegExp): Promise<void> {
  await expect(page.getByRole("heading", { level: 1, name: heading })).toBeVisible({ timeout: 20_000 });
  await expect(page.getByRole("status", { name: /^(Loading|Counting)/ })).toHaveCount(0, { timeout: 20_000 });
  await page.evaluate(async () => {
    await document.fonts.ready;
  });
}

/** Changes the theme as the system does; what fades has faded. */
export async function wear(page: Page, theme: "light" | "dark"): Promise<void> {
  await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
  await page.waitForFunction((wanted) => document.documentElement.dataset["theme"] === wanted, theme);
  // What goes on for ever, such as a spinner, has no end to go to.
  await page.evaluate(() => document.getAnimations().filter((one) => one.effect?.getComputedTiming().iterations !== Infinity).forEach((one) => one.finish()));
}
