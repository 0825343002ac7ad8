// Does somebody see how each data plane is, what to do about one that is lost, and how another one is linked?

import type { Page } from "@playwright/test";
import { itemsOf, textOf } from "./harness/caller.ts";
import { goBy, tabTo } from "./harness/keyboard.ts";
import { looksRight } from "./harness/looks.ts";
import { settled } from "./harness/settled.ts";
import { WORKSPACE } from "./harness/stage.ts";
import { expect, test } from "./harness/test.ts";

const FLEET = `/w/${WORKSPACE}/fleet`;
const rows = (page: Page) => page.getByRole("grid", { name: "Data planes" }).getByRole("row");

test("the data plane of this process is well, and opens by keyboard with its listener and its past", async ({ page, admin }) => {
  await page.goto(`/w/${WORKSPACE}`);
  await settled(page, /\w/);
  await goBy(page, "g f", /^Fleet$/);
  const [plane] = itemsOf(await admin.get(`/api/v1/workspaces/${WORKSPACE}/fleet`));
  const name = textOf(plane ?? {}, "name");
  const row = rows(page).filter({ hasText: name }).first();
  await expect(row).toContainText("well");
  await tabTo(page, row);
  await page.keyboard.press("Enter");
  const sheet = page.getByRole("dialog");
  await expect(sheet.getByRole("heading", { level: 2 })).toContainText(name);
  await expect(sheet).toContainText("joined the fleet");
  await expect(sheet).toContainText(textOf(plane ?? {}, "id"));
  await expect(page).toHaveURL(/[?&]plane=/);
  await looksRight(page, "a data plane");
  // The link leads to the same, and Escape back to the list.
  await page.reload();
  await expect(sheet).toContainText("joined the fleet");
  await page.keyboard.press("Escape");
  await expect(sheet).toBeHidden();
  await expect(page).not.toHaveURL(/[?&]plane=/);
});

test("filters are in the address, and nothing left over says so", async ({ page }) => {
  await page.goto(`${FLEET}?state=lost`);
  await settled(page, /^Fleet$/);
  await expect(page.getByRole("heading", { name: "No data planes match" })).toBeVisible();
  await page.getByRole("button", { name: "Clear filters" }).click();
  await expect(rows(page).nth(1)).toBeVisible();
  await page.getByRole("searchbox", { name: "Data plane or listener" }).fill("no such plane");
  await expect(page).toHaveURL(/find=no/);
  await expect(page.getByRole("heading", { name: "No data planes match" })).toBeVisible();
});

test("how one is linked can be copied, and names this control plane", async ({ page, stage }) => {
  await page.goto(FLEET);
  await settled(page, /^Fleet$/);
  await page.getByRole("button", { name: "Link a data plane" }).click();
  const dialog = page.getByRole("dialog", { name: "Link a data plane" });
  await expect(dialog.getByRole("group", { name: "Settings" })).toContainText(`url = "${stage.demo.url}"`);
  await expect(dialog.getByRole("group", { name: "Command" })).toContainText("dragoman serve");
  await looksRight(page, "how a data plane is linked");
});

test.describe("somebody who only looks", () => {
  test.use({ as: "viewer" });

  test("sees the workspace's data planes, and nothing of the instance", async ({ page }) => {
    await page.goto(`${FLEET}?tab=all`);
    await settled(page, /^Fleet$/);
    await expect(rows(page).nth(1)).toBeVisible();
    await expect(page.getByRole("link", { name: "Whole instance" })).toHaveCount(0);
  });
});

test("a failure says what it is, and can be tried again", async ({ page, complaints }) => {
  complaints.expect(/\/fleet$/, 500);
  let isBroken = true;
  await page.route(/\/api\/v1\/workspaces\/[^/]+\/fleet$/, (route) =>
    isBroken
      ? route.fulfill({ status: 500, contentType: "application/problem+json", body: JSON.stringify({ type: "about:blank", title: "Internal Server Error", status: 500, code: "internal", detail: "the fleet is out of sight", hint: "look again later", request_id: "r-1" }) })
      : route.continue(),
  );
  await page.goto(FLEET);
  await expect(page.getByRole("alert")).toContainText("the fleet is out of sight", { timeout: 20_000 });
  isBroken = false;
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(rows(page).nth(1)).toBeVisible();
});

