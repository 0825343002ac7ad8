// Is a rule written, tried against what happened, published, in force on the wire, and rolled back?

import AxeBuilder from "@axe-core/playwright";
import type { Locator, Page } from "@playwright/test";
import { textOf, type Caller } from "./harness/caller.ts";
import { eventually } from "./harness/eventually.ts";
import { Gateway } from "./harness/gateway.ts";
import { replaceText, tabTo } from "./harness/keyboard.ts";
import { psql } from "./harness/psql.ts";
import { settled, wear } from "./harness/settled.ts";
import { WORKSPACE } from "./harness/stage.ts";
import { expect, test } from "./harness/test.ts";

const AT = `/api/v1/workspaces/${WORKSPACE}`;

const TEXT = `# What the shop allows: größer als nötig.
include = ["production"]

[lists]
writers = ["shop_app"]

# Nobody drops.
[[rule]]
name = "no-drop"
when = { verb = ["drop *"] } # any of them
decision = "refuse"

# Wages are for payroll.
[[rule]]
name = "wages"
when = { column = "employees.salary" }
decision = "note"
`;

async function ruleSet(admin: Caller, name: string, text = TEXT, cases = ""): Promise<string> {
  const made = textOf(await admin.post(`${AT}/rule-sets`, { name }), "id");
  const { etag } = await admin.versioned(`${AT}/rule-sets/${made}/draft`);
  await admin.ask("PUT", `${AT}/rule-sets/${made}/draft`, { text, cases }, { "if-match": etag });
  return made;
}

const place = (id: string, more = ""): string => `/w/${WORKSPACE}/rule-sets/${id}${more}`;
const editor = (page: Page): Locator => page.getByRole("textbox", { name: "Rules", exact: true });
const cards = (page: Page): Locator => page.getByRole("list", { name: "Rules, in order" });
const card = (page: Page, name: string): Locator => cards(page).getByRole("listitem").filter({ has: page.getByRole("heading", { name, exact: true }) });

async function open(page: Page, id: string, name: string, more = ""): Promise<void> {
  await page.goto(place(id, more));
  await settled(page, new RegExp(`^${name}`));
}

/** The text of the draft, as it is saved. */
async function savedText(page: Page, admin: Caller, id: string): Promise<string> {
  await page.getByRole("button", { name: "Save draft" }).click();
  await expect(page.getByRole("status").filter({ hasText: /^draft saved$/ })).toBeVisible();
  return textOf(await admin.get(`${AT}/rule-sets/${id}/draft`), "text");
}

test("the form changes the lines of its rule and nothing else; the text shows it at once", async ({ page, admin }) => {
  const id = await ruleSet(admin, "formed");
  await open(page, id, "formed");
  await expect(cards(page).getByRole("listitem")).toHaveCount(2);
  await card(page, "no-drop").getByRole("button", { name: "Edit no-drop" }).click();
  const dialog = page.getByRole("dialog", { name: "Rule formed/no-drop" });
  await dialog.getByRole("textbox", { name: /^Message/ }).fill("nobody drops here");
  await dialog.getByRole("combobox", { name: "Add a condition" }).click();
  await page.getByRole("option", { name: /^environment/ }).click();
  await dialog.getByRole("combobox", { name: "Values of when environment" }).fill("production");
  await page.keyboard.press("Enter");
  await dialog.getByRole("button", { name: "Change the text" }).click();
  await expect(dialog).toBeHidden();
  await expect(editor(page)).toContainText('message = "nobody drops here"');
  await expect(card(page, "no-drop")).toContainText("environment is production");
  const expected = TEXT.replace('{ verb = ["drop *"] }', '{ verb = ["drop *"], environment = ["production"] }').replace('decision = "refuse"\n', 'decision = "refuse"\nmessage = "nobody drops here"\n');
  expect(await savedText(page, admin, id)).toBe(expected);
});

