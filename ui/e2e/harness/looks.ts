// Can what is on the page now be used by everybody, in both themes, and does it fit every width?

import AxeBuilder from "@axe-core/playwright";
import { expect, test, type Page } from "@playwright/test";
import { wear } from "./settled.ts";

/** WCAG 2.2, levels A and AA, and what is good practice beyond. */
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const WIDTHS = [1280, 820, 390];
/** Axe reads all of a page, twice: what a test does beside that keeps its own time, however much else the machine does. */
const LOOKING_MS = 40_000;

async function found(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze();
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(" ")}: ${node.any[0]?.message ?? node.failureSummary ?? ""}: ${node.html.slice(0, 160)}`));
}

/** For what a test has brought onto a page; pages by themselves are looked at in every-page.spec.ts. */
export async function looksRight(page: Page, what: string): Promise<void> {
  test.info().setTimeout(test.info().timeout + LOOKING_MS);
  const before = page.viewportSize() ?? { width: 1280, height: 860 };
  for (const theme of ["light", "dark"] as const) {
    await wear(page, theme);
    expect.soft(await found(page), `${what}: what axe finds in ${theme}`).toEqual([]);
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: before.height });
      const overhang = () => page.evaluate(() => Math.max(...[document.documentElement, ...document.querySelectorAll("main")].map((one) => one.scrollWidth - one.clientWidth)));
      await expect.soft.poll(overhang, { message: `${what}: pixels the page is wider than ${width}`, timeout: 2_000 }).toBeLessThanOrEqual(0);
    }
    await page.setViewportSize(before);
  }
  await wear(page, "light");
}