test("a data plane is drained and brought back, each with a reason, and its past says so", async ({ page }) => {
  await page.goto(`${FLEET}?tab=all`);
  await settled(page, /^Fleet$/);
  await rows(page).nth(1).click();
  const sheet = page.getByRole("dialog").filter({ hasText: "What happened to it" });
  await sheet.getByRole("button", { name: "Drain", exact: true }).click();
  const ask = page.getByRole("dialog", { name: /^Drain / });
  await expect(ask).toContainText("Open sessions go on");
  await looksRight(page, "how a data plane is drained");
  await ask.getByLabel("Why").fill("somebody looks how it is done");
  // Longer than the test: its ports stay open.
  await ask.getByLabel("Goes on accepting, in seconds").fill("3600");
  await ask.getByRole("button", { name: "Drain data plane" }).click();
  await expect(ask).toBeHidden();
  await expect(sheet.getByRole("heading", { level: 2 })).toContainText("draining", { timeout: 30_000 });
  await expect(sheet).toContainText("Its ports close in");
  // Nobody takes it for well in the list either.
  await expect(page.locator("main").getByText("1 draining")).toBeVisible();
  await sheet.getByRole("button", { name: "Bring back" }).click();
  const back = page.getByRole("dialog", { name: /^Bring .* back/ });
  await back.getByLabel("Why").fill("it was looked at");
  await back.getByRole("button", { name: "Bring back" }).click();
  await expect(back).toBeHidden();
  await expect(sheet.getByRole("button", { name: "Drain", exact: true })).toBeVisible({ timeout: 30_000 });
  await expect(sheet).toContainText("takes sessions again");
});

test("a rolling restart names the data planes that are left out, with the reason", async ({ page }) => {
  await page.goto(FLEET);
  await settled(page, /^Fleet$/);
  await page.getByRole("button", { name: "Rolling restart" }).click();
  const dialog = page.getByRole("dialog", { name: "Rolling restart" });
  await expect(dialog.getByRole("region", { name: "Left out" })).toContainText("the control plane runs in the same process");
  await expect(dialog.getByRole("button", { name: "Restart 0 data planes" })).toBeDisabled();
  await looksRight(page, "a rolling restart");
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
});

test("a rolling restart shows each data plane as it goes, and can be cancelled", async ({ page }) => {
  const step = (plane: string, standing: string, more = {}) => ({ plane, name: plane, standing, why: "", version_before: "0.1.0", ...more });
  let isCancelled = false;
  const restart = () => ({
    id: "019a9d2b-0000-7000-8000-000000000001",
    reason: "a new version",
    standing: isCancelled ? "cancelled" : "running",
    step_seconds: 240,
    steps: [
      step("gate-1", "back", { version_after: "0.2.0" }),
      step("gate-2", "restarting", { why: "its new process is taking over" }),
      step("gate-3", isCancelled ? "left" : "waiting"),
      step("gate-4", "skipped", { why: "it is not connected" }),
    ],
    asked_by: { id: "019a9d2b-0000-7000-8000-000000000002", name: "Ada" },
    asked_at: "2026-01-01T00:00:00Z",
    version: 3,
  });
  await page.route(/\/api\/v1\/plane-restarts$/, (route) => route.fulfill({ json: { items: [restart()] } }));
  await page.route(/\/plane-restarts\/.*\/cancel$/, (route) => {
    isCancelled = true;
    return route.fulfill({ json: restart() });
  });
  await page.goto(FLEET);
  await settled(page, /^Fleet$/);
  await page.getByRole("button", { name: "Rolling restart" }).click();
  const dialog = page.getByRole("dialog", { name: "Rolling restart" });
  const steps = dialog.getByRole("list", { name: "Data planes" }).getByRole("listitem");
  await expect(steps.nth(0)).toContainText("back0.1.0 → 0.2.0");
  await expect(steps.nth(1)).toContainText("its new process is taking over");
  await expect(steps.nth(2)).toContainText("waiting");
  await expect(steps.nth(3)).toContainText("it is not connected");
  await looksRight(page, "a rolling restart under way");
  await dialog.getByRole("button", { name: "Cancel the rest" }).click();
  await expect(dialog.getByRole("status")).toContainText("cancelled");
  await expect(steps.nth(2)).toContainText("left as it was");
  await dialog.getByRole("button", { name: "Another restart" }).click();
  await expect(dialog.getByRole("region", { name: "Left out" })).toBeVisible();
});
