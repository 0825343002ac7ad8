// What does every test of the console have: somebody signed in, and a browser that must not complain?

import { expect, test as base, type Browser, type BrowserContext, type BrowserContextOptions, type Page } from "@playwright/test";
import { Caller } from "./caller.ts";
import { Complaints } from "./complaints.ts";
import { Gateway } from "./gateway.ts";
import { stage, type Role, type Stage } from "./stage.ts";

export { expect };

/** Somebody of the stage, or somebody whom a test has made. */
type Who = Role | "nobody" | Caller;

interface Fixtures {
  stage: Stage;
  complaints: Complaints;
  /** Signed in at the demo; `as` says as whom. */
  page: Page;
  as: Who;
  /** Whether pages show tips. */
  tips: boolean;
  /** The demo's admin, asking the API. */
  admin: Caller;
  /** Another browser: another person, or the same one elsewhere. */
  another: (as: Who, baseURL?: string) => Promise<Page>;
  /** A gateway of the test's own, before the demo's server. */
  gateway: Gateway;
}

function stateOf(who: Who): BrowserContextOptions {
  if (who === "nobody") {
    return {};
  }
  return { storageState: typeof who === "string" ? stage().states[who] : who.storageState() };
}

async function open(browser: Browser, baseURL: string, as: Who, complaints: Complaints, tips = false): Promise<{ context: BrowserContext; page: Page }> {
  const context = await browser.newContext({ baseURL, ...stateOf(as) });
  const page = await context.newPage();
  await complaints.watch(page);
  if (!tips) {
    // Tips come at the foot of pages; whoever looks at something else has none. See src/parts/tips/use-tips.ts.
    await context.addInitScript(() => sessionStorage.setItem("dragoman.tips", "off"));
  }
  return { context, page };
}

export const test = base.extend<Fixtures>({
  as: ["admin", { option: true }],
  tips: [false, { option: true }],
   
  stage: async ({}, use) => use(stage()),
   
  complaints: async ({}, use) => {
    const complaints = new Complaints();
    await use(complaints);
    expect(complaints.heard, "what the browser complained of").toEqual([]);
  },
  page: async ({ browser, complaints, as, tips, baseURL }, use) => {
    const { context, page } = await open(browser, baseURL ?? stage().demo.url, as, complaints, tips);
    await use(page);
    await context.close();
  },
  another: async ({ browser, complaints }, use) => {
    const contexts: BrowserContext[] = [];
    await use(async (as, baseURL = stage().demo.url) => {
      const { context, page } = await open(browser, baseURL, as, complaints);
      contexts.push(context);
      return page;
    });
    for (const context of contexts) {
      await context.close();
    }
  },
  admin: async ({ stage: known }, use) => use(await Caller.signIn(known.demo.url, known.demo.admin)),
  gateway: async ({ stage: known }, use) => {
    const gateway = await Gateway.start(known.demo.server);
    await use(gateway);
    await gateway.remove();
  },
});
