// Does one find the session that blocks another one, and end it?

import type { Page } from "@playwright/test";
import type { Gateway } from "./harness/gateway.ts";
import { goBy, tabTo } from "./harness/keyboard.ts";
import { Psql } from "./harness/psql.ts";
import { settled } from "./harness/settled.ts";
import { WORKSPACE } from "./harness/stage.ts";
import { expect, test } from "./harness/test.ts";

const NAME = "shop_app@shop";

/** One session has locked a row, another one waits for it. */
async function blocked(gateway: Gateway, row: number): Promise<{ holder: Psql; waiter: Psql }> {
  const holder = new Psql({ port: gateway.port, application: "the-holder" });
  holder.send("BEGIN;");
  holder.send(`UPDATE suppliers SET name = name WHERE id = ${row};`);
  holder.send("SELECT 'locked';");
  await holder.hears(/locked/);
  const waiter = new Psql({ port: gateway.port, application: "the-waiter" });
  waiter.send(`UPDATE suppliers SET name = name WHERE id = ${row};`);
  return { holder, waiter };
}

const rowOf = (page: Page, application: string) => page.getByRole("grid", { name: "Sessions" }).getByRole("row", { name: application });

test("who blocks whom is seen; a statement is cancelled, a session terminated, both after a confirmation", async ({ gateway, another }) => {
  const page = await another(await gateway.setUp(), gateway.url);
  const { holder, waiter } = await blocked(gateway, 1);
  try {
    await page.goto(`/w/${WORKSPACE}/sessions`);
    await settled(page, /^Sessions$/);
    await expect(page.getByRole("link", { name: /^Who blocks whom ?1$/ })).toBeVisible({ timeout: 20_000 });
    await page.getByRole("link", { name: /^Who blocks whom/ }).click();
    await expect(page.getByText("blocks 1 session")).toBeVisible();
    await expect(page.getByRole("main")).toContainText(/the-holder[\s\S]*the-waiter/);
    await page.getByRole("link", { name: "Live", exact: true }).click();

    await rowOf(page, "the-waiter").click();
    const sheet = page.getByRole("dialog", { name: NAME });
    await expect(sheet.getByText("Blocked by")).toBeVisible();
    await sheet.getByRole("button", { name: "Cancel statement" }).click();
    const cancel = page.getByRole("dialog", { name: `Cancel the statement of ${NAME} on production?` });
    await expect(cancel).toContainText("57014");
    await expect(cancel.getByRole("button", { name: "Cancel statement on production" })).toBeDisabled();
    await cancel.getByLabel(`Type ${NAME} to go on`).fill(NAME);
    await cancel.getByRole("button", { name: "Cancel statement on production" }).click();
    await expect(cancel).toBeHidden();
    await waiter.hears(/57014/);
    await sheet.getByRole("button", { name: "Close" }).click();

    await rowOf(page, "the-holder").click();
    await sheet.getByRole("button", { name: "Terminate session" }).click();
    const terminate = page.getByRole("dialog", { name: `Terminate the session of ${NAME} on production?` });
    await expect(terminate).toContainText("57P01");
    await terminate.getByLabel("Reason").fill("it held up others");
    await terminate.getByLabel(`Type ${NAME} to go on`).fill(NAME);
    await terminate.getByRole("button", { name: "Terminate session on production" }).click();
    await expect(terminate).toBeHidden();
    holder.send("SELECT 1;");
    await holder.hears(/57P01/);

    await page.goto(`/w/${WORKSPACE}/activity`);
    await expect(page.getByRole("grid", { name: /Activity|Entries/ })).toContainText(NAME);
  } finally {
    await holder.close();
    await waiter.close();
  }
});

test("the same by keyboard alone", async ({ gateway, another }) => {
  const page = await another(await gateway.setUp(), gateway.url);
  const { holder, waiter } = await blocked(gateway, 2);
  try {
    await page.goto(`/w/${WORKSPACE}`);
    await settled(page, /\w/);
    await goBy(page, "g s", /^Sessions$/);
    await page.keyboard.press("/");
    await page.keyboard.type("the-holder");
    await page.keyboard.press("Enter");
    await expect(rowOf(page, "the-waiter")).toHaveCount(0);
    await tabTo(page, rowOf(page, "the-holder"));
    await page.keyboard.press("Enter");
    const sheet = page.getByRole("dialog", { name: NAME });
    await tabTo(page, sheet.getByRole("button", { name: "Terminate session" }));
    await page.keyboard.press("Enter");
    const confirm = page.getByRole("dialog", { name: `Terminate the session of ${NAME} on production?` });
    await expect(confirm.getByLabel(`Type ${NAME} to go on`)).toBeFocused();
    await page.keyboard.type(NAME);
    await page.keyboard.press("Enter");
    await expect(confirm).toBeHidden();
    holder.send("SELECT 1;");
    await holder.hears(/57P01/);
  } finally {
    await holder.close();
    await waiter.close();
  }
});
