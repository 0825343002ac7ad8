// Is a SQL Server connected to, browsed and queried in the console? A double answers for it: none can be had here.

import { replaceText } from "./harness/keyboard.ts";
import { companion, Program } from "./harness/program.ts";
import { settled } from "./harness/settled.ts";
import { WORKSPACE } from "./harness/stage.ts";
import { expect, test } from "./harness/test.ts";

test("a double of SQL Server is connected to, browsed and queried, and what writes is refused", async ({ another }) => {
  const server = new Program([], {}, companion("sqlserver_double"));
  const [, port = "", password = ""] = await server.says(/listens on (\d+), password (\S+)/);
  const page = await another("admin");
  const main = page.getByRole("main");

  await page.goto(`/w/${WORKSPACE}/connections/new`);
  await settled(page, /^New connection$/);
  const form = page.getByRole("form", { name: "New connection" });
  await form.getByText("SQL Server", { exact: true }).click();
  await form.getByLabel("Name").fill("accounting");
  await form.getByLabel("Host").fill("127.0.0.1");
  await form.getByLabel("Port").fill(port);
  await form.getByRole("textbox", { name: /^Database/ }).fill("shop");
  await form.getByLabel("User").fill("reader");
  await form.getByLabel("Password").fill(password);
  await form.getByRole("button", { name: "Test" }).click();
  await expect(form.getByText(/It works: SQL Server/)).toBeVisible();
  await expect(form.getByText(/REVOKE INSERT/), "what the login may do beyond reading, and how that is taken away").toBeVisible();
  await form.getByRole("button", { name: "Save connection" }).click();
  await settled(page, /^accounting/);
  const id = new URL(page.url()).pathname.split("/").at(-1) ?? "";

  await page.goto(`/w/${WORKSPACE}/tables?connection=${id}`);
  await settled(page, /^Tables$/);
  await main.getByRole("button", { name: "Read the schema now" }).click();
  await expect(main.getByText("orders").first()).toBeVisible({ timeout: 20_000 });

  await page.goto(`/w/${WORKSPACE}/sql?connection=${id}`);
  await settled(page, /^SQL$/);
  const editor = page.getByRole("textbox", { name: "Statement" });
  await replaceText(page, editor, "SELECT TOP (10) id, name FROM dbo.orders");
  await page.keyboard.press("Control+Enter");
  await expect(page.getByRole("grid", { name: "Result" })).toContainText("ada");
  await replaceText(page, editor, "DELETE FROM dbo.orders");
  await expect(main.getByRole("status").filter({ hasText: "refused" }).first()).toBeVisible();
  await server.stop();
});
