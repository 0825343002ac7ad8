// Does the palette find everything with a name, and at once?

import type { Page } from "@playwright/test";
import { settled } from "./harness/settled.ts";
import { WORKSPACE } from "./harness/stage.ts";
import { expect, test } from "./harness/test.ts";

const palette = (page: Page) => page.getByRole("dialog", { name: "Find anything" });
const option = (page: Page, name: RegExp) => palette(page).getByRole("option", { name });

async function open(page: Page): Promise<void> {
  await page.keyboard.press("Control+k");
  await expect(palette(page).getByRole("combobox", { name: "Find anything" })).toBeFocused();
}

test("pages, tables, columns, queries, saved queries, people and actions are found, and lead there", async ({ page }) => {
  await page.goto(`/w/${WORKSPACE}`);
  await settled(page, /\w/);
  for (const [typed, expected, place] of [
    ["sessions", /^Sessions/, /\/sessions$/],
    ["#order_it", /order_items/, /\/tables\/[^/]+\/[^/]+$/],
    ["#orders.placed_at", /placed_at/, /\/tables\//],
    ["/select", /select/i, /\/queries\/1-[0-9a-f]+/],
    ["orders by state", /Orders by state/, /\/saved-queries\/[\w-]+$/],
    ["careful", /careful/, /\/rule-sets\/[\w-]+$/],
    ["@viktor", /Viktor Viewer/, /\/members/],
  ] as const) {
    await open(page);
    await page.keyboard.type(typed);
    await expect(option(page, expected).first(), typed).toBeVisible();
    await expect(option(page, expected).first(), typed).toHaveAttribute("aria-selected", "true");
    await page.keyboard.press("Enter");
    await expect(palette(page)).toBeHidden();
    await expect(page, typed).toHaveURL(place);
  }
  // Somebody's role opens over the list of members.
  await expect(page.getByRole("dialog", { name: /Viktor Viewer/ })).toBeVisible();
  await page.keyboard.press("Escape");
  await open(page);
  await page.keyboard.type(">dark");
  await expect(option(page, /dark/i).first()).toBeVisible();
  await page.keyboard.press("Enter");
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
});
