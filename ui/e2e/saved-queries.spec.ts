// Can a query be kept, shared, run by somebody else, put back, starred and drawn?

import type { Page } from "@playwright/test";
import { textOf, type Caller, type Json } from "./harness/caller.ts";
import { goBy, tabTo } from "./harness/keyboard.ts";
import { looksRight } from "./harness/looks.ts";
import { settled } from "./harness/settled.ts";
import { WORKSPACE } from "./harness/stage.ts";
import { expect, test } from "./harness/test.ts";

test.describe.configure({ timeout: 180_000 });

const AT = `/api/v1/workspaces/${WORKSPACE}`;
const SQL = "SELECT i AS number, CASE WHEN i % 2 = 0 THEN 'even' ELSE 'odd' END AS kind FROM generate_series(1, $1::int) AS i";

/** A connection to the shop's server that editors may use, too: the demo's own is production. */
async function forEverybody(admin: Caller, port: number, name: string): Promise<string> {
  const made = await admin.post(`${AT}/connections`, { name, kind: "postgres", host: "127.0.0.1", port, user: "shop_app", password: "shop", database: "shop", environment: "development" });
  return textOf(made, "id");
}

async function keep(admin: Caller, connection: string, title: string, more: Json = {}): Promise<string> {
  const made = await admin.post(`${AT}/queries`, { title, sql: SQL, connection, parameters: [{ name: "rows", type: "integer" }], ...more });
  return `/w/${WORKSPACE}/saved-queries/${textOf(made, "id")}`;
}

const grid = (page: Page) => page.getByRole("grid", { name: "Result" });
const runIt = (page: Page) => page.getByRole("button", { name: /^Run read-only/ }).click();
const value = (page: Page) => page.getByRole("textbox", { name: "rows (integer)" });

test("a query with a value is shared, and a second person runs it by the link", async ({ page, another, admin, stage }) => {
  const place = await keep(admin, await forEverybody(admin, stage.demo.server, "shared by its link"), "Shared by its link");
  await page.goto(place);
  await settled(page, /^Shared by its link/);
  await value(page).fill("7");
  await page.getByRole("button", { name: "Share", exact: true }).click();
  const share = page.getByRole("dialog", { name: "Share" });
  await expect(share).toContainText("for others the link leads nowhere");
  await looksRight(page, "sharing a query");
  await share.getByRole("button", { name: "Let everybody in this workspace see it" }).click();
  await expect(share).toContainText("Everybody in this workspace can open it");
  const link = await share.getByRole("textbox", { name: "Link" }).inputValue();
  expect(new URL(link).searchParams.get("value.rows")).toBe("7");

  const second = await another("editor");
  await second.goto(link);
  await settled(second, /^Shared by its link/);
  await expect(value(second)).toHaveValue("7");
  await expect(second.getByText("These values came with the link. Nothing was run yet.")).toBeVisible();
  await expect(second.getByRole("combobox", { name: "Who sees it" })).toBeDisabled();
  await runIt(second);
  await expect(grid(second)).toHaveAttribute("aria-rowcount", "8");
});

test("a private query is nobody else's, and its page says so", async ({ another, admin, stage, complaints }) => {
  const place = await keep(admin, stage.known.connection, "Nobody else's");
  complaints.expect(/\/queries\/[^/]+$/, 404);
  const second = await another("editor");
  await second.goto(place);
  await expect(second.getByText("There is no such query any more, or its owner keeps it private.")).toBeVisible();
  await second.goto(`/w/${WORKSPACE}/saved-queries`);
  await settled(second, /^Saved queries$/);
  await expect(second.getByRole("grid", { name: "Saved queries" })).toContainText("Orders by state");
  await expect(second.getByText("Nobody else's")).toHaveCount(0);
});

