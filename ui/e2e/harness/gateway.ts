// How does a test get a gateway of its own, before the demo's server?

import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Caller, type Account } from "./caller.ts";
import { eventually } from "./eventually.ts";
import { removeFolder, temporaryFolder } from "./folder.ts";
import { linksTo } from "./mails.ts";
import { freePorts } from "./ports.ts";
import { Program } from "./program.ts";

/** Who may ask the demo's server who waits for whom. */
const PROBE = { user: "shop_owner", password: "shop" };

/** The pack has no writers of its own. */
const WRITERS = `description = "Who writes in the tests"

[lists]
writers = ["shop_app"]
`;

export const SQLITE_FILE = "empty.db";

export const FIRST_ADMIN: Account = { email: "first@example.com", name: "Fiona First", password: "four words nobody says" };

/** A control plane and a listener `shop` on free ports, with a state of their own. */
export class Gateway {
  private program: Program | undefined;

  private constructor(
    private readonly folder: string,
    readonly url: string,
    /** Where clients connect. */
    readonly port: number,
  ) {}

  /** `server` is the port of the database behind it; `isManaged` lets rule sets be published for its listener, `hasModes` its mode be changed for a stated time. */
  static async start(server: number, isManaged = false, hasModes = false): Promise<Gateway> {
    const [admin = 0, port = 0, status = 0] = await freePorts(3);
    const gateway = new Gateway(temporaryFolder("gateway"), `http://127.0.0.1:${admin}`, port);
    writeFileSync(gateway.settings, settings({ admin, port, status, server, isManaged, hasModes }));
    gateway.write("policies/tests.toml", WRITERS);
    // A file without anything in it is a database of SQLite's without tables.
    gateway.write(`sqlite/${SQLITE_FILE}`, "");
    await gateway.resume();
    return gateway;
  }

  private write(name: string, text: string): void {
    const file = path.join(this.folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }

  private get settings(): string {
    return path.join(this.folder, "dragoman.toml");
  }

  /** Starts it, also again after {@link stop}: on the same ports and state. */
  async resume(): Promise<void> {
    this.program = new Program(["serve", "--config", this.settings], { DRAGOMAN_TEST_PROBE: PROBE.password });
    const program = this.program;
    await answers(`${this.url}/api/v1/health`, program);
  }

  /** The link for the first admin, as it is printed. */
  async setUpLink(): Promise<string> {
    const found = await this.program?.says(/https?:\/\/\S+\/setup#\S+/);
    return found?.[0] ?? "";
  }

  /** Becomes the first admin without a browser. */
  async setUp(person: Account = FIRST_ADMIN): Promise<Caller> {
    const token = (await this.setUpLink()).split("#")[1] ?? "";
    return Caller.enter(this.url, "/api/v1/setup", { token, person: { ...person } });
  }

  /** The links in the mails to somebody: without a mail server they are files. */
  linksTo(email: string): string[] {
    return linksTo(path.join(this.folder, "control", "mail"), email);
  }

  /** Takes it away; its files stay for another {@link resume}. */
  async stop(): Promise<void> {
    await this.program?.stop();
    this.program = undefined;
  }

  async remove(): Promise<void> {
    await this.stop();
    removeFolder(this.folder);
  }
}

async function answers(url: string, program: Program): Promise<void> {
  await eventually(`${url} answers; the program says:\n${program.output}`, async () => {
    const response = await fetch(url).catch(() => undefined);
    return response?.ok === true ? true : undefined;
  });
}

function settings({ admin, port, status, server, isManaged, hasModes }: { admin: number; port: number; status: number; server: number; isManaged: boolean; hasModes: boolean }): string {
  return `
[status]
listen = "127.0.0.1:${status}"

[ledger]
directory = "ledger"

[data_plane]
drain_seconds = 1

[admin]
listen = "127.0.0.1:${admin}"
data_directory = "control"
registration = "invited"
sqlite_directory = "sqlite"

[[listener]]
name = "shop"
protocol = "postgres"
listen = "127.0.0.1:${port}"
upstream = "127.0.0.1:${server}"
environment = "production"
mode = "enforce"
policies = ["production", "tests"]
managed = ${isManaged}
mode_changes = ${hasModes}

[listener.probe]
user = "${PROBE.user}"
password = { env = "DRAGOMAN_TEST_PROBE" }
databases = ["shop"]
`;
}
