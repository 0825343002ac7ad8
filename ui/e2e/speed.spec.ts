// Is it fast: the first screen, what a route transfers, a long result that scrolls, names that are offered, a picture of thousands of tables?

import type { CDPSession, Page } from "@playwright/test";
import { textOf, type Caller, type Json } from "./harness/caller.ts";
import { replaceText } from "./harness/keyboard.ts";
import { settled } from "./harness/settled.ts";
import { WORKSPACE } from "./harness/stage.ts";
import { expect, test } from "./harness/test.ts";
import { PAGES } from "./pages.ts";

/** Times are held against their bounds where nothing else runs (`make test-all`): elsewhere they are printed, for a test that depends on what else a machine does at the time says nothing of the console. */
const holdsTimes = process.env["DRAGOMAN_SPEED"] !== undefined;
const KIB = 1_024;
const FIRST_PAINT_MS = 1_000;
const VISITS = 3;
/** As long as one takes for instant. */
const INSTANT_MS = 100;
/** Shell and route together, as build/budgets.mjs bounds them, with everything the route asks for by itself. */
const TRANSFERRED_MAX_KIB = 150 + 250;
/** Longer than this is felt as a stop. */
const LONGEST_TASK_MS = 200;

test("the first screen is painted within a second, also by somebody who has never been here", async ({ another, complaints }) => {
  complaints.expect(/\/api\/v1\/session$/, 401);
  for (const [what, as, path] of [
    ["sign-in", "nobody", "/sign-in"],
    ["home", "admin", `/w/${WORKSPACE}`],
  ] as const) {
    const times: number[] = [];
    for (let visit = 0; visit < VISITS; visit += 1) {
      // Each time another browser, that has kept nothing.
      const page = await another(as);
      await page.goto(path);
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      times.push(await firstPaint(page));
      await page.close();
    }
    console.log(`first contentful paint of ${what}: ${times.map((time) => `${time.toFixed(0)} ms`).join(", ")}`);
    // What else the machine did at the time is not the console's.
    expect(Math.min(...times), what).toBeLessThan(holdsTimes ? FIRST_PAINT_MS : Infinity);
  }
});

function firstPaint(page: Page): Promise<number> {
  return page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        new PerformanceObserver((list) => resolve(list.getEntriesByName("first-contentful-paint")[0]?.startTime ?? Infinity)).observe({ type: "paint", buffered: true });
      }),
  );
}

/** Counts what comes over the wire for code and styles; fonts and data are not code. */
async function weigh(page: Page, session: CDPSession, go: () => Promise<void>): Promise<number> {
  const kinds = new Map<string, string>();
  const files = new Map<string, number>();
  session.on("Network.responseReceived", ({ requestId, type, response }) => {
    if (["Document", "Script", "Stylesheet"].includes(type)) {
      kinds.set(requestId, new URL(response.url).pathname);
    }
  });
  // Of bodies alone: the headers of sixty answers weigh as much as a small library.
  session.on("Network.dataReceived", ({ requestId, encodedDataLength }) => {
    const file = kinds.get(requestId);
    if (file !== undefined) {
      files.set(file, (files.get(file) ?? 0) + encodedDataLength);
    }
  });
  await session.send("Network.enable");
  await session.send("Network.setCacheDisabled", { cacheDisabled: true });
  // The bounds are of gzip; a browser takes brotli, which is smaller.
  await page.setExtraHTTPHeaders({ "accept-encoding": "gzip" });
  await go();
  await page.waitForLoadState("networkidle").catch(() => undefined);
  return [...files.values()].reduce((sum, bytes) => sum + bytes, 0) / KIB;
}

