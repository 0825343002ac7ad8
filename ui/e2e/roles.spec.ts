// Can a role be made, given and changed by keyboard, and is it told who can do what?

import { readFileSync } from "node:fs";
import { tabTo } from "./harness/keyboard.ts";
import { looksRight } from "./harness/looks.ts";
import { settled } from "./harness/settled.ts";
import { join, WORKSPACE } from "./harness/stage.ts";
import { expect, test } from "./harness/test.ts";

const VERA = { email: "vera@example.com", name: "Vera Viewer", password: "four words for vera" };

test("a role of the workspace's own is made, ticked by keyboard, given, and stays while somebody has it", async ({ gateway, another, complaints }) => {
  const owner = await gateway.setUp();
  await join(owner, VERA, "viewer", (email) => gateway.linksTo(email));
  const page = await another(owner, gateway.url);
  await page.goto(`/w/${WORKSPACE}/members?tab=roles`);
  await settled(page, /^Members$/);
  await page.getByLabel("Name", { exact: true }).fill("auditor");
  await page.getByLabel(/^Whom it is for/).fill("Looks at what was done.");
  await page.keyboard.press("Enter");
  const box = page.getByRole("checkbox", { name: "auditor may view_activity" });
  await expect(box).not.toBeChecked();
  await expect(page.getByRole("checkbox", { name: "auditor may own_workspace" }), "nobody gives that").toHaveCount(0);
  await tabTo(page, box);
  await page.keyboard.press("Space");
  await expect(box).toBeChecked();
  await looksRight(page, "a role that is changed");
  // A look at another tab loses nothing.
  await page.getByRole("link", { name: "Teams" }).click();
  await page.getByRole("link", { name: "Roles" }).click();
  await expect(box).toBeChecked();
  await page.getByRole("button", { name: "Save auditor" }).click();
  await expect(page.getByRole("status").filter({ hasText: "The roles are changed" })).toBeVisible();

  await page.goto(`/w/${WORKSPACE}/members`);
  const row = page.getByRole("grid", { name: "Members" }).getByRole("row", { name: "vera@example.com" });
  await row.getByRole("button", { name: /Change/ }).click();
  const dialog = page.getByRole("dialog", { name: "What Vera Viewer may do" });
  await dialog.getByText("auditor", { exact: true }).click();
  await expect(dialog.getByLabel("What changes")).toContainText("See what people did");
  await dialog.getByRole("button", { name: "Make Vera Viewer auditor" }).click();
  await expect(row).toContainText("auditor");

  complaints.expect(/\/roles\/auditor$/, 409);
  await page.goto(`/w/${WORKSPACE}/members?tab=roles`);
  await page.getByRole("button", { name: "Delete auditor" }).click();
  const deleting = page.getByRole("dialog", { name: "Delete auditor?" });
  await deleting.getByRole("button", { name: "Delete role" }).click();
  await expect(deleting.getByText("`auditor` is the role of Vera Viewer")).toBeVisible();

  await page.goto(`/w/${WORKSPACE}/members`);
  await row.getByRole("button", { name: /Change/ }).click();
  await dialog.getByText("viewer", { exact: true }).click();
  await dialog.getByRole("button", { name: "Make Vera Viewer viewer" }).click();
  await expect(row).not.toContainText("auditor");
  await page.goto(`/w/${WORKSPACE}/members?tab=roles`);
  await page.getByRole("button", { name: "Delete auditor" }).click();
  await deleting.getByRole("button", { name: "Delete role" }).click();
  await expect(deleting).toBeHidden();
  await expect(box).toHaveCount(0);
});

test("who can do what is told and taken along as a table", async ({ page }) => {
  await page.goto(`/w/${WORKSPACE}/members?tab=access`);
  await settled(page, /^Members$/);
  const row = page.getByRole("grid", { name: "Who can do what" }).getByRole("row", { name: "Edda Editor" });
  await expect(row).toContainText("save_queries");
  await looksRight(page, "who can do what");
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "CSV" }).click();
  expect(readFileSync((await (await download).path()) ?? "", "utf8")).toContain("Edda Editor,person,,editor@shop.example,false,false,editor,false,");
  await page.getByRole("checkbox", { name: "Can administer" }).click();
  await expect(row).toHaveCount(0);
  await expect(page.getByRole("button", { name: "Mark as done" }), "a review is of all").toBeDisabled();
  await page.getByRole("checkbox", { name: "Can administer" }).click();
  await page.getByRole("button", { name: "Mark as done" }).click();
  const dialog = page.getByRole("dialog", { name: "Mark the review as done" });
  await dialog.getByLabel("Note").fill("looked at by the test");
  await dialog.getByRole("button", { name: "Mark as done" }).click();
  await expect(page.getByRole("grid", { name: "Reviews" }).getByRole("row", { name: "looked at by the test" })).toBeVisible();
});

test("a service is made, gets a token that is shown once, acts under its own name, and is out when it is deleted", async ({ gateway, another, request }) => {
  const owner = await gateway.setUp();
  const page = await another(owner, gateway.url);
  await page.goto(`/w/${WORKSPACE}/members?tab=machines`);
  await settled(page, /^Members$/);
  await page.getByRole("button", { name: "New service or agent" }).first().click();
  const making = page.getByRole("dialog", { name: "New service or agent" });
  await making.getByLabel("Name").fill("Nightly report");
  await making.getByRole("button", { name: "Make it" }).click();
  const dialog = page.getByRole("dialog", { name: "Nightly report" });
  await dialog.getByLabel("New token").fill("server 1");
  await dialog.getByRole("button", { name: "Make the token" }).click();
  const made = page.getByRole("dialog", { name: "server 1 is made" });
  const token = (await made.getByText(/^dgm_/).textContent()) ?? "";
  // Nothing but the button closes it: it is shown this once.
  await page.keyboard.press("Escape");
  await page.mouse.click(5, 5);
  await expect(made.getByText(`/api/v1/workspaces/${WORKSPACE}`)).toBeVisible();
  await made.getByRole("button", { name: "I have kept it" }).click();
  await looksRight(page, "a service with its token");
  const ask = () => request.get(`${gateway.url}/api/v1/workspaces/${WORKSPACE}`, { headers: { Authorization: `Bearer ${token}` } });
  expect((await (await ask()).json()) as { role: string }).toMatchObject({ role: "viewer" });
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Delete Nightly report" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete", exact: true }).click();
  await expect(page.getByRole("grid", { name: "Services and agents" }).getByRole("row", { name: "Nightly report" })).toHaveCount(0);
  // The row may be gone a moment before its token is.
  await expect.poll(async () => (await ask()).status()).toBe(401);
});
