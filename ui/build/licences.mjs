// Whose work is in the console's files, and under which licence? Made of what vite says it put into them
// (`build.license` in vite.config.ts), and of what vite does not see: style sheets and workers.

import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const ui = fileURLToPath(new URL("..", import.meta.url));

/** Permissive ones only, as in deny.toml: the console is shipped in one binary under Apache-2.0. */
const ALLOWED = new Set([
  "0BSD",
  "Apache-2.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "CC0-1.0",
  "ISC",
  "MIT",
  "OFL-1.1",
  "Python-2.0",
  "Unlicense",
]);

/** Under these nobody asks for words to be kept. */
const WORDLESS = new Set(["CC0-1.0", "Unlicense"]);

/** What comes into style sheets and is no dependency of the program. */
const IN_STYLE_SHEETS = ["tailwindcss"];

/** Where a package has no file of its licence: whose file it is, which must be the same authors' and licence. */
const TEXT_OF = { "react-remove-scroll-bar": "react-remove-scroll" };

function textIn(name) {
  const folder = path.join(ui, "node_modules", name);
  const found = readdirSync(folder).filter((file) => /^(licen[cs]e|copying|ofl|notice)(\.|$)/i.test(file));
  return found.sort().map((file) => readFileSync(path.join(folder, file), "utf8").trim()).join("\n\n");
}

function manifestOf(folder) {
  return JSON.parse(readFileSync(path.join(ui, folder, "package.json"), "utf8"));
}

/** Every package that `names` need, themselves included. */
function closure(names) {
  const seen = new Map();
  const open = [...names];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (seen.has(name)) continue;
    const said = manifestOf(path.join("node_modules", name));
    seen.set(name, { name, version: said.version, identifier: said.license, text: textIn(name) });
    open.push(...Object.keys(said.dependencies ?? {}));
  }
  return [...seen.values()];
}

/** Fonts come by style sheets, and what a worker uses is not in vite's list: a dependency that is not in it is told whole. */
function unseen(bundled) {
  const seen = new Set(bundled.map((one) => one.name));
  const direct = Object.keys(manifestOf(".").dependencies);
  return closure([...direct.filter((name) => !seen.has(name)), ...IN_STYLE_SHEETS]);
}

/** The text of `licences.txt`. Fails where a licence is not an allowed one, or its words are missing. */
export function licences(dist) {
  const bundled = JSON.parse(readFileSync(path.join(dist, ".vite", "licences.json"), "utf8"));
  const all = new Map();
  for (const one of [...bundled, ...unseen(bundled)]) all.set(`${one.name} ${one.version}`, one);
  const parts = [...all.values()].sort((one, other) => (one.name < other.name ? -1 : 1)).map((one) => {
    if (!ALLOWED.has(one.identifier)) {
      throw new Error(`${one.name} is under ${one.identifier}, which is not allowed: see ALLOWED in build/licences.mjs`);
    }
    const text = (one.text ?? "").trim() || textIn(TEXT_OF[one.name] ?? one.name);
    if (text === "" && !WORDLESS.has(one.identifier)) {
      throw new Error(`${one.name} has no words of its licence: name whose they are in TEXT_OF in build/licences.mjs`);
    }
    return `${one.name} ${one.version} (${one.identifier})\n\n${text}\n`;
  });
  const head = "Dragoman is under the Apache License 2.0. Its console contains the work of others:\n";
  return [head, ...parts].join(`\n${"-".repeat(80)}\n\n`);
}
