// Does every result show: nothing, no rows, text from right to left, an enormous cell, two thousand columns? And can it be
// looked through, drawn and taken away?

import type { Locator, Page } from "@playwright/test";
import { readFile } from "node:fs/promises";
import { SQLITE_FILE } from "./harness/gateway.ts";
import { replaceText, tabTo } from "./harness/keyboard.ts";
import { looksRight } from "./harness/looks.ts";
import { WORKSPACE } from "./harness/stage.ts";
import { expect, test } from "./harness/test.ts";

async function run(page: Page, sql: string): Promise<void> {
  await replaceText(page, page.getByRole("textbox", { name: "Statement" }), sql);
  await page.getByRole("button", { name: /^Run read-only/ }).click();
}

const grid = (page: Page) => page.getByRole("grid", { name: "Result" });

test("NULL, the empty text, the word NULL, right-to-left text and no rows are told apart", async ({ page }) => {
  await page.goto(`/w/${WORKSPACE}/sql`);
  await run(page, "SELECT NULL AS nothing, '' AS empty, 'NULL' AS word, 'שלום עולם' AS hebrew, 12345.678 AS number, E'two\\nlines' AS two");
  const cells = grid(page).getByRole("row").nth(1).getByRole("gridcell");
  await expect(cells).toHaveText(["NULL", "empty text", "NULL", "שלום עולם", "12345.678", "two↵lines"]);
  await expect(cells.nth(3)).toHaveCSS("direction", "rtl");
  await run(page, "SELECT id, number FROM orders WHERE false");
  await expect(page.getByText("0 rows, 2 columns")).toBeVisible();
  await expect(grid(page).getByRole("columnheader", { name: /number/ })).toBeVisible();
});

test("an enormous cell is cut in the grid and read in full beside it", async ({ page }) => {
  await page.goto(`/w/${WORKSPACE}/sql`);
  await run(page, "SELECT repeat('abcdefghij', 300000) AS big, repeat('[1,', 20) || '1' || repeat(']', 20) AS deep");
  await expect(grid(page).getByRole("row").nth(1)).toContainText("3.0 M characters");
  await grid(page).focus();
  await page.keyboard.press("Enter");
  const viewer = page.getByRole("dialog", { name: "big" });
  await expect(viewer).toContainText("3,000,000 characters");
  await viewer.getByRole("button", { name: /^Show more of/ }).click();
  await page.keyboard.press("Escape");
  await expect(viewer).toBeHidden();
});

test("two thousand columns: the first and the last are reached", async ({ gateway, another }) => {
  const admin = await gateway.setUp();
  await admin.post(`/api/v1/workspaces/${WORKSPACE}/connections`, { name: "wide", kind: "sqlite", file: SQLITE_FILE });
  const page = await another(admin, gateway.url);
  await page.goto(`/w/${WORKSPACE}/sql`);
  await run(page, `SELECT ${Array.from({ length: 2_000 }, (_, index) => `${index + 1} AS c${index + 1}`).join(", ")}`);
  await expect(grid(page)).toHaveAttribute("aria-colcount", "2001");
  await expect(grid(page).getByRole("columnheader", { name: /^c1\b/ })).toBeVisible();
  expect(await grid(page).getByRole("gridcell").count(), "only what is in view is drawn").toBeLessThan(200);
  await grid(page).focus();
  await page.keyboard.press("End");
  await expect(grid(page).getByRole("gridcell", { name: "2000", exact: true })).toBeVisible();
  await expect(grid(page).getByRole("columnheader", { name: /^c2000\b/ })).toBeVisible();
});

test("what the rules refuse is said before it runs, and not run", async ({ page, complaints }) => {
  await page.goto(`/w/${WORKSPACE}/sql`);
  await replaceText(page, page.getByRole("textbox", { name: "Statement" }), "DELETE FROM orders WHERE id = 1");
  await expect(page.getByRole("main")).toContainText(/refused|not run|only reads/i);
  complaints.expect(/\/runs$/, 422);
  complaints.expect(/\/runs$/, 403);
  await page.getByRole("button", { name: /^Run read-only/ }).click();
  await expect(page.getByRole("alert")).toBeVisible();
});

const SERIES = "SELECT i AS number, 'name ' || (i % 10) AS name, nullif(i % 4, 0) AS quarter, '' AS nothing FROM generate_series(1, 1500) AS i";
const cell = (page: Page, row: number, column: number): Locator => grid(page).getByRole("row").nth(row).getByRole("gridcell").nth(column);

