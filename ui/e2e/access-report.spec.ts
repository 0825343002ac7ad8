// Is it told who touched a table and what somebody touched, and only after somebody asked?

import { readFileSync } from "node:fs";
import { itemsOf } from "./harness/caller.ts";
import { eventually } from "./harness/eventually.ts";
import { goBy, tabTo } from "./harness/keyboard.ts";
import { looksRight } from "./harness/looks.ts";
import { psql } from "./harness/psql.ts";
import { settled } from "./harness/settled.ts";
import { WORKSPACE, type Stage } from "./harness/stage.ts";
import type { Caller } from "./harness/caller.ts";
import { expect, test } from "./harness/test.ts";

const LEDGER = `/api/v1/workspaces/${WORKSPACE}/ledger`;

/** Reads, and tries to change; waits until both are on record. */
async function touched(stage: Stage, admin: Caller, application: string): Promise<void> {
  await psql({ port: stage.demo.gateway, user: "shop_app", application }, "SELECT count(*) FROM reviews");
  await psql({ port: stage.demo.gateway, user: "shop_owner", application }, "UPDATE reviews SET rating = 1 WHERE id = 1");
  await eventually("both are on record", async () => {
    const found = itemsOf(await admin.get(`${LEDGER}?application=${application}&table=reviews&events=statement.outcome,statement.refused`));
    return found.length >= 2 ? found : undefined;
  });
}

test("of a table one sees who read it and who may not change it, down to the record", async ({ page, stage, admin }) => {
  const application = "report-by-mouse";
  await touched(stage, admin, application);
  await page.goto(`/w/${WORKSPACE}/access-report`);
  await settled(page, /^Access report$/);
  await expect(page.getByRole("heading", { name: "Name a table, or somebody" })).toBeVisible();
  await page.getByRole("button", { name: "Make the report" }).click();
  await expect(page.getByText("Name a table, a user or an application.")).toBeVisible();
  await page.getByLabel("Table").fill("reviews");
  await page.getByLabel("Application").fill(application);
  await page.getByRole("button", { name: "Make the report" }).click();
  await expect(page).toHaveURL(/table=reviews/);
  const people = page.getByRole("grid", { name: "People" });
  await expect(people.getByRole("row", { name: "shop_app" })).toBeVisible();
  await expect(people.getByRole("row", { name: "shop_owner" })).toBeVisible();
  await expect(page.getByText("What this cannot show")).toBeVisible();

  await page.getByRole("navigation", { name: "Access report" }).getByRole("link", { name: "Did not pass" }).click();
  const refused = page.getByRole("grid", { name: "Did not pass" }).getByRole("row", { name: "shop_owner" });
  await expect(refused).toContainText("production/");
  await looksRight(page, "what did not pass");
  await page.getByRole("navigation", { name: "Access report" }).getByRole("link", { name: "Hours" }).click();
  await expect(page.getByRole("img", { name: /By hour and day/ })).toBeVisible();
  await looksRight(page, "the hours");
  await page.reload();
  await expect(page.getByRole("img", { name: /By hour and day/ })).toBeVisible();

  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Export" }).click();
  await page.getByRole("menuitem", { name: /^CSV/ }).click();
  const file = await download;
  expect(file.suggestedFilename()).toMatch(/^access-reviews-report-by-mouse-\d{8}-\d{4}\.csv$/);
  const text = readFileSync((await file.path()) ?? "", "utf8");
  expect(text).toContain("users,shop_app,");
  expect(text).toMatch(/end,"?2 records counted; all of the time/);

  await page.getByRole("navigation", { name: "Access report" }).getByRole("link", { name: "People" }).click();
  await people.getByRole("row", { name: "shop_app" }).getByRole("link", { name: "Records of shop_app" }).click();
  await settled(page, /^Audit$/);
  await expect(page.getByRole("grid", { name: "Records" }).getByRole("row", { name: "SELECT count" })).toBeVisible();
  const activity = await admin.get(`/api/v1/workspaces/${WORKSPACE}/activity?action=report_access&limit=50`);
  // Other tests make reports at the same time.
  expect(itemsOf(activity).map((one) => JSON.stringify(one["details"])).join("\n")).toContain(application);
});

test("of somebody one sees the tables, by keyboard alone", async ({ page, stage, admin }) => {
  const application = "report-by-keys";
  await touched(stage, admin, application);
  await page.goto(`/w/${WORKSPACE}`);
  await settled(page, /\w/);
  await goBy(page, "g o", /^Access report$/);
  await tabTo(page, page.getByLabel("Database user"));
  await page.keyboard.type("shop_app");
  await tabTo(page, page.getByLabel("Application"));
  await page.keyboard.type(application);
  await page.keyboard.press("Enter");
  const row = page.getByRole("grid", { name: "Tables" }).getByRole("row", { name: "reviews" });
  await expect(row).toBeVisible();
  await looksRight(page, "the tables");
  await tabTo(page, row);
  await tabTo(page, row.getByRole("link", { name: "reviews", exact: true }));
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/table=reviews/);
  await expect(page.getByRole("grid", { name: "People" }).getByRole("row", { name: "shop_app" })).toBeVisible();
});

test.describe("a viewer", () => {
  test.use({ as: "viewer" });
  test("is told what it needs", async ({ page }) => {
    await page.goto(`/w/${WORKSPACE}/access-report?table=orders`);
    await expect(page.getByRole("heading", { name: "You may not see who touched what" })).toBeVisible();
    await expect(page.getByText("view_ledger")).toBeVisible();
  });
});

test("nothing found and a failure are told apart", async ({ page, complaints }) => {
  await page.goto(`/w/${WORKSPACE}/access-report?table=no_such_table_here`);
  await expect(page.getByRole("heading", { name: "No records match" })).toBeVisible();
  complaints.expect(/\/ledger\/access-report/, 503);
  await page.route(/\/ledger\/access-report/, (route) =>
    route.fulfill({ status: 503, contentType: "application/problem+json", body: JSON.stringify({ type: "about:blank", title: "away", status: 503, code: "plane_away", detail: "the data plane `p` is not connected", hint: "look whether it runs", request_id: "0198" }) }),
  );
  await page.goto(`/w/${WORKSPACE}/access-report?table=orders`);
  await expect(page.getByRole("heading", { name: "the data plane `p` is not connected" })).toBeVisible();
  await expect(page.getByText("plane_away")).toBeVisible();
  await expect(page.getByRole("button", { name: "request 0198" })).toBeVisible();
});