test("who may only look reads it and cannot run or change it", async ({ another, admin, stage }) => {
  const place = await keep(admin, stage.known.connection, "To be looked at", { visibility: "workspace" });
  const viewer = await another("viewer");
  await viewer.goto(place);
  await settled(viewer, /^To be looked at/);
  await expect(viewer.getByRole("button", { name: /^Run read-only/ })).toBeDisabled();
  await expect(viewer.getByText("Running needs the capability run_queries.")).toBeVisible();
  await expect(viewer.getByRole("button", { name: "Duplicate" })).toBeDisabled();
  await expect(viewer.getByText("You may read it; changing needs save_queries")).toBeVisible();
});

test("what is missing or does not fit is said before anything runs", async ({ page, admin, stage }) => {
  const place = await keep(admin, stage.known.connection, "With a value", { parameters: [{ name: "rows", type: "integer", description: "how many" }] });
  await page.goto(place);
  await settled(page, /^With a value/);
  await runIt(page);
  await expect(page.getByRole("alert").filter({ hasText: "Not run: rows has no value that fits." })).toBeVisible();
  await expect(page.getByText("Required: a value such as 42, or NULL.")).toBeVisible();
  await value(page).fill("many");
  await expect(page.getByText("Is no integer: write it as 42.")).toBeVisible();
  await value(page).fill("3");
  await expect(page.getByText("Is no integer: write it as 42.")).toBeHidden();
  await runIt(page);
  await expect(grid(page)).toHaveAttribute("aria-rowcount", "4");
});

test("stars make favourites, and their list says how there come to be some", async ({ another, admin, stage }) => {
  await keep(admin, stage.known.connection, "To be starred", { visibility: "workspace" });
  // The stars of this person are no other test's.
  const page = await another("viewer");
  await page.goto(`/w/${WORKSPACE}/saved-queries?whose=favourites`);
  await expect(page.getByRole("heading", { name: "No query is among your favourites" })).toBeVisible();
  await page.getByRole("button", { name: "Show all" }).click();
  await page.getByRole("button", { name: "Add To be starred to the favourites" }).click();
  await page.getByRole("radio", { name: "Favourites" }).click();
  const list = page.getByRole("grid", { name: "Saved queries" });
  await expect(list.getByRole("row")).toHaveCount(2);
  await expect(list).toContainText("To be starred");
  await page.getByRole("button", { name: "Take To be starred from the favourites" }).click();
  await expect(page.getByRole("heading", { name: "No query is among your favourites" })).toBeVisible();
  await page.getByRole("radio", { name: "All" }).click();
  await page.getByRole("searchbox", { name: "Filter saved queries" }).fill("no query is called so");
  await expect(page.getByRole("heading", { name: "No saved queries match" })).toBeVisible();
});