test("what was fetched is sorted, filtered, hidden and pinned by keyboard, and it is said that it was only fetched", async ({ page }) => {
  test.slow();
  await page.goto(`/w/${WORKSPACE}/sql`);
  await run(page, SERIES);
  await expect(page.getByText("cut by the limit of 1,000 rows: there is more")).toBeVisible();
  await grid(page).focus();
  await page.keyboard.press("Alt+ArrowDown");
  await expect(page.getByRole("menu")).toContainText("Here, of the 1,000 rows fetched");
  await page.getByRole("menuitem", { name: /^Sort descending/ }).press("Enter");
  await expect(grid(page)).toBeFocused();
  const here = page.getByRole("group", { name: "Sorted and filtered here" });
  await expect(here).toContainText("sorted here by number, of the 1,000 rows fetched");
  await expect(here).toContainText("More rows match in the database");
  await expect(cell(page, 1, 0)).toHaveText("1000");
  await expect(grid(page).getByRole("columnheader", { name: /number/ })).toHaveAttribute("aria-sort", "descending");

  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Alt+ArrowDown");
  await page.getByRole("menuitem", { name: "Filter by this column" }).press("Enter");
  await expect(page.getByRole("textbox", { name: "What name is compared with" })).toBeFocused();
  await page.keyboard.type("NAME 3");
  await expect(page.getByText("100 of 1,000 rows fetched, 4 columns")).toBeVisible();
  await expect(cell(page, 1, 0)).toHaveText("993");

  await page.getByRole("button", { name: "Do not filter by name" }).press("Enter");
  await page.getByRole("button", { name: "Do not sort by number" }).press("Enter");
  await expect(here).toBeHidden();
  await expect(cell(page, 1, 0)).toHaveText("1");

  await grid(page).focus();
  await page.keyboard.press("Home");
  await page.keyboard.press("Alt+ArrowDown");
  await page.getByRole("menuitem", { name: "Hide" }).press("Enter");
  await expect(grid(page)).toHaveAttribute("aria-colcount", "4");
  await expect(cell(page, 1, 0)).toHaveText("name 1");
  await page.keyboard.press("End");
  await page.keyboard.press("Alt+ArrowDown");
  await page.getByRole("menuitem", { name: "Pin first" }).press("Enter");
  await expect(cell(page, 1, 0)).toHaveText("empty text");
  // Another run of the same keeps how it is looked at.
  await page.getByRole("button", { name: /^Run read-only/ }).click();
  await expect(cell(page, 1, 0)).toHaveText("empty text");
  await page.getByRole("button", { name: /^Columns, 1 hidden/ }).click();
  await page.getByRole("checkbox", { name: "number" }).click();
  await page.keyboard.press("Escape");
  await expect(grid(page)).toHaveAttribute("aria-colcount", "5");
});

test("a word is found in the result, one place after the other", async ({ page }) => {
  await page.goto(`/w/${WORKSPACE}/sql`);
  await run(page, SERIES);
  await expect(grid(page)).toHaveAttribute("aria-rowcount", "1001");
  await grid(page).focus();
  await page.keyboard.press("Control+f");
  const search = page.getByRole("search", { name: "In the result" });
  await expect(search.getByRole("searchbox")).toBeFocused();
  await page.keyboard.type("Name 7");
  await expect(search.getByRole("status")).toHaveText("100 found");
  await page.keyboard.press("Enter");
  await expect(search.getByRole("status")).toHaveText("1 of 100");
  await page.keyboard.press("Shift+Enter");
  await expect(search.getByRole("status")).toHaveText("100 of 100");
  await expect(grid(page).getByRole("row", { name: /^997/ })).toBeVisible();
  await replaceText(page, search.getByRole("searchbox"), "nowhere at all");
  await expect(search.getByRole("status")).toHaveText("nothing found");
  await page.keyboard.press("Escape");
  await expect(search).toBeHidden();
  await expect(grid(page)).toBeFocused();
});

test("bytes are read as digits and letters, JSON as a tree with paths, the next row by one key", async ({ page }) => {
  test.slow();
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.goto(`/w/${WORKSPACE}/sql`);
  await run(page, `SELECT '\\x64726167ff'::bytea AS raw, '{"a": {"b c": [1, {"d": null}]}}'::jsonb AS said UNION ALL SELECT '\\x7b7d', '[true]'::jsonb`);
  await expect(grid(page)).toHaveAttribute("aria-rowcount", "3");
  await grid(page).focus();
  await page.keyboard.press("Enter");
  const raw = page.getByRole("dialog", { name: "raw" });
  await expect(raw.getByRole("region", { name: "Bytes" })).toContainText("64 72 61 67 ff");
  await expect(raw.getByRole("region", { name: "Bytes" })).toContainText("drag.");
  await page.keyboard.press("j");
  await expect(raw).toContainText("Row 2");
  await page.keyboard.press("Escape");
  await grid(page).focus();
  await page.keyboard.press("Control+Home");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Enter");
  const said = page.getByRole("dialog", { name: "said" });
  await said.locator("summary").last().click();
  await said.getByRole("button", { name: 'Copy the path $.a."b c"[0]', exact: true }).click();
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe('$.a."b c"[0]');
  await looksRight(page, "the viewer of a cell");
});

