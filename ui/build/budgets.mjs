// Is the console as small as was promised? Prints what the shell, each route and the whole weigh, and ends with 1
// where something weighs more than its bound. `node build/budgets.mjs shell=100` tries another bound.

import { existsSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const KIB = 1024;
const dist = fileURLToPath(new URL("../dist", import.meta.url));

/**
 * Bounds in KiB: what is around every page, and what any route loads beyond that, by gzip; all that the program takes
 * in, by brotli.
 */
const bounds = { shell: 150, route: 250, whole: 1_000_000 / KIB };

/** What stands around every page of somebody who is signed in: it is loaded with the first of them, and kept. */
const FRAME = ["src/shell/shell.tsx", "src/shell/workspace.tsx"];

const kib = (bytes) => `${(bytes / KIB).toFixed(1)} KiB`;

/** The size of a file in the form a browser gets, in bytes. */
function weight(file, ending) {
  const full = path.join(dist, file);
  return statSync(existsSync(`${full}${ending}`) ? `${full}${ending}` : full).size;
}

/** The files that a chunk cannot begin without: its own, its style sheets, and those of what it imports. */
function needed(manifest, key, files = new Set(), seen = new Set()) {
  const chunk = manifest[key];
  if (chunk === undefined || seen.has(key)) return files;
  seen.add(key);
  for (const file of [chunk.file, ...(chunk.css ?? [])]) files.add(file);
  for (const next of chunk.imports ?? []) needed(manifest, next, files, seen);
  return files;
}

/** What the page itself names: scripts and style sheets beside the entry. */
function namedByPage() {
  const page = readFileSync(path.join(dist, "index.html"), "utf8");
  return [...page.matchAll(/(?:src|href)="\/([^"]+\.(?:js|css))"/g)].map((found) => found[1]);
}

function measured() {
  const manifest = JSON.parse(readFileSync(path.join(dist, ".vite", "manifest.json"), "utf8"));
  const sum = (files) => [...files].reduce((all, file) => all + weight(file, ".gz"), 0);
  const first = new Set(["index.html", ...namedByPage()]);
  for (const key of Object.keys(manifest)) if (manifest[key].isEntry) needed(manifest, key, first);
  const shell = FRAME.reduce((files, key) => needed(manifest, key, files), new Set(first));
  const rows = [{ what: "shell", bytes: sum(shell), bound: bounds.shell, note: `of it before anybody is signed in ${kib(sum(first))}` }];
  const routes = Object.keys(manifest).filter((key) => manifest[key].isDynamicEntry && !FRAME.includes(key));
  for (const key of routes.sort()) {
    const own = [...needed(manifest, key)].filter((file) => !shell.has(file));
    rows.push({ what: key, bytes: sum(own), bound: bounds.route, note: `with the shell ${kib(sum(own) + sum(shell))}` });
  }
  const all = readFileSync(path.join(dist, "files.tsv"), "utf8").trim().split("\n");
  const whole = all.reduce((bytes, line) => bytes + weight(line.split("\t")[0].slice(1), ".br"), 0);
  return [...rows, { what: "whole (brotli)", bytes: whole, bound: bounds.whole, note: "" }];
}

if (!existsSync(path.join(dist, "files.tsv"))) {
  console.error("there is nothing to weigh: build the console first (make console)");
  process.exit(1);
}
for (const file of FRAME) {
  if (!existsSync(fileURLToPath(new URL(`../${file}`, import.meta.url)))) throw new Error(`${file} is gone: say in FRAME what frames a page now`);
}
for (const told of process.argv.slice(2)) {
  const [name, most] = told.split("=");
  if (!(name in bounds) || !(Number(most) > 0)) throw new Error(`\`${told}\`: say shell, route or whole, = and KiB`);
  bounds[name] = Number(most);
}
const rows = measured();
const width = Math.max(...rows.map((row) => row.what.length));
for (const { what, bytes, bound, note } of rows) {
  const over = bytes > bound * KIB ? "  over" : "";
  console.log(`${what.padEnd(width)}  ${(bytes / KIB).toFixed(1).padStart(7)} of ${bound.toFixed(1).padStart(6)} KiB${over}${note && `   ${note}`}`);
}
process.exit(rows.some((row) => row.bytes > row.bound * KIB) ? 1 : 0);
