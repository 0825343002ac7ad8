// Does the browser stay small while charts move for ten minutes? Asked for by DRAGOMAN_LONG=1.

import type { Browser } from "@playwright/test";
import { readFileSync } from "node:fs";
import { settled } from "./harness/settled.ts";
import { WORKSPACE } from "./harness/stage.ts";
import { expect, test } from "./harness/test.ts";

const MINUTE_MS = 60_000;
const MINUTES = 10;
const MEMORY_MAX_MIB = 300;
const KIB = 1_024;
const MIB = 1_048_576;

/** What the largest of the browser's processes that draw pages holds of memory, with all that it shares. */
async function drawing(browser: Browser): Promise<number> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  await session.detach();
  const kib = processInfo.filter(({ type }) => type === "renderer").map(({ id }) => Number(/^Rss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${id}/smaps_rollup`, "utf8"))?.[1]));
  return Math.max(...kib) / KIB;
}

test("ten minutes of live charts stay under 300 MB @long", async ({ page, browser }) => {
  test.setTimeout((MINUTES + 2) * MINUTE_MS);
  await page.goto(`/w/${WORKSPACE}/traffic`);
  await settled(page, /^Traffic$/);
  await expect(page.getByRole("status").filter({ hasText: "live" })).toBeVisible();
  const session = await page.context().newCDPSession(page);
  await session.send("HeapProfiler.enable");
  const look = async (): Promise<{ heap: number; largest: number }> => {
    await session.send("HeapProfiler.collectGarbage");
    const { usedSize } = await session.send("Runtime.getHeapUsage");
    return { heap: usedSize / MIB, largest: await drawing(browser) };
  };
  const first = await look();
  const seen = [first];
  for (let minute = 1; minute <= MINUTES; minute += 1) {
    // The page's own clock: what is measured is what it does while nobody touches it.
    await page.evaluate((wait) => new Promise((resolve) => setTimeout(resolve, wait)), MINUTE_MS);
    seen.push(await look());
    console.log(`minute ${minute}: heap ${seen.at(-1)?.heap.toFixed(1)} MiB, process ${seen.at(-1)?.largest.toFixed(0)} MiB`);
  }
  await expect(page.getByRole("status").filter({ hasText: "live" })).toBeVisible();
  expect(Math.max(...seen.map((one) => one.largest))).toBeLessThan(MEMORY_MAX_MIB);
  const half = seen[Math.ceil(MINUTES / 2)]?.heap ?? 0;
  expect((seen.at(-1)?.heap ?? 0) - half, "the heap does not grow any more in the second half").toBeLessThan(10);
});
