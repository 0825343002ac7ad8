// Does every result show: nothing, no rows, text from right to left, an enormous cell, two thousand columns?

import type { Page } from "@playwright/test";
import { SQLITE_FILE } from "./harness/gateway.ts";
import { replaceText } from "./harness/keyboard.ts";
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
