// Is a schema found, understood, compared and brought in, also one of twenty thousand tables, and by keyboard alone?

import type { Page } from "@playwright/test";
import { readFileSync } from "node:fs";
import { textOf, type Caller } from "./harness/caller.ts";
import { goBy, tabTo } from "./harness/keyboard.ts";
import { looksRight } from "./harness/looks.ts";
import { settled } from "./harness/settled.ts";
import { WORKSPACE } from "./harness/stage.ts";
import { expect, test } from "./harness/test.ts";

const AT = `/api/v1/workspaces/${WORKSPACE}/connections`;
const tree = (page: Page) => page.getByRole("tree", { name: "Schemas and tables" });
const grid = (page: Page, name: string) => page.getByRole("grid", { name });

interface Column {
  name: string;
  type: string;
  [more: string]: unknown;
}
interface Table {
  schema?: string;
  name: string;
  comment?: string;
  columns: Column[];
  [more: string]: unknown;
}

const id: Column = { name: "id", type: "bigint", nullable: false };

/** A connection whose server nobody reaches: its schema comes from files. */
async function paper(admin: Caller, ...files: Table[][]): Promise<string> {
  const made = await admin.post(AT, { name: "paper", kind: "postgres", host: "database.invalid", port: 5432, database: "paper", user: "nobody", options: { refresh_hours: 0 } });
  const connection = textOf(made, "id");
  for (const tables of files) {
    await admin.post(`${AT}/${connection}/schema/upload`, { tables });
  }
  return connection;
}

const OLD: Table[] = [
  { schema: "sales", name: "customers", comment: "who buys", columns: [id, { name: "email", type: "text" }], primary_key: ["id"] },
  { schema: "sales", name: "orders", columns: [id, { name: "customer_id", type: "bigint", references: "customers.id" }, { name: "note", type: "text" }], primary_key: ["id"] },
  { schema: "geo", name: "regions", columns: [id] },
];
const NEW: Table[] = [
  { schema: "sales", name: "customers", comment: "who buys", columns: [id, { name: "email", type: "text", comment: "where bills go" }, { name: "region", type: "text" }], primary_key: ["id"] },
  { schema: "sales", name: "orders", columns: [id, { name: "customer_id", type: "bigint", references: "customers.id" }], primary_key: ["id"] },
  { schema: "sales", name: "invoices", columns: [id] },
];

test("twenty thousand tables: the tree draws and asks only what is in view, and letters lead to a name", async ({ gateway, another }) => {
  test.setTimeout(180_000);
  const admin = await gateway.setUp();
  const name = (index: number) => `table_${String(index).padStart(5, "0")}`;
  await paper(admin, Array.from({ length: 20_000 }, (_, index) => ({ schema: "large", name: name(index), columns: [id] })));
  const page = await another(admin, gateway.url);
  const asked: string[] = [];
  page.on("request", (request) => /\/schema\/(tables|objects)\?/.test(request.url()) && asked.push(request.url()));
  const begun = Date.now();
  await page.goto(`/w/${WORKSPACE}/tables`);
  await expect(tree(page).getByText(name(0))).toBeVisible();
  process.stdout.write(`20,000 tables: the tree stands after ${Date.now() - begun} ms\n`);
  await expect(tree(page).getByRole("treeitem", { name: /^large/ })).toContainText("20,000 objects");
  expect(await tree(page).getByRole("treeitem").count()).toBeLessThan(120);
  await tree(page).getByRole("treeitem", { name: /^large/ }).focus();
  await page.keyboard.press("End");
  await expect(tree(page).getByText(name(19_999))).toBeVisible();
  await expect(tree(page).getByRole("treeitem", { name: new RegExp(name(19_999)) })).toBeFocused();
  await page.keyboard.type("table_123");
  await expect(tree(page).getByRole("treeitem", { name: new RegExp(name(12_300)) })).toBeFocused();
  expect(asked.length, "parts that were asked for").toBeLessThan(30);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: new RegExp(name(12_300)) })).toBeVisible();
  await page.goBack();
  await page.getByRole("searchbox", { name: "Search tables, columns and comments" }).fill("table_19998");
  await expect(grid(page, "Tables found").getByRole("row")).toHaveCount(2);
  await expect(page).toHaveURL(/words=table_19998/);
});

