// How does a test use the wire as people do, with psql?

import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { once } from "node:events";
import { eventually } from "./eventually.ts";

export interface Ended {
  code: number | null;
  output: string;
  error: string;
}

interface Client {
  port: number;
  user?: string;
  application?: string;
}

function start({ port, user = "shop_app", application = "psql" }: Client, args: readonly string[]): ChildProcessWithoutNullStreams {
  const to = `host=127.0.0.1 port=${port} user=${user} dbname=shop`;
  return spawn("psql", ["-X", "-q", "-A", "-t", "-v", "VERBOSITY=verbose", ...args, to], { env: { ...process.env, PGPASSWORD: "shop", PGAPPNAME: application } });
}

/** Runs statements one after the other. */
export async function psql(client: Client, ...statements: string[]): Promise<Ended> {
  const child = start(client, statements.flatMap((statement) => ["-c", statement]));
  return ended(child);
}

async function ended(child: ChildProcessWithoutNullStreams): Promise<Ended> {
  const said = { output: "", error: "" };
  child.stdout.on("data", (bytes: Buffer) => (said.output += bytes.toString()));
  child.stderr.on("data", (bytes: Buffer) => (said.error += bytes.toString()));
  const [code] = (await once(child, "close")) as [number | null];
  return { code, ...said };
}

/** A psql that stays open and is told one statement after the other. */
export class Psql {
  private said = "";
  private readonly child: ChildProcessWithoutNullStreams;

  constructor(client: Client) {
    this.child = start(client, []);
    const hear = (bytes: Buffer) => (this.said += bytes.toString());
    this.child.stdout.on("data", hear);
    this.child.stderr.on("data", hear);
    // Whoever was terminated takes no more.
    this.child.stdin.on("error", () => undefined);
  }

  /** Sends a statement and does not wait for its answer. */
  send(statement: string): void {
    this.child.stdin.write(`${statement}\n`);
  }

  /** Waits until the server or psql has said what matches. */
  hears(pattern: RegExp): Promise<string> {
    return eventually(`psql says ${String(pattern)}; it said: ${this.said}`, async () => (pattern.test(this.said) ? this.said : undefined));
  }

  async close(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const gone = once(this.child, "exit");
      this.child.kill("SIGKILL");
      await gone;
    }
  }
}
