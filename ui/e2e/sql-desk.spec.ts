// Is SQL written as people need it: several texts that are never lost, names completed, a verdict before anything runs, and an end that is one?

import AxeBuilder from "@axe-core/playwright";
import type { Page, Request } from "@playwright/test";
import { eventually } from "./harness/eventually.ts";
import { replaceText, tabTo } from "./harness/keyboard.ts";
import { psql } from "./harness/psql.ts";
import { settled, wear } from "./harness/settled.ts";
import { WORKSPACE, type Stage } from "./harness/stage.ts";
import { expect, test } from "./harness/test.ts";

const PLACE = `/w/${WORKSPACE}/sql`;
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
/** Looked at by the tests of results. */
const GRID = "[role=grid]";
const WIDTHS = [1280, 820, 390];

const editor = (page: Page) => page.getByRole("textbox", { name: "Statement" });
const grid = (page: Page) => page.getByRole("grid", { name: "Result" });
const run = (page: Page) => page.getByRole("button", { name: "Run read-only on production" });
const tabs = (page: Page) => page.getByRole("list", { name: "Tabs" }).getByRole("link");
const write = (page: Page, text: string) => replaceText(page, editor(page), text);
/** The statement's text as it stands in the editor. */
const written = (page: Page): Promise<string> => editor(page).evaluate((element) => [...element.querySelectorAll(".cm-line")].map((line) => line.textContent ?? "").join("\n"));
const offers = (page: Page) => page.getByRole("listbox").getByRole("option");

async function open(page: Page, path = PLACE): Promise<void> {
  await page.goto(path);
  await settled(page, /^SQL$/);
  await expect(editor(page)).toBeVisible();
}

/** Statements of the console that the server works on now; they are of the user who asks. */
async function working(stage: Stage, words: string): Promise<number> {
  const { output } = await psql({ port: stage.demo.server }, `SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid() AND query LIKE '%${words}%'`);
  return Number(output.trim());
}

test("sees why a write would be refused before running it", async ({ page }) => {
  const runs: Request[] = [];
  page.on("request", (request) => /\/runs$/.test(request.url()) && request.method() === "POST" && runs.push(request));
  await open(page);
  await write(page, "SELECT count(*) FROM orders;\n\nDELETE FROM orders WHERE id = 1");
  const main = page.getByRole("main");
  await expect(main).toContainText("Statement 2 of 2, line 3");
  await expect(main.getByRole("status").filter({ hasText: "read-only/write" })).toContainText("refused");
  await expect(editor(page).locator(".cm-mistake")).not.toHaveCount(0);
  await expect(run(page)).toBeVisible();
  await page.keyboard.press("Control+Home");
  await expect(main).toContainText("Statement 1 of 2, line 1");
  await expect(main.getByRole("status").filter({ hasText: "allowed" })).toBeVisible();
  await expect(main).toContainText("Of the others 1 would be refused");
  await expect(main).toContainText(/Reads orders; runs in a transaction that only reads/);
  expect(runs, "what was only written ran").toHaveLength(0);
});

test("tabs survive a reload, are renamed, moved, closed and brought back", async ({ page }) => {
  await open(page);
  await write(page, "SELECT 1 AS first");
  await page.getByRole("button", { name: "New tab" }).click();
  await write(page, "SELECT 2 AS second");
  await expect(tabs(page)).toHaveText(["SELECT 1 AS first", "SELECT 2 AS second"]);
  await page.getByRole("button", { name: "This tab and closed ones" }).click();
  await page.getByRole("menuitem", { name: "Rename" }).click();
  await page.getByRole("dialog").getByLabel("Name").fill("Mine");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "This tab and closed ones" }).click();
  await page.getByRole("menuitem", { name: "Move left" }).click();
  await expect(tabs(page)).toHaveText(["Mine", "SELECT 1 AS first"]);
  const link = page.url();
  expect(link).toMatch(/sheet=/);
  await page.reload();
  await settled(page, /^SQL$/);
  await expect(tabs(page)).toHaveText(["Mine", "SELECT 1 AS first"]);
  await expect(editor(page)).toContainText("SELECT 2 AS second");
  await tabs(page).nth(1).click();
  await expect(editor(page)).toContainText("SELECT 1 AS first");
  await page.goBack();
  await expect(editor(page)).toContainText("SELECT 2 AS second");
  await page.getByRole("button", { name: "Close Mine" }).click();
  await expect(tabs(page)).toHaveText(["SELECT 1 AS first"]);
  await page.getByRole("button", { name: "Bring it back" }).click();
  await expect(tabs(page)).toHaveText(["Mine", "SELECT 1 AS first"]);
  await page.goto(`${PLACE}?sheet=nowhere1`);
  await expect(page.getByRole("main")).toContainText("The tab of this link is not on this device");
  await page.goto(link);
  await expect(editor(page)).toContainText("SELECT 2 AS second");
});

