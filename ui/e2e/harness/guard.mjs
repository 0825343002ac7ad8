// Does a program end when the tests that started it are gone, however they ended?
//
// `node guard.mjs PROGRAM ARGUMENTS…` runs it until its own standard input is closed: that of a process that was
// killed is closed by the system.

import { spawn } from "node:child_process";

const PATIENCE_MS = 10_000;

const [program, ...rest] = process.argv.slice(2);
const child = spawn(program, rest, { stdio: ["ignore", "inherit", "inherit"] });

let isAskedTo = false;
function end() {
  if (isAskedTo) return;
  isAskedTo = true;
  child.kill("SIGTERM");
  setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS).unref();
}

process.stdin.resume();
process.stdin.on("end", end);
process.stdin.on("error", end);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, end);
child.on("error", (error) => {
  console.error(`${program} cannot be started: ${error.message}`);
  process.exit(1);
});
child.on("exit", (code) => process.exit(code ?? 1));