test("each change is a version, compared and put back", async ({ page, admin, stage }) => {
  const place = await keep(admin, stage.known.connection, "Of many versions");
  await page.goto(place);
  await settled(page, /^Of many versions/);
  await page.getByRole("textbox", { name: "Title" }).fill("Of more versions");
  await page.getByRole("textbox", { name: "Default of $1" }).fill("5");
  await page.keyboard.press("Control+s");
  await expect(page.getByRole("heading", { level: 1, name: "Of more versions" })).toBeVisible();
  await page.getByRole("link", { name: /^Versions/ }).click();
  await page.getByRole("grid", { name: "Versions" }).getByRole("row").nth(2).click();
  const now = page.getByRole("region", { name: "Difference between Version 1 and Version 2, now" });
  await expect(now).toContainText("title: Of many versions");
  await expect(now).toContainText("parameter 1: rows, integer, default 5");
  await page.getByRole("combobox", { name: "Compared with" }).click();
  await page.getByRole("option", { name: "compared with the version before" }).click();
  await expect(page.getByText("There is no version before the first.")).toBeVisible();
  await looksRight(page, "versions of a query");
  await page.getByRole("button", { name: "Restore version 1" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Of many versions" })).toBeVisible();
  await expect(page.getByRole("grid", { name: "Versions" }).getByRole("row")).toHaveCount(4);
});

test("a copy is one's own", async ({ another, admin, stage }) => {
  const place = await keep(admin, stage.known.connection, "To be copied", { visibility: "workspace" });
  const second = await another("editor");
  await second.goto(place);
  await settled(second, /^To be copied/);
  await second.getByRole("button", { name: "Duplicate" }).click();
  await expect(second.getByRole("heading", { level: 1, name: "To be copied (copy)" })).toBeVisible();
  await expect(second.getByRole("combobox", { name: "Who sees it" })).toHaveText(/Only its owner/);
  await expect(second.getByRole("combobox", { name: "Who sees it" })).toBeEnabled();
});

test("a chart is kept with the query, and whoever opens it sees that first", async ({ page, another, admin, stage }) => {
  const place = await keep(admin, await forEverybody(admin, stage.demo.server, "drawn"), "Drawn", { visibility: "workspace", parameters: [{ name: "rows", type: "integer", default: "20" }] });
  await page.goto(place);
  await settled(page, /^Drawn/);
  await runIt(page);
  await page.getByRole("radio", { name: "Chart" }).click();
  await page.getByRole("combobox", { name: "Kind of chart" }).click();
  await page.getByRole("option", { name: "Pie" }).click();
  await page.getByRole("button", { name: "Keep this chart with the query" }).click();
  await expect(page.getByText("A chart is kept with it: who opens it sees that first.")).toBeVisible();
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.getByRole("status").filter({ hasText: /^saved$/ })).toBeVisible();

  const second = await another("editor");
  await second.goto(place);
  await settled(second, /^Drawn/);
  await runIt(second);
  await expect(second.getByRole("combobox", { name: "Kind of chart" })).toHaveText("Pie");
  await expect(second.getByRole("img", { name: /^Chart: / })).toBeVisible();
  await looksRight(second, "a query with its chart");
});

test("its history tells runs apart by how they ended", async ({ page, admin, stage }) => {
  const place = await keep(admin, stage.known.connection, "With a history");
  await page.goto(`${place}?tab=history`);
  await expect(page.getByRole("heading", { name: "Nothing was run yet" })).toBeVisible();
  await page.getByRole("link", { name: "Query", exact: true }).click();
  await value(page).fill("2");
  await runIt(page);
  await expect(grid(page)).toHaveAttribute("aria-rowcount", "3");
  await page.getByRole("link", { name: "History", exact: true }).click();
  const runs = page.getByRole("grid", { name: "Runs" });
  await expect(runs.getByRole("row")).toHaveCount(2);
  await page.getByRole("combobox", { name: "How runs ended" }).click();
  await page.getByRole("option", { name: "Cancelled" }).click();
  await expect(page.getByRole("heading", { name: "No runs match" })).toBeVisible();
  await page.getByRole("button", { name: "Clear filters" }).click();
  await expect(runs.getByRole("row")).toHaveCount(2);
});

test("by keyboard alone: found, run, looked through", async ({ page, admin, stage }) => {
  await keep(admin, stage.known.connection, "By keyboard alone", { parameters: [{ name: "rows", type: "integer", default: "4" }] });
  await page.goto(`/w/${WORKSPACE}`);
  await settled(page, /\w/);
  await goBy(page, "g v", /^Saved queries$/);
  await page.keyboard.press("/");
  await page.keyboard.type("By keyboard");
  const list = page.getByRole("grid", { name: "Saved queries" });
  await expect(list.getByRole("row")).toHaveCount(2);
  await tabTo(page, list.getByRole("row").nth(1));
  await page.keyboard.press("Enter");
  await settled(page, /^By keyboard alone/);
  await page.keyboard.press("Control+Enter");
  await expect(grid(page)).toHaveAttribute("aria-rowcount", "5");
  // In the editor Tab indents; behind Escape it leads on.
  await tabTo(page, page.getByRole("textbox", { name: "Statement" }));
  await page.keyboard.press("Escape");
  await page.keyboard.press("Tab");
  await tabTo(page, grid(page));
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog", { name: "number" })).toContainText("Row 2");
  await page.keyboard.press("Escape");
  await expect(grid(page)).toBeFocused();
});
