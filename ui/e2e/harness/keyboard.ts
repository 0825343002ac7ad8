// How does somebody get along who has no mouse?

import { expect, type Locator, type Page } from "@playwright/test";

const TABS_MAX = 150;

/** Presses Tab until the thing has the focus: whoever cannot get there by Tab cannot get there. */
export async function tabTo(page: Page, target: Locator, key: "Tab" | "Shift+Tab" = "Tab"): Promise<void> {
  await expect(target).toBeVisible();
  for (let pressed = 0; pressed < TABS_MAX; pressed += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) {
      return;
    }
    await page.keyboard.press(key);
  }
  throw new Error(`${String(target)} was not reached by ${TABS_MAX} times ${key}`);
}

/** Goes to a page by its two keys; its heading has the focus then. */
export async function goBy(page: Page, keys: string, heading: RegExp): Promise<void> {
  for (const key of keys.split(" ")) {
    await page.keyboard.press(key);
  }
  await expect(page.getByRole("heading", { level: 1, name: heading })).toBeFocused();
}

/** Puts another text into an editor, as somebody does who pastes it. */
export async function replaceText(page: Page, editor: Locator, text: string): Promise<void> {
  await editor.focus();
  await page.keyboard.press("Control+a");
  await page.keyboard.press("Delete");
  await page.keyboard.insertText(text);
}