test("no route transfers more code than was promised", async ({ another, stage, complaints }) => {
  test.setTimeout(180_000);
  complaints.expect(/\/api\/v1\/session$/, 401);
  const found: { name: string; kib: number }[] = [];
  for (const { name, path, heading, outside } of PAGES) {
    const page = await another(outside ? "nobody" : "admin");
    const session = await page.context().newCDPSession(page);
    // Pages that keep a connection open are never idle: what counts has come when they have settled.
    const kib = await weigh(page, session, async () => {
      await page.goto(path(stage.known));
      await settled(page, outside ? heading : /\w/);
    });
    found.push({ name, kib });
    await page.close();
  }
  const heaviest = found.toSorted((left, right) => right.kib - left.kib);
  console.log(`transferred by a first visit, gzip:\n${heaviest.map(({ name, kib }) => `  ${name.padEnd(20)} ${kib.toFixed(0).padStart(4)} KiB`).join("\n")}`);
  for (const { name, kib } of found) {
    expect.soft(kib, name).toBeLessThan(TRANSFERRED_MAX_KIB);
  }
});

interface Smoothness {
  frames: number;
  slowest: number;
  average: number;
  longTasks: number[];
}

/** Scrolls from one end to the other, a step each frame, and says how the frames came. */
function scrolled(page: Page, name: string, steps: number): Promise<Smoothness> {
  return page.getByRole("grid", { name }).evaluate(async (grid, count) => {
    const longTasks: number[] = [];
    const observer = new PerformanceObserver((list) => longTasks.push(...list.getEntries().map((entry) => entry.duration)));
    observer.observe({ type: "longtask" });
    const times: number[] = [];
    const frame = () => new Promise<number>((resolve) => requestAnimationFrame(resolve));
    let before = await frame();
    for (let step = 1; step <= count; step += 1) {
      grid.scrollTop = ((grid.scrollHeight - grid.clientHeight) * step) / count;
      const now = await frame();
      times.push(now - before);
      before = now;
    }
    observer.disconnect();
    return { frames: times.length, slowest: Math.max(...times), average: times.reduce((sum, time) => sum + time, 0) / times.length, longTasks };
  }, steps);
}

test("a hundred thousand rows scroll", async ({ page }) => {
  await page.goto(`/w/${WORKSPACE}/sql`);
  await page.getByRole("combobox", { name: "Most rows" }).click();
  await page.getByRole("option", { name: "100,000 rows" }).click();
  await replaceText(page, page.getByRole("textbox", { name: "Statement" }), "SELECT i AS number, md5(i::text) AS digest, i % 7 = 0 AS seventh, 'row ' || i AS name FROM generate_series(1, 100000) AS i");
  await page.getByRole("button", { name: /^Run read-only/ }).click();
  const grid = page.getByRole("grid", { name: "Result" });
  await expect(grid).toHaveAttribute("aria-rowcount", "100001", { timeout: 30_000 });
  const { frames, slowest, average, longTasks } = await scrolled(page, "Result", 150);
  console.log(`100,000 rows: ${frames} frames, ${average.toFixed(1)} ms on average, the slowest ${slowest.toFixed(0)} ms; ${longTasks.length} long tasks${longTasks.length > 0 ? `, the longest ${Math.max(...longTasks).toFixed(0)} ms` : ""}`);
  await expect(grid.getByRole("gridcell", { name: "row 100000", exact: true })).toBeVisible();
  expect(Math.max(0, ...longTasks)).toBeLessThan(holdsTimes ? LONGEST_TASK_MS : Infinity);
});

