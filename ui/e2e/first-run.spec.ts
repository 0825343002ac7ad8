// Does one get from nothing to the first judged statement with the console alone?

import { FIRST_ADMIN } from "./harness/gateway.ts";
import { psql } from "./harness/psql.ts";
import { settled } from "./harness/settled.ts";
import { expect, test } from "./harness/test.ts";

test("first run: link, admin, connection, first statement seen and judged", async ({ gateway, another, complaints, stage }) => {
  complaints.expect(/\/api\/v1\/session$/, 401);
  const link = await gateway.setUpLink();
  const page = await another("nobody", gateway.url);

  await page.goto(link);
  await settled(page, /^Welcome$/);
  expect(page.url(), "the secret is gone from the address").not.toContain("#");
  await page.getByLabel("Name").fill(FIRST_ADMIN.name);
  await page.getByLabel("E-mail").fill(FIRST_ADMIN.email);
  await page.getByLabel("Password", { exact: true }).fill(FIRST_ADMIN.password);
  await page.getByRole("button", { name: "Become the first admin" }).click();

  await expect(page).toHaveURL(/\/w\/default\/welcome/);
  const form = page.getByRole("form", { name: "New connection" });
  await form.getByLabel("Name").fill("the shop");
  await form.getByLabel("Host").fill("127.0.0.1");
  await form.getByLabel("Port").fill(String(stage.demo.server));
  await form.getByRole("textbox", { name: /^Database/ }).fill("shop");
  await form.getByLabel("User").fill("shop_app");
  await form.getByLabel("Password").fill("not this one");
  await form.getByRole("button", { name: "Test" }).click();
  await expect(form.getByText(/password/i).last()).toBeVisible();
  await form.getByLabel("Password").fill("shop");
  await form.getByRole("button", { name: "Test" }).click();
  await expect(form.getByText(/It works: PostgreSQL 18/)).toBeVisible();
  await form.getByRole("button", { name: "Save connection" }).click();

  await expect(page).toHaveURL(/step=statement/);
  await expect(page.getByText(`port=${gateway.port}`)).toBeVisible();
  await expect(page.getByText("Waiting for the first statement.")).toBeVisible();
  const first = await psql({ port: gateway.port, application: "first" }, "SELECT count(*) FROM suppliers");
  expect(first).toMatchObject({ code: 0, output: "60\n" });
  await expect(page.getByText(/Seen and judged: [1-9]/)).toBeVisible({ timeout: 20_000 });
  await expect(page.getByRole("link", { name: /SELECT count\(\*\) FROM suppliers/i })).toBeVisible({ timeout: 20_000 });
  await page.getByRole("button", { name: "Go on" }).click();
  await expect(page.getByRole("heading", { name: "That is all it takes" })).toBeVisible();
  await page.getByRole("main").getByRole("link", { name: "Home", exact: true }).click();
  await expect(page).toHaveURL(/\/w\/default$/);
  await expect(page.getByRole("grid", { name: "Slowest queries" }).getByRole("link", { name: /suppliers/i })).toBeVisible({ timeout: 20_000 });

  await page.goto(link);
  await page.getByLabel("Name").fill("Second");
  await page.getByLabel("E-mail").fill("second@example.com");
  await page.getByLabel("Password", { exact: true }).fill(FIRST_ADMIN.password);
  complaints.expect(/\/api\/v1\/setup$/, 410);
  complaints.expect(/\/api\/v1\/setup$/, 409);
  complaints.expect(/\/api\/v1\/setup$/, 403);
  await page.getByRole("button", { name: "Become the first admin" }).click();
  await expect(page.getByRole("heading", { name: "This link does not open anything" })).toBeVisible();
});
