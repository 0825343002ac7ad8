// Do the diagram, the schema history, notifications and the import say what they are when nothing is there yet, when somebody
// may not, and when it fails?

import type { Page } from "@playwright/test";
import { textOf } from "./harness/caller.ts";
import { looksRight } from "./harness/looks.ts";
import { settled } from "./harness/settled.ts";
import { WORKSPACE } from "./harness/stage.ts";
import { expect, test } from "./harness/test.ts";

const AT = `/api/v1/workspaces/${WORKSPACE}`;
const inside = (rest: string): string => `/w/${WORKSPACE}/${rest}`;

async function says(page: Page, place: string, heading: string): Promise<void> {
  await page.goto(inside(place));
  await expect(page.getByRole("heading", { level: 2, name: heading })).toBeVisible({ timeout: 20_000 });
}

test("before anything is there, each page says what will be and how it comes", async ({ gateway, another }) => {
  const admin = await gateway.setUp();
  const page = await another(admin, gateway.url);
  await says(page, "notifications", "Nothing to tell yet");
  await looksRight(page, "no notifications");
  await says(page, "diagram", "No database is connected yet");
  await looksRight(page, "no connection");
  await says(page, "schema-history", "No database is connected yet");
  await says(page, "schema-import", "There is no connection yet");
  await page.getByRole("main").getByRole("link", { name: "New connection" }).click();
  await settled(page, /^New connection$/);
  const made = await admin.post(`${AT}/connections`, { name: "paper", kind: "postgres", host: "database.invalid", port: 5432, database: "paper", user: "nobody", options: { refresh_hours: 0 } });
  await says(page, "diagram", "The schema was not read yet");
  await expect(page.getByRole("main").getByRole("button", { name: "Read the schema now" })).toBeEnabled();
  await says(page, "schema-history", "The schema was not read yet");
  await looksRight(page, "no snapshot");
  await admin.post(`${AT}/connections/${textOf(made, "id")}/schema/upload`, { tables: [{ schema: "public", name: "alone", columns: [{ name: "id", type: "bigint" }] }] });
  await page.goto(inside("diagram?as=list"));
  await expect(page.getByRole("heading", { name: "Nothing leads from one of these tables to another" })).toBeVisible();
  await says(page, "schema-history", "There is one snapshot so far");
});

/** What is asked for is answered by a failure, until the test says that it works again. */
async function broken(page: Page, path: RegExp): Promise<() => void> {
  let isBroken = true;
  const problem = { type: "about:blank", title: "Internal Server Error", status: 500, code: "internal", detail: "the state cannot be read", hint: "look again later", request_id: "0197" };
  await page.route(path, (route) => (isBroken ? route.fulfill({ status: 500, contentType: "application/problem+json", body: JSON.stringify(problem) }) : route.continue()));
  return () => {
    isBroken = false;
  };
}

for (const [place, what, path, back] of [
  ["diagram", "connections", /\/connections(\?|$)/, "button"],
  ["diagram", "the schema", /\/schema\/graph$/, "button"],
  ["schema-history", "connections", /\/connections(\?|$)/, "grid"],
  ["schema-history", "snapshots", /\/schema\/snapshots(\?|$)/, "grid"],
  ["schema-import", "connections", /\/connections(\?|$)/, "group"],
  ["notifications", "notifications", /\/workspaces\/[^/]+\/notifications(\?|$)/, "grid"],
] as const) {
  test(`${place} says that ${what} could not be loaded and what to tell, and tries again`, async ({ page, complaints }) => {
    complaints.expect(path, 500);
    const mended = await broken(page, path);
    await page.goto(inside(place));
    const failed = page.getByRole("main").getByRole("alert");
    await expect(failed).toContainText("the state cannot be read", { timeout: 20_000 });
    await expect(failed).toContainText("look again later");
    await expect(failed.getByRole("button", { name: "request 0197" })).toBeVisible();
    await looksRight(page, `${place}, failed`);
    mended();
    await failed.getByRole("button", { name: "Try again" }).click();
    const there = { button: page.getByRole("button", { name: /^(?:public\.)?orders, / }), grid: page.getByRole("grid").first(), group: page.getByRole("group", { name: "File" }) }[back];
    await expect(there).toBeVisible({ timeout: 20_000 });
    await expect(failed).toHaveCount(0);
  });
}

test("what statements join is missed by a picture that could not ask for it, and the picture stands", async ({ page, complaints }) => {
  complaints.expect(/\/schema\/joins/, 500);
  await broken(page, /\/schema\/joins/);
  await page.goto(inside("diagram"));
  await expect(page.getByText("What statements join could not be loaded: only declared keys are drawn.")).toBeVisible({ timeout: 20_000 });
  await expect(page.locator('[data-line="declared"]')).not.toHaveCount(0);
  await expect(page.locator('[data-line="seen"]')).toHaveCount(0);
});

test("a viewpoint and a table that are gone are told, and another picture is shown", async ({ page, complaints, stage }) => {
  complaints.expect(/\/viewpoints\/[0-9a-f-]+$/, 404);
  await page.goto(inside(`diagram?connection=${stage.known.connection}&viewpoint=00000000-0000-7000-8000-000000000000`));
  await expect(page.getByText(/There is no such viewpoint any more/)).toBeVisible({ timeout: 20_000 });
  await page.goto(inside(`diagram?connection=${stage.known.connection}&table=no_such_table`));
  await expect(page.getByText(/does not have the table of this link/)).toBeVisible({ timeout: 20_000 });
  await expect(page.locator("[data-box]").first()).toBeVisible();
});

test.describe("somebody who only looks", () => {
  test.use({ as: "viewer" });

  test("may keep no picture, import nothing and read no schema, and is told what it needs", async ({ page }) => {
    await page.goto(inside("diagram"));
    await settled(page, /^Diagram$/);
    await page.getByRole("button", { name: "Viewpoints" }).click();
    await expect(page.getByRole("menuitem", { name: "Keeping one needs save_queries" })).toBeDisabled();
    await page.keyboard.press("Escape");
    await page.goto(inside("schema-history"));
    await settled(page, /^Schema history$/);
    await expect(page.getByRole("button", { name: "Read the schema now" })).toBeDisabled();
    await expect(page.getByRole("button", { name: "Read the schema now" })).toHaveAttribute("title", /run_queries/);
    await says(page, "schema-import", "You may not see this page: a file becomes the schema of a connection");
    await expect(page.getByText("manage_connections")).toBeVisible();
    await looksRight(page, "an import that one may not");
  });

  test("without view_traffic the picture has declared keys only, and says so", async ({ page }) => {
    // Every role has it as it is shipped; the page believes what it is told.
    await page.route(new RegExp(`${AT}$`), async (route) => {
      const response = await route.fetch();
      const told = (await response.json()) as { capabilities: string[] };
      await route.fulfill({ response, json: { ...told, capabilities: told.capabilities.filter((one) => one !== "view_traffic") } });
    });
    const asked: string[] = [];
    page.on("request", (request) => request.url().includes("/schema/joins") && asked.push(request.url()));
    await page.goto(inside("diagram"));
    await expect(page.getByText("What statements join needs view_traffic: only declared keys are drawn.")).toBeVisible({ timeout: 20_000 });
    await expect(page.locator('[data-line="declared"]')).not.toHaveCount(0);
    expect(asked).toEqual([]);
  });
});
