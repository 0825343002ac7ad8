// How does a test run the real program, and how is it sure to end?

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));
const repository = path.resolve(here, "../../..");

/** The built program: `make console-test` says which. */
function program(): string {
  const chosen = process.env["DRAGOMAN_PROGRAM"] ?? path.join(process.env["CARGO_TARGET_DIR"] ?? path.join(repository, "target"), "debug/dragoman");
  if (!existsSync(chosen)) {
    throw new Error(`${chosen} is missing: build it first, or run \`make console-test\`, which does`);
  }
  return chosen;
}

/** A program of the tests beside it: an example of cargo's. */
export function companion(name: string): string {
  const folder = process.env["DRAGOMAN_COMPANIONS"] ?? path.join(process.env["CARGO_TARGET_DIR"] ?? path.join(repository, "target"), "debug/examples");
  const file = path.join(folder, name);
  if (!existsSync(file)) {
    throw new Error(`${file} is missing: build it first (cargo build --examples), or run \`make console-test\`, which does`);
  }
  return file;
}

/** A running program. It ends with the process that started it. */
export class Program {
  private said = "";
  private readonly child: ChildProcess;
  private readonly waiting = new Set<() => void>();

  constructor(args: readonly string[], environment: Record<string, string> = {}, file = program()) {
    this.child = spawn(process.execPath, [path.join(here, "guard.mjs"), file, ...args], { stdio: ["pipe", "pipe", "pipe"], env: { ...process.env, NO_COLOR: "1", ...environment } });
    const hear = (bytes: Buffer) => {
      this.said += bytes.toString();
      this.waiting.forEach((look) => look());
    };
    this.child.stdout?.on("data", hear);
    this.child.stderr?.on("data", hear);
    this.child.on("exit", () => this.waiting.forEach((look) => look()));
  }

  private get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** All it has printed. */
  get output(): string {
    return this.said;
  }

  /** Waits until it prints what matches. */
  async says(pattern: RegExp, patienceMs = 60_000): Promise<RegExpMatchArray> {
    return new Promise((resolve, reject) => {
      const done = (settle: () => void) => {
        clearTimeout(timer);
        this.waiting.delete(look);
        settle();
      };
      const look = () => {
        const found = this.said.match(pattern);
        if (found) {
          done(() => resolve(found));
        } else if (this.hasEnded) {
          done(() => reject(new Error(`the program ended before it said ${String(pattern)}:\n${this.said}`)));
        }
      };
      const timer = setTimeout(() => done(() => reject(new Error(`the program did not say ${String(pattern)} in ${patienceMs} ms:\n${this.said}`))), patienceMs);
      this.waiting.add(look);
      look();
    });
  }

  /** Ends it, and waits until it is gone. */
  async stop(): Promise<void> {
    if (this.hasEnded) {
      return;
    }
    const gone = once(this.child, "exit");
    this.child.stdin?.end();
    await gone;
  }
}
