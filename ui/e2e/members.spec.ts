// Does somebody who was invited come in, and may they do what their role says, no more?

import { Psql } from "./harness/psql.ts";
import { eventually } from "./harness/eventually.ts";
import { settled } from "./harness/settled.ts";
import { WORKSPACE } from "./harness/stage.ts";
import { expect, test } from "./harness/test.ts";

test("a viewer is invited by mail, joins, and cannot do what viewers may not", async ({ gateway, another, complaints }) => {
  const email = "vera@example.com";
  const owner = await another(await gateway.setUp(), gateway.url);
  await owner.goto(`/w/${WORKSPACE}/members?tab=invitations`);
  await settled(owner, /^Members$/);
  await owner.getByLabel("E-mail").fill(email);
  await owner.getByRole("button", { name: "Send invitation" }).click();
  await expect(owner.getByRole("grid", { name: "Invitations" }).getByRole("row", { name: email })).toContainText("open");
  const link = await eventually("the mail is there", async () => gateway.linksTo(email)[0]);

  complaints.expect(/\/api\/v1\/session$/, 401);
  const viewer = await another("nobody", gateway.url);
  await viewer.goto(link);
  await settled(viewer, /^Join /);
  expect(viewer.url(), "the secret is gone from the address").not.toContain("#");
  await expect(viewer.getByLabel("E-mail")).toHaveValue(email);
  await viewer.getByLabel("Name").fill("Vera Viewer");
  await viewer.getByLabel("Password", { exact: true }).fill("four words for vera");
  await viewer.getByRole("button", { name: "Make the account and join" }).click();
  await expect(viewer).toHaveURL(/\/w\/default$/);
  await settled(viewer, /\w/);
  await expect(viewer.getByRole("navigation").getByRole("link", { name: "Traffic" }).first()).toBeVisible();
  await expect(viewer.getByRole("navigation").getByRole("link", { name: "Audit" })).toHaveCount(0);

  await viewer.goto(`/w/${WORKSPACE}/audit`);
  await expect(viewer.getByRole("heading", { name: "You may not see the ledger" })).toBeVisible();
  await expect(viewer.getByText("view_ledger")).toBeVisible();

  const client = new Psql({ port: gateway.port, application: "seen-by-both" });
  try {
    client.send("SELECT 1;");
    await client.hears(/1/);
    for (const [page, buttons] of [
      [viewer, 0],
      [owner, 1],
    ] as const) {
      await page.goto(`/w/${WORKSPACE}/sessions`);
      await page.getByRole("grid", { name: "Sessions" }).getByRole("row", { name: "seen-by-both" }).click();
      const sheet = page.getByRole("dialog", { name: "shop_app@shop" });
      await expect(sheet.getByText("Session id")).toBeVisible();
      await expect(sheet.getByRole("button", { name: "Terminate session" })).toHaveCount(buttons);
    }
  } finally {
    await client.close();
  }

  await owner.goto(`/w/${WORKSPACE}/members`);
  await expect(owner.getByRole("grid", { name: "Members" }).getByRole("row", { name: email })).toContainText("viewer");
});