test("the palette answers in less than a tenth of a second", async ({ page }) => {
  await page.goto(`/w/${WORKSPACE}`);
  await settled(page, /\w/);
  await page.keyboard.press("Control+k");
  const found = page.getByRole("dialog", { name: "Find anything" }).getByRole("option", { name: /orders/ });
  await expect(page.getByRole("combobox", { name: "Find anything" })).toBeFocused();
  // What is asked of the server for the index has come by then.
  await page.keyboard.type("#orders");
  await expect(found.first()).toBeVisible();
  const times: number[] = [];
  for (const letter of "_items") {
    await page.evaluate(() => {
      const list = document.querySelector("[role=listbox]");
      const box = document.querySelector("[role=combobox]");
      Reflect.set(
        window,
        "answered",
        new Promise<number>((resolve) => {
          box?.addEventListener(
            "input",
            () => {
              const begun = performance.now();
              const done = () => requestAnimationFrame(() => resolve(performance.now() - begun));
              const watch = new MutationObserver(() => (watch.disconnect(), done()));
              if (list) {
                watch.observe(list, { childList: true, subtree: true, characterData: true, attributes: true });
              }
            },
            { once: true },
          );
        }),
      );
    });
    await page.keyboard.type(letter);
    times.push(await page.evaluate(() => Promise.race([Reflect.get(window, "answered") as Promise<number>, new Promise<number>((resolve) => setTimeout(() => resolve(0), 500))])));
  }
  console.log(`palette: answers after ${times.map((time) => `${time.toFixed(0)} ms`).join(", ")}`);
  expect(times.some((time) => time > 0), "the list has moved at all").toBe(true);
  expect(Math.max(...times)).toBeLessThan(holdsTimes ? INSTANT_MS : Infinity);
});

/** The editor itself waits 100 ms, for whoever types on. */
const OFFERED_MS = 250;
const MANY_TABLES = 20_000;

/** A connection whose schema came from a file: its server is nobody's. */
async function drawnUp(admin: Caller, tables: readonly Json[]): Promise<string> {
  const at = `/api/v1/workspaces/${WORKSPACE}/connections`;
  const made = await admin.post(at, { name: "large", kind: "postgres", host: "database.invalid", port: 5432, database: "large", user: "nobody", options: { refresh_hours: 0 } });
  await admin.post(`${at}/${textOf(made, "id")}/schema/upload`, { tables });
  return textOf(made, "id");
}

/** From the key that is pressed next to the frame in which names are offered, in the page's own time. */
async function untilOffered(page: Page, key: string): Promise<number> {
  await page.evaluate(() => {
    const offered = new Promise<number>((resolve) => {
      document.addEventListener(
        "keydown",
        () => {
          const begun = performance.now();
          const watch = new MutationObserver(() => {
            if (document.querySelector(".cm-tooltip-autocomplete li") !== null) {
              watch.disconnect();
              requestAnimationFrame(() => resolve(performance.now() - begun));
            }
          });
          watch.observe(document.body, { childList: true, subtree: true });
        },
        { once: true, capture: true },
      );
    });
    Reflect.set(window, "offered", offered);
  });
  await page.keyboard.press(key);
  return page.evaluate(() => Reflect.get(window, "offered") as Promise<number>);
}

test("names of twenty thousand tables are offered while one types", async ({ gateway, another }) => {
  test.setTimeout(120_000);
  const admin = await gateway.setUp();
  const column = (name: string) => ({ name, type: "bigint" });
  const connection = await drawnUp(admin, Array.from({ length: MANY_TABLES }, (_, index) => ({ schema: `part_${index % 9}`, name: `table_${index}`, columns: [column("id"), column("owner_id")] })));
  const page = await another(admin, gateway.url);
  await page.goto(`/w/${WORKSPACE}/sql?connection=${connection}`);
  await settled(page, /^SQL$/);
  const editor = page.getByRole("textbox", { name: "Statement" });
  const offers = page.getByRole("listbox").getByRole("option");
  await replaceText(page, editor, "SELECT id FROM table_1999");
  // The names have come when the last of them is offered.
  await expect(async () => {
    await page.keyboard.press("Escape");
    await page.keyboard.press("Control+Space");
    await expect(offers.filter({ hasText: "table_19999" })).not.toHaveCount(0, { timeout: 1_000 });
  }).toPass({ timeout: 30_000 });
  const times: number[] = [];
  for (const text of ["SELECT id FROM t", "SELECT id FROM table_1", "SELECT id FROM table_1234", "SELECT * FROM part_3.tab", "SELECT id FROM part_4.table_4 JOIN table_5"]) {
    await page.keyboard.press("Escape");
    await replaceText(page, editor, text.slice(0, -1));
    await expect(offers).toHaveCount(0);
    times.push(await untilOffered(page, text.slice(-1)));
    await expect(offers.first()).toContainText("table_");
  }
  console.log(`${MANY_TABLES} tables: names are offered after ${times.map((time) => `${time.toFixed(0)} ms`).join(", ")}`);
  expect(Math.max(...times)).toBeLessThan(holdsTimes ? OFFERED_MS : Infinity);
});

