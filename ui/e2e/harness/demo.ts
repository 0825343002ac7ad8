// How does the demo run for the tests?

import { readFileSync } from "node:fs";
import path from "node:path";
import type { Account } from "./caller.ts";
import { removeFolder, temporaryFolder } from "./folder.ts";
import { linksTo } from "./mails.ts";
import { sixPorts } from "./ports.ts";
import { Program } from "./program.ts";

export interface Demo {
  /** Where the console is. */
  url: string;
  /** Where clients of the shop connect. */
  gateway: number;
  /** Where the shop's own server listens. */
  server: number;
  admin: Account;
}

export interface RunningDemo extends Demo {
  /** The links in the mails to somebody. */
  linksTo: (email: string) => string[];
  stop: () => Promise<void>;
}

export async function startDemo(): Promise<RunningDemo> {
  const folder = temporaryFolder("demo");
  const data = path.join(folder, "data");
  const base = await sixPorts();
  const program = new Program(["demo", "--data", data, "--ports", String(base)]);
  const stop = async () => {
    await program.stop();
    removeFolder(folder);
  };
  try {
    await program.says(/Ctrl-C/);
    const [email = "", password = ""] = readFileSync(path.join(data, "admin"), "utf8").split("\n");
    return { url: `http://127.0.0.1:${base + 5}`, gateway: base, server: base + 2, admin: { email, name: "Demo admin", password }, linksTo: (to) => linksTo(path.join(data, "control", "mail"), to), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
