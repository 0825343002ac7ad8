// Does the diagram show how tables hang together, also thousands of them, and can it be kept and taken along?

import type { Locator, Page } from "@playwright/test";
import { readFileSync } from "node:fs";
import { textOf, type Caller } from "./harness/caller.ts";
import { eventually } from "./harness/eventually.ts";
import { goBy, tabTo } from "./harness/keyboard.ts";
import { looksRight } from "./harness/looks.ts";
import { settled } from "./harness/settled.ts";
import { WORKSPACE, type Known } from "./harness/stage.ts";
import { expect, test } from "./harness/test.ts";

const AT = `/api/v1/workspaces/${WORKSPACE}`;
const DIAGRAM = `/w/${WORKSPACE}/diagram`;

const box = (page: Page, name: string): Locator => page.getByRole("button", { name: new RegExp(`^(?:\\w+\\.)?${name}, `) });
const aroundOrders = (known: Known): string => `${DIAGRAM}?connection=${known.connection}&table=${encodeURIComponent(known.table)}`;

interface Look {
  x: number;
  y: number;
  scale: number;
}

/** How the picture is moved and enlarged. */
const looked = (page: Page): Promise<Look> =>
  page.locator(".react-flow__viewport").evaluate((element) => {
    const { a, e, f } = new DOMMatrix(getComputedStyle(element).transform);
    return { x: e, y: f, scale: a };
  });
const scaleOf = async (page: Page): Promise<number> => (await looked(page)).scale;

/** Where a table stands in the picture, however that is moved. */
const placeOf = (one: Locator): Promise<number[]> =>
  one.evaluate((element) => {
    const { e, f } = new DOMMatrix(getComputedStyle(element.closest(".react-flow__node") ?? element).transform);
    return [Math.round(e), Math.round(f)];
  });