test("what a link or another page brings stands in a tab of its own", async ({ page, stage }) => {
  await open(page);
  await write(page, "SELECT 'mine'");
  await expect(tabs(page)).toHaveText(["SELECT 'mine'"]);
  await open(page, `${PLACE}?sql=${encodeURIComponent("SELECT 'brought'")}`);
  await expect(tabs(page)).toHaveText(["SELECT 'mine'", "SELECT 'brought'"]);
  await expect(editor(page)).toContainText("SELECT 'brought'");
  await open(page, `${PLACE}?query=${stage.known.query}`);
  await expect(page.getByRole("main")).toContainText("From the saved query Orders by state");
  await expect(tabs(page)).toHaveCount(3);
  await open(page, `${PLACE}?query=${stage.known.query}`);
  await expect(page.getByRole("main")).toContainText("From the saved query Orders by state");
  await expect(tabs(page), "the query is open already").toHaveCount(3);
});

test("two windows follow each other, and neither loses what was typed in the other", async ({ page, complaints }) => {
  await open(page);
  await write(page, "SELECT 'shared'");
  await expect(tabs(page)).toHaveText(["SELECT 'shared'"]);
  await eventually("the text is kept", async () => ((await page.evaluate(() => Object.values(localStorage).some((kept) => String(kept).includes("'shared'")))) ? true : undefined));
  const other = await page.context().newPage();
  await complaints.watch(other);
  await open(other);
  await expect(editor(other)).toContainText("SELECT 'shared'");
  await write(other, "SELECT 'from the other'");
  await expect(editor(page)).toContainText("SELECT 'from the other'");
  // Both at once: one of them goes on in a tab of its own.
  for (const one of [page, other]) {
    await editor(one).focus();
    await one.keyboard.press("Control+a");
  }
  const typed = async (one: Page, text: string) => {
    await one.keyboard.press("Delete");
    await one.keyboard.insertText(text);
  };
  await Promise.all([typed(page, "SELECT 'typed here'"), typed(other, "SELECT 'typed there'")]);
  await expect.poll(async () => (await tabs(page).allTextContents()).concat(await tabs(other).allTextContents())).toEqual(expect.arrayContaining(["SELECT 'typed here'", "SELECT 'typed there'"]));
  await page.reload();
  await settled(page, /^SQL$/);
  await expect(tabs(page)).not.toHaveCount(0);
  expect((await tabs(page).allTextContents()).join()).toContain("typed");
});

test("names are completed: tables, columns of an alias and of WITH, the condition of a join, words", async ({ page }) => {
  await open(page);
  await editor(page).focus();
  await page.keyboard.type("sele");
  await expect(offers(page).first()).toContainText("SELECT");
  await page.keyboard.press("Escape");
  await write(page, "SELECT  FROM orders o JOIN customers c ON ");
  await page.keyboard.press("Control+Space");
  await expect(offers(page).filter({ hasText: "customer_id" }).first()).toContainText(/o\.customer_id = c\.id/);
  await expect(offers(page).first()).toContainText(/declared key|seen|same name/);
  await offers(page).first().click();
  await expect(editor(page)).toContainText("ON o.customer_id = c.id");
  await page.keyboard.press("Control+Home");
  for (let step = 0; step < "SELECT ".length; step += 1) {
    await page.keyboard.press("ArrowRight");
  }
  await page.keyboard.type("o.custom");
  await expect(offers(page).first()).toContainText("customer_id");
  await offers(page).first().click();
  await expect(editor(page)).toContainText("SELECT o.customer_id FROM");
  await write(page, "WITH late AS (SELECT id AS number_of_order FROM orders) SELECT l. FROM late l");
  for (let step = 0; step < " FROM late l".length; step += 1) {
    await page.keyboard.press("ArrowLeft");
  }
  await page.keyboard.type("num");
  await expect(offers(page)).toHaveCount(1);
  await offers(page).first().click();
  await expect(editor(page)).toContainText("SELECT l.number_of_order FROM late l");
});

