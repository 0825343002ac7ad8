// How are the console's pages tested? In a Chromium of the system, before real programs on free ports.

import { defineConfig } from "@playwright/test";

/** Without these a browser asks other servers for this and that, and draws with what the machine happens to have. */
const QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"];

/** What takes minutes is run when it is asked for: DRAGOMAN_LONG=1 npm run e2e -- long */
const asked = (variable: string, tag: RegExp): RegExp[] => (process.env[variable] ? [] : [tag]);

export default defineConfig({
  testDir: "e2e",
  globalSetup: "./e2e/harness/global.ts",
  outputDir: "test-results/failures",
  fullyParallel: true,
  workers: 2,
  // As with the other tests: in CI what passes at the second go is printed as flaky, by hand it has failed.
  retries: process.env["CI"] ? 1 : 0,
  forbidOnly: true,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: [["list"]],
  grepInvert: [...asked("DRAGOMAN_LONG", /@long/), ...asked("DRAGOMAN_PICTURES", /@pictures/)],
  projects: [
    { name: "pages", testIgnore: /speed\.spec/ },
    // What is measured is measured alone. `npm run e2e -- speed --no-deps` does not wait for the others.
    { name: "speed", testMatch: /speed\.spec/, fullyParallel: false, dependencies: ["pages"] },
  ],
  use: {
    viewport: { width: 1280, height: 860 },
    locale: "en-GB",
    timezoneId: "Europe/Berlin",
    colorScheme: "light",
    trace: "retain-on-failure",
    launchOptions: { executablePath: process.env["DRAGOMAN_CHROMIUM"] ?? "/usr/bin/chromium", args: QUIET },
  },
});