const PICTURE_TABLES = 3_000;
/** From the address in a fresh tab to boxes that stand: code, schema and layout included. */
const DRAWN_MS = 3_000;

/** Modules with a hub each, some of which refer to others. */
function modules(): Json[] {
  return Array.from({ length: PICTURE_TABLES }, (_, number) => {
    const module = number % 40;
    const hub = `module_${module}_hub`;
    const refers = number < 40 ? [] : [{ name: "hub_id", type: "bigint", references: `part_${module % 8}.${hub}.id` }];
    return { schema: `part_${module % 8}`, name: number < 40 ? hub : `module_${module}_table_${number}`, columns: [{ name: "id", type: "bigint" }, ...refers], primary_key: ["id"] };
  });
}

/** Turns the wheel over the picture, a notch each frame, there and back, and says how the frames came. */
function zoomed(page: Page, notches: number): Promise<Smoothness> {
  return page.locator(".react-flow__pane").evaluate(async (pane, count) => {
    const longTasks: number[] = [];
    const observer = new PerformanceObserver((list) => longTasks.push(...list.getEntries().map((entry) => entry.duration)));
    observer.observe({ type: "longtask" });
    const { left, top, width, height } = pane.getBoundingClientRect();
    const frame = () => new Promise<number>((resolve) => requestAnimationFrame(resolve));
    const times: number[] = [];
    let before = await frame();
    for (let notch = 0; notch < count; notch += 1) {
      pane.dispatchEvent(new WheelEvent("wheel", { deltaY: notch < count / 2 ? -60 : 60, clientX: left + width / 2, clientY: top + height / 2, bubbles: true, cancelable: true }));
      const now = await frame();
      times.push(now - before);
      before = now;
    }
    observer.disconnect();
    return { frames: times.length, slowest: Math.max(...times), average: times.reduce((sum, time) => sum + time, 0) / times.length, longTasks };
  }, notches);
}

test("a picture of three thousand tables opens, and is enlarged", async ({ gateway, another }) => {
  test.setTimeout(120_000);
  const admin = await gateway.setUp();
  const connection = await drawnUp(admin, modules());
  const page = await another(admin, gateway.url);
  const at = `/w/${WORKSPACE}/diagram?connection=${connection}`;
  for (const [what, search, first] of [
    ["the first sight", "", /module_0_hub, /],
    ["all by groups", "&view=all", /^part_0, 375 tables/],
    ["a group of 375, of which 300 are drawn", "&by=schema&group=part_0", /module_0_hub, /],
  ] as const) {
    const begun = Date.now();
    await page.goto(`${at}${search}`);
    await expect(page.getByRole("button", { name: first })).toBeVisible({ timeout: 60_000 });
    const opened = Date.now() - begun;
    const scale = () => page.locator(".react-flow__viewport").evaluate((element) => new DOMMatrix(getComputedStyle(element).transform).a);
    const { frames, slowest, average, longTasks } = await zoomed(page, 40);
    console.log(`${PICTURE_TABLES} tables, ${what}: opened after ${opened} ms; zoom: ${frames} frames, ${average.toFixed(1)} ms on average, the slowest ${slowest.toFixed(0)} ms; ${longTasks.length} long tasks${longTasks.length > 0 ? `, the longest ${Math.max(...longTasks).toFixed(0)} ms` : ""}`);
    const before = await scale();
    await page.getByRole("button", { name: "Nearer" }).click();
    await expect.poll(scale, { message: "it can be enlarged" }).toBeGreaterThan(before);
    expect.soft(opened, what).toBeLessThan(holdsTimes ? DRAWN_MS : Infinity);
    expect.soft(Math.max(0, ...longTasks), what).toBeLessThan(holdsTimes ? LONGEST_TASK_MS : Infinity);
  }
});