test("rules are moved, deleted, brought back and added; packs and lists are chosen", async ({ page, admin }) => {
  const id = await ruleSet(admin, "moved");
  await open(page, id, "moved");
  await card(page, "wages").getByRole("button", { name: "Move wages up" }).click();
  await expect(cards(page).getByRole("heading").first()).toHaveText("wages");
  await card(page, "no-drop").getByRole("button", { name: "Delete no-drop" }).click();
  await expect(cards(page).getByRole("listitem")).toHaveCount(1);
  await page.getByRole("button", { name: "Bring it back" }).click();
  await expect(cards(page).getByRole("listitem")).toHaveCount(2);
  await page.getByRole("button", { name: "Add a rule" }).click();
  const dialog = page.getByRole("dialog", { name: "New rule" });
  await dialog.getByRole("button", { name: "Add the rule" }).click();
  await expect(dialog).toContainText("Letters, digits");
  await dialog.getByRole("textbox", { name: "Name of the rule" }).fill("pace");
  await dialog.getByRole("combobox", { name: "Decision" }).click();
  await page.getByRole("option", { name: /^limit/ }).click();
  await dialog.getByRole("textbox", { name: "Statements a second" }).fill("20");
  await dialog.getByRole("button", { name: "Add the rule" }).click();
  await expect(card(page, "pace")).toContainText("At most 20 a second");
  await page.getByRole("combobox", { name: "Include a pack or a rule set" }).click();
  await page.getByRole("option", { name: /^agent/ }).click();
  await expect(page.getByRole("button", { name: "Do not include agent" })).toBeVisible();
  await page.getByRole("combobox", { name: "Entries of writers" }).fill("etl_nightly");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("button", { name: "Remove etl_nightly from Entries of writers" })).toBeVisible();
  const [rest = "", drop = "", wages = ""] = TEXT.split(/(?=# Nobody|# Wages)/);
  const top = rest.replace('["production"]', '["production", "agent"]').replace('["shop_app"]', '["shop_app", "etl_nightly"]');
  expect(await savedText(page, admin, id)).toBe(`${top}${wages}\n${drop.trimEnd()}\n\n[[rule]]\nname = "pace"\ndecision = "limit"\nlimit = { per_second = 20 }\n`);
});

test("mistakes are underlined where they are, behind letters of several bytes too; F8 leads to them", async ({ page, admin }) => {
  const id = await ruleSet(admin, "mistaken");
  await open(page, id, "mistaken", "?view=text");
  await replaceText(page, editor(page), '# größer 🙂\n[[rule]]\nname = "löhne"\nwhen = { tabel = "wages" }\ndecision = "refse"\n');
  const marks = page.locator(".cm-mistake");
  await expect(marks).toHaveText(['"löhne"', "tabel", '"refse"']);
  const told = page.getByRole("status", { name: "3 mistakes" });
  await expect(told).toContainText("did you mean `refuse`?");
  await told.getByRole("button", { name: "mistaken line 5, column 12" }).click();
  await expect(editor(page)).toBeFocused();
  expect(await page.evaluate(() => document.getSelection()?.toString())).toBe('"refse"');
  await page.keyboard.press("F8");
  await expect(page.locator(".cm-mistake-words")).toContainText("no name of a rule");
  await page.keyboard.press("F8");
  await expect(page.locator(".cm-mistake-words")).toContainText("did you mean `table`?");
  await page.keyboard.press("Shift+F8");
  await expect(page.locator(".cm-mistake-words")).toContainText("no name of a rule");
  await marks.nth(1).hover();
  await expect(page.locator(".cm-mistake-words").filter({ hasText: "did you mean `table`?" })).toBeVisible();
});

test("a text that does not read keeps the form, and does not let it write", async ({ page, admin }) => {
  const id = await ruleSet(admin, "torn");
  await open(page, id, "torn");
  await expect(cards(page).getByRole("listitem")).toHaveCount(2);
  await replaceText(page, editor(page), "[[rule\n");
  await expect(page.getByText("The text cannot be read as TOML: see line 1.")).toBeVisible();
  await expect(cards(page).getByRole("listitem")).toHaveCount(2);
  await expect(page.getByRole("button", { name: "Edit no-drop" })).toBeDisabled();
  await replaceText(page, editor(page), '[[rule]]\nname = "apart"\ndecision = "note"\n[rule.when]\nclass = ["ddl"]\n');
  await expect(card(page, "apart")).toContainText("is a table of its own");
  await expect(page.getByRole("button", { name: "Edit apart" })).toBeDisabled();
});

test("the editor offers conditions and what was seen", async ({ page, admin }) => {
  const id = await ruleSet(admin, "completed");
  await open(page, id, "completed", "?view=text");
  await replaceText(page, editor(page), "[[rule]]\nname = ");
  await page.keyboard.type('"a"\nwhen = { cla');
  const offered = page.getByRole("listbox", { name: "Completions" });
  await expect(offered.getByRole("option", { name: /^class/ })).toBeVisible();
  await page.keyboard.press("Escape");
  await replaceText(page, editor(page), "");
  // Who sends the demo's traffic was seen before anybody looked.
  await page.keyboard.insertText('[[rule]]\nname = "a"\nwhen = { user = ');
  await page.keyboard.type('"shop');
  await expect(offered.getByRole("option", { name: /^shop_app/ })).toBeVisible();
});

test("a statement that was seen becomes a test case with one press, and its result stands beside the rule", async ({ page, admin }) => {
  const id = await ruleSet(admin, "tested", '[[rule]]\nname = "no-writes"\nwhen = { class = ["write"] }\ndecision = "refuse"\n');
  await open(page, id, "tested", "?tab=cases");
  await page.getByRole("button", { name: "Add what was seen" }).click();
  const dialog = page.getByRole("dialog", { name: "Add a case of what was seen" });
  await dialog.getByRole("radio", { name: "Refused last" }).click();
  await dialog.getByRole("textbox", { name: "Filter statements" }).fill("UPDATE orders");
  await dialog.getByRole("button", { name: /^Add a case of UPDATE orders/ }).first().click();
  await expect(page.getByText(/A test case was added: it expects what the rules say now/).first()).toBeVisible();
  await dialog.getByRole("button", { name: "Close" }).click();
  const results = page.getByRole("grid", { name: "Results of the test cases" });
  await expect(results.getByRole("row", { name: /UPDATE orders/ })).toContainText("refuse tested/no-writes");
  await page.getByRole("navigation", { name: "Sides of the rule set" }).getByRole("link", { name: /^Rules/ }).click();
  await expect(card(page, "no-writes").getByRole("link", { name: "1 case hold" })).toBeVisible();
});

test("tighten a rule, see what it would have changed, publish, on the wire, roll back", async ({ stage, another, complaints }) => {
  test.setTimeout(180_000);
  const gateway = await Gateway.start(stage.demo.server, true);
  try {
    const admin = await gateway.setUp();
    const asked = () => psql({ port: gateway.port, application: "wages-report" }, "SELECT count(salary) FROM employees");
    expect((await asked()).error).toBe("");
    // Version 1 is in force at the listener.
    const id = await ruleSet(admin, "wages", TEXT);
    const draft = await admin.versioned(`${AT}/rule-sets/${id}/draft`);
    await admin.ask("POST", `${AT}/rule-sets/${id}/publish`, { note: "first" }, { "if-match": draft.etag });
    const publication = await admin.versioned(`${AT}/listeners/shop/publication`);
    await admin.ask("PUT", `${AT}/listeners/shop/publication`, { policies: ["wages"] }, { "if-match": publication.etag });
    await eventually("the traffic is known", async () => (JSON.stringify(await admin.get(`${AT}/traffic/top?group_by=fingerprint&listener=shop`)).includes("salary") ? true : undefined));

    const page = await another(admin, gateway.url);
    await open(page, id, "wages");
    await expect(page.getByRole("list", { name: "Floors" }).getByRole("listitem")).toContainText(["production"]);
    await card(page, "wages").getByRole("button", { name: "Edit wages" }).click();
    const dialog = page.getByRole("dialog", { name: "Rule wages/wages" });
    await dialog.getByRole("combobox", { name: "Decision" }).click();
    await page.getByRole("option", { name: /^refuse/ }).click();
    await dialog.getByRole("textbox", { name: /^Message/ }).fill("salaries are for payroll only");
    await dialog.getByRole("button", { name: "Change the text" }).click();
    await expect(editor(page)).toContainText("salaries are for payroll only");

    await page.getByRole("link", { name: "What would change" }).click();
    const changes = page.getByRole("grid", { name: "Changes by statement" });
    const row = changes.getByRole("row", { name: /salary/ });
    await expect(row).toContainText("would be refused");
    await expect(row).toContainText("wages/wages");
    await page.getByRole("radio", { name: "By rule" }).click();
    await expect(page.getByRole("grid", { name: "Changes by rule" }).getByRole("row", { name: /wages\/wages/ })).toContainText("would be refused");
    await page.getByRole("radio", { name: "By who asked" }).click();
    await expect(page.getByRole("grid", { name: "Changes by who asked" }).getByRole("row", { name: /wages-report/ })).toContainText("1 would be refused");
    await expect(page.getByRole("listitem").filter({ hasText: "Taken as usual" }).first()).toBeVisible();

    await page.getByRole("button", { name: "Save draft" }).click();
    await expect(page.getByRole("status").filter({ hasText: /^draft saved$/ })).toBeVisible();
    await page.getByRole("link", { name: "Publish", exact: true }).click();
    await page.getByRole("textbox", { name: /^What changes and why/ }).fill("salaries are private");
    await page.getByRole("button", { name: "Publish on production" }).click();
    const sure = page.getByRole("dialog", { name: "Publish wages" });
    await sure.getByRole("textbox").fill("wages");
    await sure.getByRole("button", { name: "Publish on production" }).click();
    await expect(sure).toBeHidden();
    const runs = page.getByRole("list", { name: "Data planes and what they run" });
    await expect(runs.getByRole("listitem")).toContainText(["version 2"]);
    await expect(runs.getByRole("listitem")).toContainText(["runs it"]);
    await expect(page.getByText("on 1 of 1 data plane")).toBeVisible();
    const refused = await asked();
    expect(refused.error).toContain("salaries are for payroll only");

    await page.getByRole("link", { name: /^Versions/ }).click();
    const versions = page.getByRole("grid", { name: "Versions" });
    await expect(versions.getByRole("row", { name: /salaries are private/ })).toContainText("in force");
    await versions.getByRole("row", { name: /first/ }).click();
    await expect(page.getByRole("region", { name: "Difference between Version 1 and Version 2, in force" })).toContainText("salaries are for payroll only");
    await page.getByRole("button", { name: "Roll back to version 1" }).click();
    const back = page.getByRole("dialog", { name: "Roll wages back to version 1" });
    await back.getByRole("textbox", { name: /^Type/ }).fill("wages");
    await back.getByRole("button", { name: "Roll back on production" }).click();
    await expect(back).toBeHidden();
    await expect(runs.getByRole("listitem")).toContainText(["version 3"]);
    expect((await asked()).error).toBe("");
    // Any two of them can be compared.
    await page.getByRole("combobox", { name: "Compare with" }).click();
    await page.getByRole("option", { name: "Version 2", exact: true }).click();
    await expect(page.getByRole("region", { name: "Difference between Version 1 and Version 2" })).toContainText("salaries are for payroll only");
    await expect(page).toHaveURL(/against=2/);
    expect(complaints.heard).toEqual([]);
    // Before its gateway goes: what a page asks for meanwhile would fail.
    await page.close();
  } finally {
    await gateway.remove();
  }
});

test("by keyboard alone: a rule is edited and moved", async ({ page, admin }) => {
  const id = await ruleSet(admin, "keyed");
  await open(page, id, "keyed", "?view=form");
  await tabTo(page, page.getByRole("button", { name: "Edit no-drop" }));
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: "Rule keyed/no-drop" });
  await expect(dialog.getByRole("textbox", { name: "Name of the rule" })).toBeFocused();
  await page.keyboard.press("Control+a");
  await page.keyboard.type("no-drops");
  await page.keyboard.press("Enter");
  await expect(dialog).toBeHidden();
  await expect(card(page, "no-drops")).toBeVisible();
  await tabTo(page, page.getByRole("button", { name: "Move no-drops down" }));
  await page.keyboard.press("Enter");
  await expect(cards(page).getByRole("heading").first()).toHaveText("wages");
  await page.keyboard.press("Control+s");
  await expect(page.getByRole("status").filter({ hasText: /^draft saved$/ })).toBeVisible();
});

