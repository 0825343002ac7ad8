// Are the installed packages those of the lockfile? Ends with 1 where they are not. npm keeps its own copy of
// what it installed, so nothing has to be compared file by file.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

function packagesIn(file) {
  try {
    return JSON.parse(readFileSync(fileURLToPath(new URL(file, import.meta.url)), "utf8")).packages;
  } catch {
    return undefined;
  }
}

const wanted = packagesIn("../package-lock.json");
const installed = packagesIn("../node_modules/.package-lock.json");
const differs = ([name, one]) => {
  if (name === "") return false;
  const there = installed[name];
  // What is only for other systems is left out where it cannot run.
  if (there === undefined) return one.optional !== true;
  return there.version !== one.version || there.integrity !== one.integrity;
};
if (wanted === undefined || installed === undefined) process.exit(1);
process.exit(Object.entries(wanted).some(differs) ? 1 : 0);
