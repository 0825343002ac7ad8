// Does every page load, by itself and without a complaint, for everybody's eyes and on every width?

import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { settled, wear } from "./harness/settled.ts";
import { expect, test } from "./harness/test.ts";
import { PAGES } from "./pages.ts";

const HERE = fileURLToPath(new URL("..", import.meta.url));
const THEMES = ["light", "dark"] as const;
const WIDTHS = [
  { width: 1280, height: 860 },
  { width: 820, height: 1180 },
  { width: 390, height: 844 },
];
/** WCAG 2.2, levels A and AA, and what is good practice beyond. */
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

test("every route has its line in the list of pages", () => {
  const routes = readFileSync(`${HERE}src/routes.tsx`, "utf8");
  const found = [...routes.matchAll(/^ {2}(?:at(?:Top|Door)?\("|path: "(?=\/[a-z]))([^"]+)"/gm)].map((match) => match[1]);
  expect(found.length).toBeGreaterThan(30);
  expect(PAGES.map((page) => page.route).sort()).toEqual(found.sort());
});

/** What axe finds, in words that lead to the place. */
async function violations(page: Page): Promise<string[]> {
  const { violations: found } = await new AxeBuilder({ page }).withTags(RULES).analyze();
  return found.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(" ")}: ${node.any[0]?.message ?? node.failureSummary ?? ""}: ${node.html.slice(0, 160)}`));
}

/** By how much the page is wider than the window. */
const overhang = (page: Page): Promise<number> =>
  page.evaluate(() => Math.max(...[document.documentElement, ...document.querySelectorAll("main")].map((one) => one.scrollWidth - one.clientWidth)));

for (const { name, path, heading, outside } of PAGES) {
  test.describe(name, () => {
    test.use({ as: outside ? "nobody" : "admin" });

    test(`${name}: loads, can be used by everybody, fits every width`, async ({ page, complaints, stage }) => {
      if (outside) {
        complaints.expect(/\/api\/v1\/session$/, 401);
      }
      await page.goto(path(stage.known));
      await settled(page, heading);
      await expect(page.getByRole("heading", { level: 1 })).toHaveCount(1);
      await expect(page).toHaveTitle(/\w+.* · Dragoman$/);
      for (const theme of THEMES) {
        await wear(page, theme);
        expect.soft(await violations(page), `what axe finds in ${theme}`).toEqual([]);
        for (const size of WIDTHS) {
          await page.setViewportSize(size);
          await expect.soft.poll(() => overhang(page), { message: `pixels the page is wider than ${size.width}`, timeout: 2_000 }).toBeLessThanOrEqual(0);
          await page.screenshot({ path: `${HERE}test-results/screenshots/${name}-${size.width}-${theme}.png` });
        }
        await page.setViewportSize({ width: 1280, height: 860 });
      }
    });
  });
}
