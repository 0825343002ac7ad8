// Does one see what was signed and what is missing, and have a ledger checked?

import { readFileSync } from "node:fs";
import { itemsOf, textOf, type Json } from "./harness/caller.ts";
import { eventually } from "./harness/eventually.ts";
import { goBy, tabTo } from "./harness/keyboard.ts";
import { looksRight } from "./harness/looks.ts";
import { settled } from "./harness/settled.ts";
import { WORKSPACE } from "./harness/stage.ts";
import { expect, test } from "./harness/test.ts";

const LEDGER = `/api/v1/workspaces/${WORKSPACE}/ledger`;

test("checkpoints follow each other, and an auditor takes one along", async ({ page, admin }) => {
  const found = await eventually("two checkpoints are signed", async () => {
    const items = itemsOf(await admin.get(`${LEDGER}/marks?events=checkpoint&limit=2`));
    return items.length === 2 ? items : undefined;
  });
  const [newest, before] = found.map((one) => one["checkpoint"] as Json);
  expect(textOf(newest ?? {}, "previous")).toBe(textOf(before ?? {}, "digest"));
  await page.goto(`/w/${WORKSPACE}/audit?tab=checkpoints&marks=checkpoints`);
  await settled(page, /^Audit$/);
  await expect(page).toHaveTitle(/\bCheckpoints · Audit · Dragoman$/);
  const grid = page.getByRole("grid", { name: "Checkpoints" });
  await expect(grid.getByRole("row").nth(1)).toContainText("the one before");
  await looksRight(page, "the checkpoints");
  await grid.getByRole("row").nth(1).click();
  await expect(page).toHaveURL(/mark=/);
  const sheet = page.getByRole("dialog", { name: "Checkpoint" });
  await expect(sheet.getByRole("region", { name: "Command" })).toContainText("dragoman ledger verify");
  await looksRight(page, "a checkpoint");
  const download = page.waitForEvent("download");
  await sheet.getByRole("button", { name: "Checkpoint", exact: true }).click();
  const file = await download;
  expect(file.suggestedFilename()).toMatch(/^checkpoint-\d+\.note$/);
  expect(readFileSync((await file.path()) ?? "", "utf8")).toMatch(/^dragoman-ledger\/[\s\S]+\n\n— dragoman-ledger\/\S+ \S+\n$/);
  const key = page.waitForEvent("download");
  await sheet.getByRole("button", { name: "Verifier key" }).click();
  expect(readFileSync((await (await key).path()) ?? "", "utf8")).toMatch(/^dragoman-ledger\/[\w-]+\+[0-9a-f]{8}\+\S+\n$/);
});

test("a checkpoint that does not name the one before is not overlooked", async ({ page }) => {
  await page.route(/\/ledger\/marks/, async (route) => {
    const response = await route.fetch();
    const told = (await response.json()) as { items: { checkpoint?: { digest: string } }[] };
    const second = told.items.filter((one) => one.checkpoint)[1];
    if (second?.checkpoint) {
      second.checkpoint.digest = "0f".repeat(32);
    }
    await route.fulfill({ response, json: told });
  });
  test.setTimeout(120_000);
  // A ledger that has just begun has one every ten seconds, and it takes two.
  await expect(async () => {
    await page.goto(`/w/${WORKSPACE}/audit?tab=checkpoints&marks=checkpoints`);
    await settled(page, /^Audit$/);
    await expect(page.getByText("1 checkpoint does not name the one before.")).toBeVisible({ timeout: 3_000 });
  }).toPass({ timeout: 60_000 });
  await expect(page.getByRole("grid", { name: "Checkpoints" }).getByRole("row", { name: "does not" })).toHaveCount(1);
});

test("a ledger is checked now, and it is told who asked and what was found", async ({ page, admin }) => {
  await page.goto(`/w/${WORKSPACE}/audit?tab=integrity`);
  await settled(page, /^Audit$/);
  await page.getByRole("button", { name: "Verify now" }).click();
  await expect(page.getByText(/asked for a check last/)).toBeVisible();
  await eventually("it was checked", async () => {
    const told = await admin.get(`${LEDGER}/status`);
    const [plane] = told["planes"] as Json[];
    const last = (plane?.["self_check"] as Json)["last"] as Json | undefined;
    return last !== undefined && Date.parse(textOf(last, "ended_at")) >= Date.parse(textOf(told, "asked_at")) ? last : undefined;
  });
  const whole = page.getByRole("region", { name: "How whole it is" });
  await expect(whole.getByText("Integrity: holds")).toBeVisible({ timeout: 20_000 });
  await expect(whole.getByText(/^Checked /)).toBeVisible();
});

test("by keyboard alone: to the checkpoints, into one, and back", async ({ page }) => {
  await page.goto(`/w/${WORKSPACE}`);
  await settled(page, /\w/);
  await goBy(page, "g a", /^Audit$/);
  await tabTo(page, page.getByRole("navigation", { name: "Audit" }).getByRole("link", { name: "Checkpoints" }));
  await page.keyboard.press("Enter");
  const first = page.getByRole("grid", { name: "Checkpoints" }).getByRole("row").nth(1);
  await tabTo(page, first);
  await page.keyboard.press("Enter");
  const sheet = page.getByRole("dialog");
  await expect(sheet.getByText("The record", { exact: true })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(sheet).toBeHidden();
});
