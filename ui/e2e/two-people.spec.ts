// What happens when two people write on one rule set?

import type { Page } from "@playwright/test";
import { textOf, type Caller } from "./harness/caller.ts";
import { replaceText } from "./harness/keyboard.ts";
import { settled } from "./harness/settled.ts";
import { WORKSPACE } from "./harness/stage.ts";
import { expect, test } from "./harness/test.ts";

const ruleOf = (name: string) => `[[rule]]\nname = "${name}"\nwhen = { class = ["ddl"] }\ndecision = "refuse"\n`;

async function ruleSet(admin: Caller, name: string): Promise<string> {
  const made = await admin.post(`/api/v1/workspaces/${WORKSPACE}/rule-sets`, { name });
  return `/w/${WORKSPACE}/rule-sets/${textOf(made, "id")}`;
}

const editor = (page: Page) => page.getByRole("textbox", { name: "Rules" });

async function write(page: Page, text: string): Promise<void> {
  await replaceText(page, editor(page), text);
  await expect(editor(page)).toContainText(text.split("\n")[1] ?? "");
}

const save = (page: Page) => page.getByRole("button", { name: "Save draft" }).click();

test("the second is told, sees the difference, and loses nothing", async ({ page, another, admin, complaints }) => {
  const place = await ruleSet(admin, "two-people");
  const second = await another("editor");
  for (const one of [page, second]) {
    await one.goto(place);
    await settled(one, /^two-people/);
    await expect(editor(one)).toBeVisible();
  }
  await write(page, ruleOf("mine-first"));
  await write(second, ruleOf("theirs-later"));
  await save(page);
  await expect(page.getByRole("status").filter({ hasText: /^draft saved$/ })).toBeVisible();
  complaints.expect(/\/draft$/, 412);
  await save(second);

  const told = second.getByRole("alert", { name: "Somebody else saved this draft" });
  await expect(told).toBeVisible();
  const difference = told.getByRole("region", { name: "Difference between Theirs, saved and Mine, not saved" });
  await expect(difference).toContainText("mine-first");
  await expect(difference).toContainText("theirs-later");
  await expect(editor(second)).toContainText("theirs-later");

  await told.getByRole("button", { name: "Keep mine, replace theirs" }).click();
  await expect(told).toBeHidden();
  await page.reload();
  await expect(editor(page)).toContainText("theirs-later");
});

test("theirs can be taken, and one's own brought back", async ({ page, another, admin, complaints }) => {
  const place = await ruleSet(admin, "two-others");
  const second = await another("editor");
  for (const one of [page, second]) {
    await one.goto(place);
    await expect(editor(one)).toBeVisible();
  }
  await write(page, ruleOf("saved-first"));
  await save(page);
  await expect(page.getByRole("status").filter({ hasText: /^draft saved$/ })).toBeVisible();
  await write(second, ruleOf("came-later"));
  complaints.expect(/\/draft$/, 412);
  await save(second);
  await second.getByRole("button", { name: "Take theirs" }).click();
  await expect(editor(second)).toContainText("saved-first");
  await second.getByRole("button", { name: "Bring mine back" }).click();
  await expect(editor(second)).toContainText("came-later");
});
