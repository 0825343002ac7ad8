// What runs while the tests do, and how does all of it end?

import { rmSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { startDemo } from "./demo.ts";
import { removeFolder, temporaryFolder } from "./folder.ts";
import { prepareStage } from "./stage.ts";

const results = fileURLToPath(new URL("../../test-results", import.meta.url));

/** The programs that are told to start here end with this process, however it ends (guard.mjs). */
// eslint-disable-next-line no-restricted-syntax -- the test runner takes the default of this file
export default async function start(): Promise<() => Promise<void>> {
  rmSync(path.join(results, "screenshots"), { recursive: true, force: true });
  const states = temporaryFolder("states");
  const demo = await startDemo();
  const end = async () => {
    await demo.stop();
    removeFolder(states);
  };
  try {
    process.env["DRAGOMAN_STAGE"] = JSON.stringify(await prepareStage(demo, states, demo.linksTo));
  } catch (error) {
    await end();
    throw error;
  }
  return end;
}
