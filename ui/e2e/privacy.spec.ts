// Does everybody see what is kept, and of themselves how much?

import { readFileSync } from "node:fs";
import { goBy, tabTo } from "./harness/keyboard.ts";
import { looksRight } from "./harness/looks.ts";
import { settled } from "./harness/settled.ts";
import { WORKSPACE } from "./harness/stage.ts";
import { expect, test } from "./harness/test.ts";

test("an admin sees periods, ledgers, and that no rule has values kept", async ({ page }) => {
  await page.goto(`/w/${WORKSPACE}/privacy`);
  await settled(page, /^Privacy$/);
  const kept = page.getByRole("list", { name: "What is kept" }).getByRole("listitem");
  await expect(kept.filter({ hasText: /^Traffic/ })).toContainText("48 hours");
  await expect(kept.filter({ hasText: /^Runs/ })).toContainText("30 days");
  await expect(page.getByRole("list", { name: "Retention of each ledger" }).getByRole("listitem")).toHaveCount(1);
  await expect(page.getByText("This version has no assistant")).toBeVisible();
  await page.getByRole("navigation", { name: "Privacy" }).getByRole("link", { name: "Values and keys" }).click();
  await expect(page).toHaveTitle(/\bValues and keys · Privacy · Dragoman$/);
  await expect(page.getByRole("heading", { name: "No rule has values kept" })).toBeVisible();
  await expect(page.getByText("No day was erased in the last 30 days.")).toBeVisible();
  await looksRight(page, "values and keys");
});

test.describe("a viewer", () => {
  test.use({ as: "viewer" });

  test("sees what is kept of them, and takes it along", async ({ page }) => {
    await page.goto(`/w/${WORKSPACE}`);
    await settled(page, /\w/);
    await goBy(page, "g p", /^Privacy$/);
    await expect(page.getByText("How long it is kept is seen by members with the capability view_ledger.")).toBeVisible();
    await tabTo(page, page.getByRole("navigation", { name: "Privacy" }).getByRole("link", { name: "Of you" }));
    await page.keyboard.press("Enter");
    const row = page.getByRole("grid", { name: "What is kept of you" }).getByRole("row", { name: "Workspaces you are in" });
    await expect(row).toContainText(/\d/);
    await looksRight(page, "what is kept of you");
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "Download" }).click();
    const text = readFileSync((await (await download).path()) ?? "", "utf8");
    expect(JSON.parse(text)).toMatchObject({ about: { user: { email: "viewer@shop.example" } }, runs: [], viewpoints: [] });
    await expect(page.getByRole("button", { name: "Erase the account" })).toBeVisible();
  });
});

test("a failure says what to tell, and can be tried again", async ({ page, complaints }) => {
  complaints.expect(/\/privacy$/, 500);
  await page.route(/\/workspaces\/[^/]+\/privacy$/, (route) =>
    route.fulfill({ status: 500, contentType: "application/problem+json", body: JSON.stringify({ type: "about:blank", title: "internal", status: 500, code: "internal", detail: "the state cannot be read", request_id: "0199" }) }),
  );
  await page.goto(`/w/${WORKSPACE}/privacy`);
  await expect(page.getByRole("heading", { name: "the state cannot be read" })).toBeVisible();
  await expect(page.getByRole("button", { name: "request 0199" })).toBeVisible();
  await page.unroute(/\/workspaces\/[^/]+\/privacy$/);
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByRole("list", { name: "What is kept" })).toBeVisible();
});