test("of several statements the one at the cursor runs, or what is selected", async ({ page }) => {
  await open(page);
  await write(page, "SELECT 'one' AS which;\nSELECT 'two' AS which;\nSELECT 'three' AS which;");
  await page.keyboard.press("ArrowUp");
  await expect(page.getByRole("main")).toContainText("Statement 2 of 3, line 2");
  await page.keyboard.press("Control+Enter");
  await expect(grid(page).getByRole("row").nth(1)).toContainText("two");
  await page.keyboard.press("Control+Shift+Enter");
  await expect(page.getByRole("status").filter({ hasText: "One statement runs at a time" })).toBeVisible();
  await page.keyboard.press("Control+Home");
  await page.keyboard.press("Shift+End");
  await expect(page.getByRole("main")).toContainText("What is selected, from line 1");
  await page.keyboard.press("Control+Enter");
  await expect(grid(page).getByRole("row").nth(1)).toContainText("one");
});

test("what runs is ended at the server, by Escape and by the button", async ({ page, stage }) => {
  test.setTimeout(120_000);
  await open(page);
  for (const how of ["escape", "button"] as const) {
    const mark = `ended by ${how}`;
    await write(page, `SELECT pg_sleep(50), '${mark}'`);
    await page.keyboard.press("Control+Enter");
    await eventually("the server works on it", async () => ((await working(stage, mark)) > 0 ? true : undefined));
    const button = page.getByRole("button", { name: /^Cancel after/ });
    await expect(button).toBeVisible();
    if (how === "escape") {
      await page.keyboard.press("Escape");
    } else {
      await button.click();
    }
    await expect(page.getByText("You cancelled it.")).toBeVisible();
    await eventually("the server has ended it", async () => ((await working(stage, mark)) === 0 ? true : undefined));
    await editor(page).focus();
  }
});

test("what runs in one tab goes on while another is written in", async ({ page }) => {
  await open(page);
  await write(page, "SELECT pg_sleep(3), 'slow' AS which");
  await page.keyboard.press("Control+Enter");
  await page.keyboard.press("Alt+t");
  await expect(tabs(page)).toHaveCount(2);
  await write(page, "SELECT 'quick' AS which");
  await page.keyboard.press("Control+Enter");
  await expect(grid(page).getByRole("row").nth(1)).toContainText("quick");
  await page.keyboard.press("Alt+PageUp");
  await expect(grid(page).getByRole("row").nth(1)).toContainText("slow");
  await page.keyboard.press("Alt+PageDown");
  await expect(grid(page).getByRole("row").nth(1)).toContainText("quick");
});

test("a text is laid out, and back in one step; what cannot be stays and is said", async ({ page }) => {
  await open(page);
  const before = "select id, number from orders -- why\nwhere id = 1";
  await write(page, before);
  await page.keyboard.press("Shift+Alt+F");
  await expect.poll(() => written(page)).toBe("select\n  id,\n  number\nfrom\n  orders -- why\nwhere\n  id = 1");
  await page.keyboard.press("Control+z");
  await expect.poll(() => written(page)).toBe(before);
  await write(page, "SELECT (1");
  await page.getByRole("button", { name: "Format" }).click();
  await expect(page.getByRole("status").filter({ hasText: "Not formatted" })).toContainText("left as it is");
  expect(await written(page)).toBe("SELECT (1");
});

test("the plan is asked for without running, and measured by running once", async ({ page }) => {
  await open(page);
  await write(page, "SELECT count(*) FROM orders WHERE id > 10");
  await page.getByRole("button", { name: "Explain" }).click();
  await expect(page.getByRole("main")).toContainText("not run: rows and costs are what the database expects");
  await expect(page).toHaveURL(/tab=plan/);
  await page.getByRole("button", { name: "Measure" }).click();
  await expect(page.getByRole("main")).toContainText(/ran \d/);
});