test("what is chosen is copied as Markdown", async ({ page }) => {
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.goto(`/w/${WORKSPACE}/sql`);
  await run(page, "SELECT 1 AS one, 'a|b' AS two UNION ALL SELECT 2, NULL");
  await expect(grid(page)).toHaveAttribute("aria-rowcount", "3");
  await grid(page).focus();
  await page.keyboard.press("Control+a");
  await page.getByRole("button", { name: "Copy", exact: true }).click();
  await page.getByRole("menuitem", { name: "Copy chosen as Markdown" }).click();
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe("| one | two |\n| ---: | --- |\n| 1 | a\\|b |\n| 2 | NULL |");
});

const DAYS = "SELECT timestamp '2026-01-01' + i * interval '1 day' AS day, CASE WHEN i % 2 = 0 THEN 'even' ELSE 'odd' END AS kind, i * 1.5 AS total FROM generate_series(0, 59) AS i";

test("a result is drawn, by a guess and as one chooses, and the address holds it", async ({ page }) => {
  test.slow();
  await page.goto(`/w/${WORKSPACE}/sql`);
  await run(page, DAYS);
  await tabTo(page, page.getByRole("radio", { name: "Rows" }));
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Enter");
  const chart = page.getByRole("img", { name: /^Chart: total by day, of 60 rows/ });
  await expect(chart).toBeVisible();
  await expect(chart.locator("canvas")).toBeVisible();
  await page.getByRole("combobox", { name: "Kind of chart" }).click();
  await page.getByRole("option", { name: "Bars" }).click();
  await page.getByRole("combobox", { name: "Column along which it is drawn" }).click();
  await page.getByRole("option", { name: "kind" }).click();
  await page.getByRole("combobox", { name: "What becomes of rows with the same value" }).click();
  await page.getByRole("option", { name: "their average" }).click();
  const average = page.getByRole("img", { name: /^Chart: average of total by kind/ });
  await expect(average).toBeVisible();
  await page.getByRole("button", { name: "Figures as a table" }).click();
  const figures = page.getByRole("region", { name: "The chart in figures" });
  await expect(figures.getByRole("row", { name: /^even/ })).toContainText("43.5");
  await expect(figures.getByRole("row", { name: /^odd/ })).toContainText("45");
  expect(new URL(page.url()).searchParams.get("view")).toBe("chart");
  expect(new URL(page.url()).searchParams.get("chart")).toBe("bar:average:exact:kind:total:");
  await looksRight(page, "a chart");
  const waiting = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save as PNG" }).click();
  const picture = await readFile(await (await waiting).path());
  expect(picture.subarray(1, 4).toString()).toBe("PNG");
  await page.reload();
  await page.getByRole("button", { name: /^Run read-only/ }).click();
  await expect(average).toBeVisible();
});

test("the whole result becomes a file, beyond what was fetched", async ({ page }) => {
  await page.goto(`/w/${WORKSPACE}/sql`);
  await run(page, SERIES);
  await expect(grid(page)).toHaveAttribute("aria-rowcount", "1001");
  const waiting = page.waitForEvent("download");
  await page.getByRole("button", { name: "Export" }).click();
  await page.getByRole("menuitem", { name: "Export as CSV" }).click();
  const download = await waiting;
  expect(download.suggestedFilename()).toMatch(/^result-.*\.csv$/);
  const lines = (await readFile(await download.path(), "utf8")).trim().split(/\r?\n/);
  expect(lines).toHaveLength(1_501);
  expect(lines[0]).toBe("number,name,quarter,nothing");
  expect(lines[4]).toBe('4,name 4,,""');
  await expect(page.getByRole("status").filter({ hasText: "1,500 rows" })).toContainText("Exported");
  await page.getByRole("button", { name: "Put this line away" }).click();
  await expect(page.getByText("Exported")).toBeHidden();
});

test("an export is cancelled, also in the database", async ({ page, admin }) => {
  const slow = "SELECT i AS number, CASE WHEN i > 1000 THEN pg_sleep(0.2)::text END AS slow, repeat('x', 2000) AS wide FROM generate_series(1, 100000) AS i";
  await page.goto(`/w/${WORKSPACE}/sql`);
  await run(page, slow);
  await expect(grid(page)).toHaveAttribute("aria-rowcount", "1001");
  await page.getByRole("button", { name: "Export" }).click();
  await page.getByRole("menuitem", { name: "Export as JSON, an object a line" }).click();
  await expect(page.getByText(/^Exporting as ndjson/)).toBeVisible();
  await page.getByRole("button", { name: "Cancel export" }).click();
  await expect(page.getByText("You cancelled the export: no file was made.")).toBeVisible();
  const runs = async () => (await admin.get(`/api/v1/workspaces/${WORKSPACE}/runs?limit=20`))["items"] as { sql: string; state: string }[];
  await expect.poll(async () => (await runs()).find((one) => one.sql === slow)?.state).toBe("cancelled");
});