test("the tree keeps what is open in the address, tells kinds apart, and words are found in comments too", async ({ page, stage }) => {
  await page.goto(`/w/${WORKSPACE}/tables?connection=${stage.known.connection}`);
  await expect(tree(page).getByRole("treeitem", { name: /^tables/i })).toBeVisible();
  const orders = tree(page).getByRole("treeitem", { name: /^orders\b/ });
  await expect(orders).toBeVisible();
  await looksRight(page, "the tree");
  await tree(page).getByRole("treeitem", { name: /^tables/i }).click();
  await expect(orders).toHaveCount(0);
  await page.reload();
  await expect(tree(page).getByRole("treeitem", { name: /^tables/i })).toHaveAttribute("aria-expanded", "false");
  await expect(orders).toHaveCount(0);
  await page.getByRole("combobox", { name: "Kinds that are listed" }).click();
  await page.getByRole("option", { name: /^Everything/ }).click();
  await expect(page).toHaveURL(/kinds=all/);
  await expect(tree(page).getByRole("treeitem", { name: /^functions/i })).toBeVisible();
  await page.goto(`/w/${WORKSPACE}/tables?words=nothing+is+called+like+this`);
  await expect(page.getByRole("heading", { name: "No tables, columns or comments match" })).toBeVisible();
  await page.getByRole("button", { name: "Clear filters" }).click();
  await expect(tree(page)).toBeVisible();
});

test("tables are sorted by use, and those nobody used are found", async ({ page, stage, admin }) => {
  await expect
    .poll(async () => ((await admin.get(`${AT}/${stage.known.connection}/schema/tables?order=reads&limit=1`))["items"] as { reads: number }[])[0]?.reads ?? 0, { timeout: 60_000 })
    .toBeGreaterThan(0);
  await page.goto(`/w/${WORKSPACE}/tables?connection=${stage.known.connection}&view=use`);
  const list = grid(page, "Tables by use");
  await expect(list.getByRole("columnheader", { name: "Reads" })).toHaveAttribute("aria-sort", "descending");
  await expect(list.getByRole("row").nth(1)).toContainText(/\d/);
  await list.getByRole("button", { name: "Size" }).click();
  await expect(page).toHaveURL(/sort=size/);
  await page.getByRole("combobox", { name: "Which use" }).click();
  await page.getByRole("option", { name: "Not seen in 30 days" }).click();
  await expect(page).toHaveURL(/unused=30/);
  await expect(page.getByText(/that no statement was seen using for 30 days/)).toBeVisible();
  await expect(page.getByText(/Traffic has been watched for/)).toBeVisible();
  await looksRight(page, "the unused tables");
});