test("all of it by keyboard alone", async ({ page }) => {
  await page.goto(`/w/${WORKSPACE}`);
  await settled(page, /\w/);
  await page.keyboard.press("g");
  await page.keyboard.press("e");
  await expect(editor(page)).toBeFocused();
  await page.keyboard.insertText("SELECT 40 + 2 AS answer");
  await page.keyboard.press("Control+Enter");
  await expect(grid(page).getByRole("row").nth(1)).toContainText("42");
  await page.keyboard.press("Alt+t");
  await expect(tabs(page)).toHaveCount(2);
  await expect(editor(page)).toBeFocused();
  await page.keyboard.insertText("SELECT 'other'");
  await page.keyboard.press("Alt+Shift+PageUp");
  await expect(tabs(page)).toHaveText(["SELECT 'other'", "SELECT 40 + 2 AS answer"]);
  await page.keyboard.press("Alt+w");
  await expect(tabs(page)).toHaveText(["SELECT 40 + 2 AS answer"]);
  await expect(editor(page)).toBeFocused();
  await page.keyboard.press("Alt+Shift+t");
  await expect(editor(page)).toContainText("SELECT 'other'");
  await expect(editor(page)).toBeFocused();
  // Escape, then Tab, leaves the editor; the buttons are next.
  await page.keyboard.press("Escape");
  await page.keyboard.press("Tab");
  await tabTo(page, run(page));
  await page.keyboard.press("Enter");
  await expect(grid(page).getByRole("row").nth(1)).toContainText("other");
  await page.keyboard.press("Shift+Tab");
  await expect(editor(page)).toBeFocused();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Shift+Tab");
  await tabTo(page, tabs(page).nth(1), "Shift+Tab");
  await page.keyboard.press("Enter");
  await expect(editor(page)).toContainText("SELECT 40 + 2 AS answer");
  await expect(editor(page)).toBeFocused();
});

test("who may not run anything, or not on production, is told so", async ({ another }) => {
  const viewer = await another("viewer");
  await viewer.goto(PLACE);
  await expect(viewer.getByRole("main")).toContainText("You may not see the SQL page");
  await expect(viewer.getByRole("main")).toContainText("run_queries");
  const page = await another("editor");
  await open(page);
  await write(page, "SELECT 1");
  await expect(run(page)).toBeDisabled();
  await expect(page.getByRole("main")).toContainText("Production needs the capability use_production");
});

test("with many tabs, a refusal and a result it can be used by everybody, on every width", async ({ page }) => {
  test.setTimeout(180_000);
  await open(page);
  for (const text of ["SELECT 1 AS a_rather_long_name_for_a_column", "SELECT 2", "SELECT 3 AS three", "SELECT 4 AS four", "SELECT * FROM orders LIMIT 5;\nDELETE FROM orders"]) {
    await write(page, text);
    await page.keyboard.press("Alt+t");
  }
  await expect(tabs(page)).toHaveCount(6);
  await page.keyboard.press("Alt+PageUp");
  await page.keyboard.press("Control+Home");
  await page.keyboard.press("Control+Enter");
  await expect(grid(page).getByRole("row").nth(1)).toBeVisible();
  await expect(page.getByRole("main")).toContainText("Of the others 1 would be refused");
  for (const theme of ["light", "dark"] as const) {
    await wear(page, theme);
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 860 });
      await expect.poll(() => page.evaluate(() => Math.max(...[document.documentElement, ...document.querySelectorAll("main")].map((one) => one.scrollWidth - one.clientWidth))), { message: `pixels wider than ${width}` }).toBeLessThanOrEqual(0);
    }
    const { violations } = await new AxeBuilder({ page }).withTags(RULES).exclude(GRID).analyze();
    expect.soft(violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(" ")}: ${node.failureSummary ?? ""}`)), `what axe finds in ${theme}`).toEqual([]);
    await page.setViewportSize({ width: 1280, height: 860 });
  }
});
