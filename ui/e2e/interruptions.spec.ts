// What becomes of a page when the session ends under it, or the server goes away?

import { Caller } from "./harness/caller.ts";
import { settled } from "./harness/settled.ts";
import { WORKSPACE } from "./harness/stage.ts";
import { expect, test } from "./harness/test.ts";

test("who is signed out signs in over the page and is where they were", async ({ another, complaints, stage }) => {
  const session = await Caller.signIn(stage.demo.url, stage.accounts.editor);
  const page = await another(session);
  const place = `/w/${WORKSPACE}/queries?words=orders`;
  await page.goto(place);
  await settled(page, /^Queries$/);
  await session.ask("DELETE", "/api/v1/session");
  complaints.expect(/\/api\/v1\//, 401);
  await page.getByRole("navigation").getByRole("link", { name: "Saved queries" }).first().click();
  const dialog = page.getByRole("dialog", { name: "Your session has ended" });
  await dialog.getByLabel("Password").fill("this is not it");
  await dialog.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(dialog.getByRole("alert")).toBeVisible();
  await dialog.getByLabel("Password").fill(stage.accounts.editor.password);
  await dialog.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(dialog).toBeHidden();
  await expect(page).toHaveURL(/\/saved-queries$/);
  await expect(page.getByRole("grid").getByRole("row", { name: /Orders by state/ })).toBeVisible();
  await page.goBack();
  await expect(page).toHaveURL(place);
  await expect(page.getByRole("searchbox", { name: /filter|words|search/i }).first()).toHaveValue("orders");
});

test("who comes by a link signs in first and arrives there", async ({ another, complaints, stage }) => {
  complaints.expect(/\/api\/v1\/session$/, 401);
  const page = await another("nobody");
  const place = `/w/${WORKSPACE}/queries/${stage.known.fingerprint}?tab=callers`;
  await page.goto(place);
  await settled(page, /^Sign in$/);
  await page.getByLabel("E-mail").fill(stage.accounts.viewer.email);
  await page.getByLabel("Password").fill(stage.accounts.viewer.password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page).toHaveURL(place);
  await settled(page, /^Query /);
});

test("while the server is away the page keeps what it has and says so; then it goes on", async ({ gateway, another, complaints }) => {
  test.setTimeout(120_000);
  const page = await another(await gateway.setUp(), gateway.url);
  await page.goto(`/w/${WORKSPACE}/sessions`);
  await settled(page, /^Sessions$/);
  await expect(page.getByText("Nobody is connected")).toBeVisible();
  complaints.expectAway();
  await gateway.stop();
  const banner = page.getByRole("status").filter({ hasText: "Dragoman does not answer since" });
  await expect(banner).toBeVisible({ timeout: 15_000 });
  await expect(page.getByText("Nobody is connected")).toBeVisible();
  await page.getByRole("navigation").getByRole("link", { name: "Members" }).first().click();
  await expect(page).toHaveURL(/\/members$/);
  await expect(banner).toBeVisible();
  await gateway.resume();
  // By itself it looks again within half a minute, and may have done so already: then there is nothing to press.
  await page.getByRole("button", { name: "Try now" }).click({ timeout: 5_000 }).catch(() => undefined);
  await expect(banner).toBeHidden({ timeout: 45_000 });
  await expect(page.getByRole("grid", { name: "Members" }).getByRole("row", { name: /first@example.com/ })).toBeVisible();
});