test("by keyboard alone: a draft is published", async ({ page, admin }) => {
  const id = await ruleSet(admin, "keyed-out");
  await open(page, id, "keyed-out");
  await tabTo(page, page.getByRole("link", { name: "Publish", exact: true }));
  await page.keyboard.press("Enter");
  await tabTo(page, page.getByRole("textbox", { name: /^What changes and why/ }));
  await page.keyboard.type("without a mouse");
  await tabTo(page, page.getByRole("button", { name: "Publish", exact: true }));
  await page.keyboard.press("Enter");
  const sure = page.getByRole("dialog", { name: "Publish keyed-out" });
  await tabTo(page, sure.getByRole("button", { name: "Publish", exact: true }));
  await page.keyboard.press("Enter");
  await expect(sure).toBeHidden();
  await expect(page.getByRole("status").filter({ hasText: "Version 1 is published" })).toBeVisible();
  const { published } = await admin.get(`${AT}/rule-sets/${id}`);
  expect(published).toBe(1);
  // The way back is there as well.
  await tabTo(page, page.getByRole("link", { name: /^Versions/ }), "Shift+Tab");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("grid", { name: "Versions" }).getByRole("row", { name: /without a mouse/ })).toBeVisible();
});

test("who may only look sees the text, and what the rest needs", async ({ another, admin }) => {
  const id = await ruleSet(admin, "looked-at");
  const viewer = await another("viewer");
  await viewer.goto(place(id));
  await settled(viewer, /^looked-at/);
  await expect(viewer.getByText("it needs the capability edit_rules", { exact: false })).toBeVisible();
  await viewer.getByRole("link", { name: "What would change" }).click();
  await expect(viewer.getByRole("heading", { name: "You may not see what rules would have changed" })).toBeVisible();
});