test("a table says which statements use a column, what depends on it, how it is made, and how it was", async ({ page, stage, admin }) => {
  const at = `/w/${WORKSPACE}/tables/${stage.known.connection}/${encodeURIComponent(stage.known.table)}`;
  const usage = `${AT}/${stage.known.connection}/schema/objects/${stage.known.table}/usage`;
  await expect.poll(async () => ((await admin.get(usage))["columns"] as unknown[]).length, { timeout: 60_000 }).toBeGreaterThan(0);
  await page.goto(at);
  await settled(page, /orders/);
  await page.getByRole("button", { name: /show the statements that use/ }).first().click();
  const statements = page.getByRole("dialog");
  await expect(statements.getByRole("list", { name: /^Statements that use/ }).getByRole("listitem").first()).toBeVisible();
  await expect(page).toHaveURL(/column=/);
  await looksRight(page, "the statements of a column");
  await page.keyboard.press("Escape");
  await page.getByRole("link", { name: "Dependents" }).click();
  await expect(grid(page, "What depends on it").getByText("its foreign key points here").first()).toBeVisible();
  await looksRight(page, "dependents");
  await page.getByRole("link", { name: "Definition" }).click();
  await expect(page.getByRole("region", { name: "SQL" })).toContainText(/CREATE TABLE public\.orders \(/);
  await expect(page.getByText("put together from the snapshot")).toBeVisible();
  await looksRight(page, "the definition");
  await page.getByRole("link", { name: "History", exact: true }).click();
  await expect(page.getByRole("list", { name: "History of the object" })).toContainText("there already");
  await looksRight(page, "the history of a table");
  await page.getByRole("link", { name: "Keys and indexes" }).click();
  await expect(grid(page, "Keys")).toContainText("primary key");
});

test("rows are read when somebody asks for them, and not before", async ({ page, stage }) => {
  const runs: string[] = [];
  page.on("request", (request) => request.method() === "POST" && request.url().endsWith("/runs") && runs.push(request.url()));
  await page.goto(`/w/${WORKSPACE}/tables/${stage.known.connection}/${encodeURIComponent(stage.known.table)}?tab=sample`);
  await expect(page.getByText("Nothing was read yet.")).toBeVisible();
  await expect(page.getByText("SELECT * FROM public.orders LIMIT 20")).toBeVisible();
  expect(runs).toEqual([]);
  await page.getByRole("button", { name: /^Show 20 rows, read-only/ }).click();
  await expect(grid(page, "Result").getByRole("columnheader", { name: /customer_id/ })).toBeVisible();
  expect(runs).toHaveLength(1);
  await looksRight(page, "a sample");
});

test.describe("somebody who may only look", () => {
  test.use({ as: "viewer" });
  test("is told which capability a sample and an import need", async ({ page, stage }) => {
    await page.goto(`/w/${WORKSPACE}/tables/${stage.known.connection}/${encodeURIComponent(stage.known.table)}?tab=sample`);
    await expect(page.getByRole("heading", { name: "You may not see rows of the table" })).toBeVisible();
    await expect(page.getByRole("button", { name: /^Show 20 rows/ })).toHaveCount(0);
    await page.goto(`/w/${WORKSPACE}/schema-import`);
    await expect(page.getByRole("heading", { name: /^You may not see this page/ })).toBeVisible();
    await expect(page.getByText("manage_connections")).toBeVisible();
    await page.goto(`/w/${WORKSPACE}/schema-history`);
    await expect(grid(page, "Snapshots")).toBeVisible();
    await expect(page.getByRole("link", { name: "Import" })).toHaveCount(0);
  });
});

test("two snapshots are compared: by severity, by words, side by side, and exported", async ({ gateway, another, complaints }) => {
  const admin = await gateway.setUp();
  const connection = await paper(admin, OLD);
  const page = await another(admin, gateway.url);
  await page.goto(`/w/${WORKSPACE}/schema-history`);
  await expect(page.getByRole("heading", { name: "There is one snapshot so far" })).toBeVisible();
  await admin.post(`${AT}/${connection}/schema/upload`, { tables: NEW });
  await page.reload();
  const changes = grid(page, "Changes of the schema");
  await expect(changes.getByRole("row").nth(1)).toContainText("breaking");
  await expect(changes).toContainText("column `note` of table `sales.orders` was removed");
  await expect(changes).toContainText("table `geo.regions` was removed");
  const severity = page.getByRole("group", { name: "Severity" });
  await severity.getByRole("button", { name: /^safe/ }).click();
  await expect(page).toHaveURL(/severity=safe/);
  await expect(changes).toContainText("table `sales.invoices` was added");
  await expect(changes).not.toContainText("breaking");
  await looksRight(page, "the changes");
  await page.getByRole("searchbox", { name: "Filter the changes" }).fill("there is no such change");
  await expect(page.getByRole("heading", { name: "No changes match" })).toBeVisible();
  await page.getByRole("button", { name: "Clear filters" }).click();
  await changes.getByText("column `note` of table `sales.orders` was removed").click();
  const sheet = page.getByRole("dialog", { name: "sales.orders" });
  await expect(sheet.getByRole("region", { name: "Difference between Before and After" })).toContainText("note text");
  await expect(page).toHaveURL(/object=/);
  await looksRight(page, "both sides");
  await page.keyboard.press("Escape");
  await expect(sheet).toBeHidden();
  await page.getByRole("button", { name: "Export" }).click();
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("menuitem", { name: "As Markdown" }).click()]);
  expect(download.suggestedFilename()).toBe("schema-paper.md");
  expect(readFileSync(await download.path(), "utf8")).toMatch(/## Breaking[\s\S]*- column `note` of table `sales\.orders` was removed[\s\S]*## Safe/);
  await page.getByRole("radio", { name: "Since yesterday" }).click();
  await expect(page).toHaveURL(/since=day/);
  await expect(changes).toContainText("column `note`");
  await page.getByRole("combobox", { name: "Older snapshot" }).click();
  await page.getByRole("option").first().click();
  await expect(page.getByRole("heading", { name: "Both are the same snapshot" })).toBeVisible();
  complaints.expect(/\/schema\/diff\?before=00000000/, 404);
  await page.goto(`/w/${WORKSPACE}/schema-history?before=00000000-0000-7000-8000-000000000000`);
  await expect(page.getByRole("alert")).toContainText("snapshot");
});

