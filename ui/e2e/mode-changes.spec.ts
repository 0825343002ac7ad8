// Does a mend get through for a while, with somebody else's approval, and is it refused again after it?

import AxeBuilder from "@axe-core/playwright";
import { Gateway } from "./harness/gateway.ts";
import { psql } from "./harness/psql.ts";
import { settled } from "./harness/settled.ts";
import { join, WORKSPACE } from "./harness/stage.ts";
import { expect, test } from "./harness/test.ts";

const LISTENERS = `/w/${WORKSPACE}/connections?tab=listeners`;
const REASON = "orders are stuck";

test("one asks, another approves, what was refused passes, and after the end it is refused again", async ({ stage, another }) => {
  test.setTimeout(180_000);
  const gateway = await Gateway.start(stage.demo.server, true, true);
  try {
    const admin = await gateway.setUp();
    const editor = await join(admin, { email: "ed@shop.example", name: "Ed", password: "four words for ed only" }, "editor", (email) => gateway.linksTo(email));
    const write = () => psql({ port: gateway.port }, "TRUNCATE support_tickets_of_nobody");
    const refused = async () => (await write()).error.includes("42501");
    await expect.poll(refused).toBe(true);

    const asking = await another(editor, gateway.url);
    await asking.goto(LISTENERS);
    await settled(asking, /^Connections$/);
    await asking.getByRole("button", { name: "Change the mode of shop" }).click();
    const dialog = asking.getByRole("dialog", { name: "Mode observe for shop" });
    await dialog.getByRole("combobox", { name: "For" }).click();
    await asking.getByRole("option", { name: "5 minutes", exact: true }).click();
    await dialog.getByRole("textbox", { name: "Reason" }).fill(REASON);
    await dialog.getByRole("button", { name: "Ask for it" }).click();
    const own = asking.getByRole("region", { name: "Mode of shop" });
    await expect(own).toContainText("is asked for");
    await expect(own.getByRole("button", { name: "Withdraw" })).toBeVisible();
    await expect(own.getByRole("button", { name: "Approve" })).toHaveCount(0);
    expect(await refused(), "asking changes nothing").toBe(true);

    const approving = await another(admin, gateway.url);
    await approving.goto(LISTENERS);
    await settled(approving, /^Connections$/);
    const waits = approving.getByRole("region", { name: "Mode of shop" });
    await expect(waits).toContainText(REASON);
    const found = await new AxeBuilder({ page: approving }).include('[aria-label="Mode of shop"]').analyze();
    expect(found.violations).toEqual([]);
    await waits.getByRole("button", { name: "Approve" }).click();
    const sure = approving.getByRole("dialog", { name: "Approve mode observe of shop?" });
    await expect(sure.getByRole("textbox")).toBeFocused();
    await approving.keyboard.type("shop");
    await approving.keyboard.press("Enter");
    await expect(sure).toBeHidden();
    await expect(waits).toContainText(/is in mode observe until .* 5 minutes left/);
    // The server answers now: there is no such table.
    await expect.poll(async () => (await write()).error.includes("42P01"), { timeout: 15_000 }).toBe(true);
    await expect(own).toContainText("is in mode observe until");

    await own.getByRole("button", { name: "End it now" }).click();
    await expect(own).toBeHidden();
    await expect.poll(refused, { timeout: 15_000 }).toBe(true);
    // Before their gateway goes: what a page asks for meanwhile would fail.
    await Promise.all([asking.close(), approving.close()]);
  } finally {
    await gateway.remove();
  }
});