/** The middle of what is seen of something, and its corners. */
async function frameOf(one: Locator): Promise<{ left: number; top: number; right: number; bottom: number; x: number; y: number }> {
  const { x, y, width, height } = (await one.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  return { left: x, top: y, right: x + width, bottom: y + height, x: x + width / 2, y: y + height / 2 };
}

async function drag(page: Page, from: { x: number; y: number }, by: { x: number; y: number }): Promise<void> {
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move(from.x + by.x, from.y + by.y, { steps: 6 });
  await page.mouse.up();
}

/** The picture stands: its boxes are where they belong. */
async function drawn(page: Page, first: string): Promise<void> {
  await settled(page, /^Diagram$/);
  await expect(box(page, first)).toBeVisible({ timeout: 20_000 });
}

/** The demo's clients have joined tickets with orders by now, and it was looked at. */
async function joinsAreSeen(admin: Caller, known: Known): Promise<void> {
  await eventually("the join that no key declares was seen", async () => {
    const { joins } = await admin.get(`${AT}/connections/${known.connection}/schema/joins`);
    return (joins as { is_declared: boolean; from: { table: string }; to: { table: string } }[]).find((join) => !join.is_declared && [join.from.table, join.to.table].includes("support_tickets"));
  });
}

test("around orders stand what it declares and what only statements join", async ({ page, admin, stage }) => {
  await joinsAreSeen(admin, stage.known);
  await page.goto(aroundOrders(stage.known));
  await drawn(page, "orders");
  for (const name of ["customers", "order_items", "payments", "support_tickets"]) {
    await expect(box(page, name)).toBeVisible();
  }
  await expect(box(page, "warehouses")).toHaveCount(0);
  // Drawn apart: tickets name the order's number, which no key declares.
  await expect(page.locator('[data-line="seen"]')).not.toHaveCount(0);
  await expect(page.locator('[data-line="declared"]')).not.toHaveCount(0);
  await expect(page.locator('[data-line="seen"] title').filter({ hasText: "support_tickets.order_number" })).toHaveCount(1);
  // One hop more, one table less; and the list says it in words.
  await page.getByRole("radio", { name: "2 hops" }).click();
  await expect(box(page, "warehouses")).toBeVisible();
  await expect(page).toHaveURL(/hops=2/);
  await box(page, "payments").click();
  await page.getByRole("button", { name: "Hide", exact: true }).click();
  await expect(box(page, "payments")).toHaveCount(0);
  await page.getByRole("button", { name: "1 hidden table" }).click();
  await page.getByRole("menuitem", { name: "Show all of them" }).click();
  await expect(box(page, "payments")).toBeVisible();
  await page.getByRole("radio", { name: "List" }).click();
  const tickets = page.getByRole("grid", { name: "Relations" }).getByRole("row").filter({ hasText: "order_number" });
  await expect(tickets).toContainText("none declares it");
});

test("by keyboard alone: arrows go from table to table, Enter opens, space makes it the middle", async ({ page, stage }) => {
  await page.goto(`/w/${WORKSPACE}`);
  await settled(page, /\w/);
  await goBy(page, "g d", /^Diagram$/);
  await expect(page.getByRole("combobox", { name: "Go to a table" })).toBeVisible();
  await page.keyboard.press("/");
  await expect(page.getByRole("combobox", { name: "Go to a table" })).toBeFocused();
  await page.keyboard.type("payments");
  await expect(page.getByRole("option", { name: /payments/ }).first()).toBeVisible();
  await page.keyboard.press("Enter");
  await drawn(page, "payments");
  await tabTo(page, box(page, "payments"));
  await page.keyboard.press("ArrowRight");
  await expect(box(page, "orders")).toBeFocused();
  await page.keyboard.press("ArrowLeft");
  await expect(box(page, "payments")).toBeFocused();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press(" ");
  await expect(box(page, "customers")).toBeVisible();
  const before = await scaleOf(page);
  await page.keyboard.press("+");
  await expect.poll(() => scaleOf(page)).toBeGreaterThan(before);
  await page.keyboard.press("0");
  await tabTo(page, box(page, "orders"));
  await page.keyboard.press("Enter");
  await settled(page, /orders/);
  await expect(page).toHaveURL(new RegExp(`/tables/${stage.known.connection}/`));
});

/** The viewpoint that is open, as the server keeps it. */
async function keptOf(admin: Caller, page: Page): Promise<{ version: number; places: Record<string, number[]> }> {
  const id = new URL(page.url()).searchParams.get("viewpoint") ?? "";
  const { said } = await admin.versioned(`${AT}/viewpoints/${id}`);
  const { tables } = said["picture"] as { tables: { key: string; x: number; y: number }[] };
  return { version: (said["viewpoint"] as { version: number }).version, places: Object.fromEntries(tables.map(({ key, x, y }) => [key, [x, y]])) };
}

test("a picture is kept, found by others, changed, and deleted", async ({ page, another, stage, admin }) => {
  const name = `Orders and money ${Date.now()}`;
  await page.goto(aroundOrders(stage.known));
  await drawn(page, "orders");
  await box(page, "shipments").click();
  await page.getByRole("button", { name: "Hide", exact: true }).click();
  await expect(box(page, "shipments")).toHaveCount(0);
  await page.getByRole("button", { name: "Viewpoints" }).click();
  await page.getByRole("menuitem", { name: "Save what is shown…" }).click();
  await page.getByRole("textbox", { name: "Name" }).fill(name);
  await page.getByRole("button", { name: "Save viewpoint" }).click();
  await expect(page).toHaveURL(/viewpoint=/);
  await drawn(page, "orders");
  await expect(box(page, "shipments")).toHaveCount(0);
  // Somebody who only looks opens it by its link.
  const viewer = await another("viewer");
  await viewer.goto(page.url());
  await drawn(viewer, "orders");
  await expect(box(viewer, "shipments")).toHaveCount(0);
  await expect(viewer.getByRole("button", { name })).toBeVisible();
  // A table that was dragged is where it was left, after the change is saved.
  const before = await placeOf(box(page, "customers"));
  await drag(page, await frameOf(box(page, "customers")), { x: 70, y: 62 });
  await expect.poll(() => placeOf(box(page, "customers"))).not.toEqual(before);
  const left = await placeOf(box(page, "customers"));
  await page.getByRole("button", { name: "Save changes" }).click();
  await expect(page.getByRole("button", { name: "Save changes" })).toHaveCount(0);
  const { version } = await keptOf(admin, page);
  expect(version).toBe(2);
  await page.reload();
  await drawn(page, "orders");
  expect(await placeOf(box(page, "customers"))).toEqual(left);
  await page.getByRole("button", { name }).click();
  await page.getByRole("menuitem", { name: "Rename…" }).click();
  await page.getByRole("textbox", { name: "Name" }).fill(`${name}, renamed`);
  await page.getByRole("button", { name: "Rename" }).click();
  await expect(page.getByRole("button", { name: `${name}, renamed` })).toBeVisible();
  await page.getByRole("button", { name: `${name}, renamed` }).click();
  await page.getByRole("menuitem", { name: "Delete…" }).click();
  await page.getByRole("button", { name: "Delete viewpoint" }).click();
  await expect(page).not.toHaveURL(/viewpoint=/);
  await drawn(page, "orders");
});

test("a viewpoint stays whole when a part of it is looked at and changed", async ({ page, stage, admin }) => {
  await page.goto(aroundOrders(stage.known));
  await drawn(page, "orders");
  await page.getByRole("button", { name: "Viewpoints" }).click();
  await page.getByRole("menuitem", { name: "Save what is shown…" }).click();
  await page.getByRole("textbox", { name: "Name" }).fill(`Whole ${Date.now()}`);
  await page.getByRole("button", { name: "Save viewpoint" }).click();
  await expect(page).toHaveURL(/viewpoint=/);
  const whole = await keptOf(admin, page);
  const at = page.url();
  await page.goto(`${at}&words=order_items`);
  await drawn(page, "order_items");
  await expect(box(page, "customers")).toHaveCount(0);
  await drag(page, await frameOf(box(page, "order_items")), { x: 60, y: 40 });
  await page.getByRole("button", { name: "Save changes" }).click();
  await expect(page.getByRole("button", { name: "Save changes" })).toHaveCount(0);
  const after = await keptOf(admin, page);
  expect(Object.keys(after.places).sort()).toEqual(Object.keys(whole.places).sort());
  const changed = Object.keys(after.places).filter((key) => String(after.places[key]) !== String(whole.places[key]));
  expect(changed).toEqual([await box(page, "order_items").getAttribute("data-box")]);
  await page.goto(at);
  await drawn(page, "customers");
  expect(await placeOf(box(page, "customers"))).toEqual(whole.places[(await box(page, "customers").getAttribute("data-box")) ?? ""]);
});

test("with the mouse: the picture is pushed along, enlarged by the wheel, and moved on the small map", async ({ page, stage }) => {
  await page.goto(aroundOrders(stage.known));
  await drawn(page, "orders");
  const frame = await frameOf(page.locator(".react-flow"));
  const corner = { x: frame.right - 12, y: frame.top + 12 };
  const begun = await looked(page);
  await drag(page, corner, { x: -120, y: 45 });
  await expect.poll(() => looked(page)).toEqual({ x: begun.x - 120, y: begun.y + 45, scale: begun.scale });
  // What is beneath the pointer stays there while all around it grows.
  const orders = await frameOf(box(page, "orders"));
  await page.mouse.move(orders.left, orders.top);
  await page.mouse.wheel(0, -240);
  await expect.poll(() => scaleOf(page)).toBeGreaterThan(begun.scale * 1.1);
  const nearer = await frameOf(box(page, "orders"));
  expect(Math.abs(nearer.left - orders.left) + Math.abs(nearer.top - orders.top), "how far the corner has gone").toBeLessThan(4);
  await page.mouse.wheel(0, 480);
  await expect.poll(() => scaleOf(page)).toBeLessThan(begun.scale);
  const map = page.getByRole("img", { name: "Small map of the picture" });
  await expect(map.locator(".react-flow__minimap-node")).toHaveCount(await page.locator(".react-flow__node").count());
  const before = await looked(page);
  await drag(page, await frameOf(map), { x: 25, y: 10 });
  await expect.poll(async () => (await looked(page)).x).toBeLessThan(before.x);
  await expect.poll(async () => (await looked(page)).y).toBeLessThan(before.y);
  const moved = await scaleOf(page);
  const { x, y } = await frameOf(map);
  await page.mouse.move(x, y);
  await page.mouse.wheel(0, -240);
  await expect.poll(() => scaleOf(page)).toBeGreaterThan(moved);
  await page.getByRole("button", { name: "See all", exact: true }).click();
  await expect(box(page, "customers")).toBeInViewport({ ratio: 0.95 });
});

test("the picture goes along as SVG and as PNG", async ({ page, stage }) => {
  await page.goto(aroundOrders(stage.known));
  await drawn(page, "orders");
  const download = async (item: RegExp): Promise<Buffer> => {
    const coming = page.waitForEvent("download");
    await page.getByRole("button", { name: "Export" }).click();
    await page.getByRole("menuitem", { name: item }).click();
    return readFileSync(await (await coming).path());
  };
  const svg = (await download(/^SVG/)).toString("utf8");
  const read = await page.evaluate((text) => {
    const document = new DOMParser().parseFromString(text, "image/svg+xml");
    return { broken: document.querySelector("parsererror") !== null, root: document.documentElement.nodeName, texts: [...document.querySelectorAll("text")].map((element) => element.textContent) };
  }, svg);
  expect(read).toMatchObject({ broken: false, root: "svg" });
  expect(read.texts).toContain("public.orders");
  const png = await download(/^PNG/);
  expect([...png.subarray(0, 8)]).toEqual([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  expect(png.readUInt32BE(16), "its width").toBeGreaterThan(600);
});

const TABLES = 3_000;

/** A schema as large ones are: modules, each with a hub, and some tables that everything refers to. */
function largeSchema(): Record<string, unknown> {
  const column = (name: string, references?: string) => ({ name, type: "bigint", ...(references === undefined ? {} : { references }) });
  const tables = Array.from({ length: TABLES }, (_, number) => {
    const module = number % 40;
    const hub = `module_${module}_hub`;
    const name = number < 40 ? hub : `module_${module}_table_${number}`;
    const refers = number < 40 ? [] : [column("hub_id", `part_${module % 8}.${hub}.id`), ...(number % 5 === 0 ? [column("owner_id", "part_0.module_0_hub.id")] : [])];
    return { schema: `part_${module % 8}`, name, columns: [column("id"), ...refers, ...["name", "state", "total", "created_at"].map((one) => column(one))], primary_key: ["id"] };
  });
  return { tables };
}

/** A large picture is moved by the mouse as a small one is. */
async function handled(page: Page): Promise<void> {
  const hub = box(page, "module_0_hub");
  const before = await placeOf(hub);
  await drag(page, await frameOf(hub), { x: 40, y: 30 });
  await expect.poll(() => placeOf(hub)).not.toEqual(before);
  const frame = await frameOf(page.locator(".react-flow"));
  const begun = await looked(page);
  await drag(page, { x: frame.left + 3, y: frame.top + 3 }, { x: 80, y: 50 });
  await expect.poll(() => looked(page)).toEqual({ x: begun.x + 80, y: begun.y + 50, scale: begun.scale });
  await page.mouse.move(frame.x, frame.y);
  await page.mouse.wheel(0, -480);
  await expect.poll(() => scaleOf(page)).toBeGreaterThan(begun.scale * 1.2);
}

/** The list of what is drawn, down to its last line. */
async function scrolled(page: Page): Promise<void> {
  await page.getByRole("radio", { name: "List" }).click();
  const list = page.getByRole("grid", { name: "Relations" });
  const rows = Number(await list.getAttribute("aria-rowcount"));
  expect(rows).toBeGreaterThan(250);
  await list.evaluate((element) => element.scrollTo(0, element.scrollHeight));
  await expect(list.locator(`[aria-rowindex="${rows}"]`)).toBeVisible();
  await page.getByRole("radio", { name: "Picture" }).click();
}

test("three thousand tables: groups, search, the one that everything refers to", async ({ page, admin }) => {
  test.setTimeout(180_000);
  const made = await admin.post(`${AT}/connections`, { name: `large ${Date.now()}`, kind: "postgres", host: "127.0.0.1", port: 1, database: "large", user: "nobody", options: { refresh_hours: 0 } });
  const connection = textOf(made, "id");
  try {
    await admin.post(`${AT}/connections/${connection}/schema/upload`, largeSchema());
    const timed = async (what: string, work: () => Promise<void>): Promise<void> => {
      const begun = Date.now();
      await work();
      const laidOut = await page.locator("[data-laid-out]").getAttribute("data-laid-out");
      console.log(`${TABLES} tables, ${what}: ${Date.now() - begun} ms, of which layout took ${laidOut} ms`);
    };
    await timed("first sight", async () => {
      await page.goto(`${DIAGRAM}?connection=${connection}`);
      await drawn(page, "module_0_hub");
    });
    await expect(page.getByText(/more tables would belong here/)).toBeVisible();
    await timed("all by groups", async () => {
      await page.getByRole("radio", { name: "All, by groups" }).click();
      await expect(page.getByRole("button", { name: /^part_0, 375 tables/ })).toBeVisible();
    });
    await timed("zoom to names", async () => {
      for (let step = 0; step < 6; step += 1) {
        await page.keyboard.press("+");
      }
      await expect(page.getByRole("list", { name: /^Tables of / }).first()).toBeVisible();
    });
    await timed("search and jump", async () => {
      await page.keyboard.press("/");
      await page.keyboard.type("table_2977");
      await page.keyboard.press("Enter");
      await expect(box(page, "module_17_table_2977")).toBeVisible();
    });
    await expect(page.getByRole("group", { name: /^2 of 3,000 tables, 1 relation/ })).toBeVisible();
    await timed("a group of 375", async () => {
      await page.getByRole("radio", { name: "All, by groups" }).click();
      await page.getByRole("button", { name: /^part_0, / }).click();
      await page.getByRole("button", { name: "Open the group" }).click();
      await expect(page.getByRole("group", { name: /^300 of 3,000 tables/ })).toBeVisible();
      await expect(box(page, "module_0_hub")).toBeVisible();
    });
    await timed("a table is dragged, the picture is pushed and enlarged", () => handled(page));
    await timed("the list scrolls to its end", () => scrolled(page));
    await page.getByRole("searchbox", { name: /Only tables with this/ }).fill("table_2977");
    await expect(page.getByText("No tables match")).toBeVisible();
    await page.getByRole("button", { name: "Clear filters" }).click();
    await expect(box(page, "module_0_hub")).toBeVisible();
  } finally {
    const { etag } = await admin.versioned(`${AT}/connections/${connection}`);
    await admin.ask("DELETE", `${AT}/connections/${connection}`, undefined, { "if-match": etag });
  }
});

for (const [what, search] of [
  ["the groups", "view=all&by=prefix"],
  ["the list", "as=list"],
  ["a table that is chosen", "detail=columns"],
] as const) {
  test(`${what} can be used by everybody, on every width`, async ({ page, stage }) => {
    await page.goto(`${aroundOrders(stage.known)}&${search}`);
    await settled(page, /^Diagram$/);
    if (search.startsWith("detail")) {
      await drawn(page, "orders");
      await box(page, "orders").click();
      await expect(page.getByRole("link", { name: "Open table" })).toBeVisible();
    }
    await looksRight(page, what);
  });
}
