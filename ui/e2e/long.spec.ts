// Does the browser stay small while a page is used for ten minutes? Asked for by DRAGOMAN_LONG=1; DRAGOMAN_LONG_MINUTES makes
// it fewer.

import type { Browser, CDPSession, Page } from "@playwright/test";
import { readFileSync } from "node:fs";
import { textOf, type Caller } from "./harness/caller.ts";
import { replaceText } from "./harness/keyboard.ts";
import { settled } from "./harness/settled.ts";
import { WORKSPACE } from "./harness/stage.ts";
import { expect, test } from "./harness/test.ts";

const AT = `/api/v1/workspaces/${WORKSPACE}`;
const MINUTE_MS = 60_000;
const MINUTES = Number(process.env["DRAGOMAN_LONG_MINUTES"] ?? 10);
const MEMORY_MAX_MIB = 300;
/** What the second half may hold more than the first, at its end. */
const GROWTH_MAX_MIB = 10;
const KIB = 1_024;
const MIB = 1_048_576;

interface Held {
  heap: number;
  /** The largest of the browser's processes that draw pages. */
  process: number;
}

/** What the largest of the browser's processes that draw pages holds of memory, with all that it shares. */
async function drawing(browser: Browser): Promise<number> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  await session.detach();
  const kib = processInfo.filter(({ type }) => type === "renderer").map(({ id }) => Number(/^Rss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${id}/smaps_rollup`, "utf8"))?.[1]));
  return Math.max(...kib) / KIB;
}

async function held(browser: Browser, session: CDPSession): Promise<Held> {
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize } = await session.send("Runtime.getHeapUsage");
  return { heap: usedSize / MIB, process: await drawing(browser) };
}

/** Does the same again and again for the minutes, and holds what the browser keeps of it against the bounds. */
async function staysSmall(browser: Browser, page: Page, what: string, round: () => Promise<void>): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send("HeapProfiler.enable");
  const seen = [await held(browser, session)];
  for (let minute = 1; minute <= MINUTES; minute += 1) {
    let rounds = 0;
    for (const until = Date.now() + MINUTE_MS; Date.now() < until; rounds += 1) {
      await round();
    }
    const now = await held(browser, session);
    seen.push(now);
    console.log(`${what}, minute ${minute}, ${rounds} rounds: heap ${now.heap.toFixed(1)} MiB, process ${now.process.toFixed(0)} MiB`);
  }
  expect(Math.max(...seen.map((one) => one.process))).toBeLessThan(MEMORY_MAX_MIB);
  const half = seen[Math.ceil(MINUTES / 2)]?.heap ?? 0;
  expect((seen.at(-1)?.heap ?? 0) - half, "the heap does not grow any more in the second half").toBeLessThan(GROWTH_MAX_MIB);
}

/** The page's own clock: what is measured is what it does while nobody touches it. */
const untouched = (page: Page, ms: number): Promise<unknown> => page.evaluate((wait) => new Promise((resolve) => setTimeout(resolve, wait)), ms);

test.describe("for minutes @long", () => {
  test.setTimeout((MINUTES + 3) * MINUTE_MS);

  test("live charts stay under 300 MB", async ({ page, browser }) => {
    await page.goto(`/w/${WORKSPACE}/traffic`);
    await settled(page, /^Traffic$/);
    const live = page.getByRole("status").filter({ hasText: "live" });
    await expect(live).toBeVisible();
    await staysSmall(browser, page, "live charts", async () => void (await untouched(page, MINUTE_MS)));
    await expect(live).toBeVisible();
  });

  test("a diagram one walks through and enlarges stays under 300 MB", async ({ page, browser, stage }) => {
    const tables = ["orders", "customers", "products", "order_items"];
    await page.goto(`/w/${WORKSPACE}/diagram?connection=${stage.known.connection}`);
    await settled(page, /^Diagram$/);
    const search = page.getByRole("combobox", { name: "Go to a table" });
    await staysSmall(browser, page, "the diagram", async () => {
      for (const table of tables) {
        await search.fill(table);
        await page.getByRole("option", { name: new RegExp(`\\b${table}\\b`) }).first().click();
        await expect(page.getByRole("button", { name: new RegExp(`^(?:\\w+\\.)?${table}, `) })).toBeVisible();
        for (const key of ["+", "+", "-", "-", "0"]) {
          await page.keyboard.press(key);
        }
        await page.keyboard.press("ArrowRight");
      }
      for (const view of ["All, by groups", "A table and its neighbours"]) {
        await page.getByRole("radio", { name: view }).click();
        await expect(page.locator("[data-box]").first()).toBeVisible();
      }
    });
  });

  test("SQL tabs whose statements run again and again stay under 300 MB", async ({ page, browser }) => {
    await page.goto(`/w/${WORKSPACE}/sql`);
    await settled(page, /^SQL$/);
    const tabs = page.getByRole("list", { name: "Tabs" }).getByRole("link");
    let round = 0;
    await staysSmall(browser, page, "SQL tabs", async () => {
      round += 1;
      const number = round % 4;
      if ((await tabs.count()) <= number) {
        await page.getByRole("button", { name: "New tab" }).click();
      } else {
        await tabs.nth(number).click();
        // Typed before the other tab stands there, it would be the former's.
        await expect(page.getByRole("textbox", { name: "Statement" })).toContainText(`round ${round - 4}'`);
      }
      await replaceText(page, page.getByRole("textbox", { name: "Statement" }), `SELECT i AS number, md5(i::text) AS digest, 'round ${round}' AS round FROM generate_series(1, 5000) AS i`);
      await page.getByRole("button", { name: /^Run read-only/ }).click();
      await expect(page.getByRole("grid", { name: "Result" }).getByRole("gridcell", { name: `round ${round}`, exact: true }).first()).toBeVisible({ timeout: 30_000 });
    });
  });

  test("notifications that come while they are looked at stay under 300 MB", async ({ another, admin, browser }) => {
    const page = await another("viewer");
    await page.goto(`/w/${WORKSPACE}/notifications`);
    await settled(page, /^Notifications$/);
    const publish = await publisher(admin);
    let told = 0;
    await staysSmall(browser, page, "notifications", async () => {
      await publish();
      told += 1;
      const show = page.getByRole("button", { name: /new ones?: show$/ });
      await expect(show).toBeVisible({ timeout: 30_000 });
      await show.click();
      await untouched(page, 5_000);
    });
    expect(told).toBeGreaterThanOrEqual(MINUTES);
  });
});

/** Publishes the same rule set anew each time it is called, so that the others are told. */
async function publisher(admin: Caller): Promise<() => Promise<void>> {
  const name = `again-${Date.now()}`;
  const made = await admin.post(`${AT}/rule-sets`, { name });
  const set = `${AT}/rule-sets/${textOf(made, "id")}`;
  const version = async () => ({ "if-match": (await admin.versioned(`${set}/draft`)).etag });
  let times = 0;
  return async () => {
    times += 1;
    await admin.ask("PUT", `${set}/draft`, { text: `[[rule]]\nname = "${name}"\nwhen = { table = "t${times}" }\ndecision = "refuse"\n`, cases: "" }, await version());
    await admin.ask("POST", `${set}/publish`, { note: `the ${times}. time` }, await version());
  };
}