/** WCAG 2.2, levels A and AA, and what is good practice beyond. */
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

for (const [side, more] of Object.entries({ rules: "", rule: "?edit=no-drop", cases: "?tab=cases", effect: "?tab=effect", publish: "?tab=publish", versions: "?tab=versions" })) {
  test(`${side}: for everybody's eyes, on every width`, async ({ page, admin }) => {
    test.setTimeout(180_000);
    const name = `seen-${side}`;
    const id = await ruleSet(admin, name, TEXT, "```case\npolicies: production\nuser: ann\n\nSELECT 1 => allow\n```\n");
    await page.goto(place(id, more));
    if (side === "rule") {
      await expect(page.getByRole("dialog", { name: `Rule ${name}/no-drop` })).toBeVisible();
    } else {
      await settled(page, new RegExp(`^${name}`));
    }
    for (const theme of ["light", "dark"] as const) {
      await wear(page, theme);
      const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze();
      expect.soft(violations.flatMap(({ id: rule, nodes }) => nodes.map((node) => `${rule}: ${node.target.join(" ")}: ${node.html.slice(0, 160)}`))).toEqual([]);
      for (const width of [1280, 820, 390]) {
        await page.setViewportSize({ width, height: 860 });
        const overhang = () => page.evaluate(() => Math.max(...[document.documentElement, ...document.querySelectorAll("main, [role=dialog]")].map((one) => one.scrollWidth - one.clientWidth)));
        await expect.soft.poll(overhang, { message: `pixels too wide at ${width}`, timeout: 2_000 }).toBeLessThanOrEqual(0);
        await page.screenshot({ path: `test-results/screenshots/rule-set-${side}-${width}-${theme}.png`, fullPage: width !== 1280 });
      }
      await page.setViewportSize({ width: 1280, height: 860 });
    }
  });
}