test("a file with mistakes leaves nothing behind, says where they are, and comes in once it is mended", async ({ gateway, another, complaints }) => {
  const admin = await gateway.setUp();
  const connection = await paper(admin);
  const page = await another(admin, gateway.url);
  await page.goto(`/w/${WORKSPACE}/tables`);
  await expect(page.getByRole("heading", { name: "The schema was not read yet" })).toBeVisible();
  await page.getByRole("link", { name: "Import a file" }).click();
  await settled(page, /^Import a schema$/);
  const file = page.getByLabel("File with a schema");
  const good = "schema,table,column,type,references\nsales,customers,id,bigint,\nsales,größe,id,bigint,customers.id\n";
  const wrong = good.replace("sales,größe,id,bigint", "sales,größe,id,").concat("sales,,x,text,\n");
  await file.setInputFiles({ name: "shop.csv", mimeType: "text/csv", buffer: Buffer.from(wrong) });
  await expect(page.getByRole("region", { name: "Beginning of the file" }).getByRole("row")).toHaveCount(4);
  complaints.expect(/\/schema\/upload$/, 422);
  const take = page.getByRole("button", { name: "Import as the schema of paper" });
  await take.click();
  const mistakes = page.getByRole("list", { name: "Mistakes in the file" }).getByRole("listitem");
  await expect(mistakes).toHaveCount(2);
  await expect(mistakes.first()).toContainText("Line 3, character 16");
  await expect(mistakes.first()).toContainText("type");
  await expect(mistakes.first()).toContainText("sales,größe,id,‸,customers.id");
  await expect(mistakes.nth(1)).toContainText("Line 4, character 7");
  await looksRight(page, "mistakes of a file");
  expect((await admin.get(`${AT}/${connection}/schema/snapshots`))["items"]).toEqual([]);
  await file.setInputFiles({ name: "shop.csv", mimeType: "text/csv", buffer: Buffer.from(good) });
  await expect(mistakes).toHaveCount(0);
  await take.click();
  await expect(page.getByRole("status").filter({ hasText: "came in" })).toBeVisible();
  await looksRight(page, "an imported file");
  await take.click();
  await expect(page.getByRole("status").filter({ hasText: "nothing changed" })).toBeVisible();
  await page.getByRole("link", { name: "See the tables" }).click();
  await expect(tree(page).getByText("größe")).toBeVisible();
});

test("a file is let fall, an example comes in as it is, and what is too large is not sent", async ({ gateway, another }) => {
  const admin = await gateway.setUp();
  await paper(admin);
  const page = await another(admin, gateway.url);
  await page.goto(`/w/${WORKSPACE}/schema-import`);
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Example as JSON" }).click()]);
  const text = readFileSync(await download.path(), "utf8");
  const data = await page.evaluateHandle((json) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([json], "example.json", { type: "application/json" }));
    return transfer;
  }, text);
  await page.getByRole("group", { name: "File" }).dispatchEvent("drop", { dataTransfer: data });
  await expect(page.getByText("3 objects, 6 columns.")).toBeVisible();
  await page.getByRole("button", { name: "Import as the schema of paper" }).click();
  await expect(page.getByRole("status").filter({ hasText: "came in" })).toBeVisible();
  const large = await page.evaluateHandle(() => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([new Uint8Array(33 * 1024 * 1024)], "large.csv"));
    return transfer;
  });
  await page.getByRole("group", { name: "File" }).dispatchEvent("drop", { dataTransfer: large });
  await expect(page.getByText(/large\.csv has .* are taken/)).toBeVisible();
  await expect(page.getByRole("button", { name: /^Import as/ })).toHaveCount(0);
});

test("by keyboard alone: from the tree to a table and its sides, and to what changed", async ({ page, stage }) => {
  await page.goto(`/w/${WORKSPACE}?connection=${stage.known.connection}`);
  await settled(page, /\w/);
  await goBy(page, "g b", /^Tables$/);
  const first = tree(page).getByRole("treeitem").first();
  await tabTo(page, first);
  await page.keyboard.press("ArrowDown");
  await expect(tree(page).getByRole("treeitem", { name: /^tables/i })).toBeFocused();
  await page.keyboard.type("orders");
  await expect(tree(page).getByRole("treeitem", { name: /^orders\b/ })).toBeFocused();
  await page.keyboard.press("Enter");
  await settled(page, /orders/);
  await tabTo(page, page.getByRole("link", { name: "Dependents" }));
  await page.keyboard.press("Enter");
  await expect(grid(page, "What depends on it")).toBeVisible();
  await goBy(page, "g i", /^Schema history$/);
  await expect(grid(page, "Snapshots")).toBeVisible();
});
