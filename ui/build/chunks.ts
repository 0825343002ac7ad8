// Which modules come in one file? Many small files pack badly: each begins without the words of the others. So what
// several pages share is in a few files, and pages that people go to and fro between are one.

import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";

/** What every page needs: one file packs better than many, and is kept over releases of ours. */
const BASE = /node_modules\/(?:react|react-dom|scheduler|use-sync-external-store|@tanstack\/(?:router-core|react-router|history|store|react-store))\//;

/** What stands around every page or before all of them: it must not wait for what only some pages need. */
const FRAME = ["src/shell/shell.tsx", "src/shell/workspace.tsx", "src/main.tsx", "index.html"];

/** The files beyond the frame; what none of them names stays where the bundler puts it. */
const FILES: readonly (readonly [RegExp, string])[] = [
  [/src\/pages\/sign-in\//, "sign-in"],
  [/src\/pages\/(?:settings|members|tokens|profile|privacy|notifications|activity|fleet)\//, "people"],
  [/src\/pages\/(?:tables|schema-history|schema-import)\//, "schema"],
  // The picture of joins and the live list bring libraries with them: they wait until they are asked for.
  [/src\/pages\/(?:queries|traffic)\/(?!joins-graph|tail)/, "queries"],
  [/@tanstack\/(?:react-)?(?:table|virtual)|react-context-menu|src\/ui\/table\//, "table"],
  [/src\/ui\/|lucide-react|@radix-ui|floating-ui/, "kit"],
  [/src\/api\//, "api"],
  [/src\/parts\/tips\//, "tips"],
];

/** A picture of a button. Each by itself is two hundred bytes that find nothing to pack with. */
const ICON = /lucide-react\/dist\/esm\/icons\/([a-z0-9-]+)\.m?js/;
/** Which file has which names. */
const BARREL = "lucide-react/dist/esm/lucide-react.mjs";
const EXPORTED = /export \{([^}]*)\} from '\.\/icons\/([a-z0-9-]+)\.mjs'/g;
/** Where pictures are named. */
const NAMED = /import\s*\{([^}]*)\}\s*from\s*"lucide-react"/g;

interface Modules {
  getModuleInfo: (id: string) => { importers: readonly string[] } | null;
}

const framed = new Map<string, boolean>();

/** Whether the frame cannot begin without a module. */
function isFramed(id: string, modules: Modules, seen: Set<string>): boolean {
  const known = framed.get(id);
  if (known !== undefined) {
    return known;
  }
  if (FRAME.some((file) => id.endsWith(file))) {
    return true;
  }
  if (seen.has(id)) {
    return false;
  }
  seen.add(id);
  return (modules.getModuleInfo(id)?.importers ?? []).some((importer) => isFramed(importer, modules, seen));
}

let ofFrame: Set<string> | undefined;

/** The pictures that modules of the frame name, as their files are called. */
function frameIcons(modules: Modules): Set<string> {
  if (ofFrame === undefined) {
    ofFrame = new Set();
    const files = new Map<string, string>();
    for (const [, names, file] of readFileSync(path.join("node_modules", BARREL), "utf8").matchAll(EXPORTED)) {
      for (const [, name] of (names ?? "").matchAll(/default as (\w+)/g)) files.set(name ?? "", file ?? "");
    }
    const ids = readdirSync("src", { recursive: true, encoding: "utf8" }).filter((file) => /\.tsx?$/.test(file) && !/\.test\./.test(file));
    for (const id of ids.map((file) => path.resolve("src", file))) {
      if (isFramed(id, modules, new Set())) {
        for (const [, names] of readFileSync(id, "utf8").matchAll(NAMED)) {
          for (const name of (names ?? "").split(",")) ofFrame.add(files.get(name.trim().split(/\s/)[0] ?? "") ?? "");
        }
      }
    }
  }
  return ofFrame;
}

function fileOf(id: string, modules: Modules): string | null {
  if (/\.css|worker/.test(id)) {
    return null;
  }
  const isPart = isFramed(id, modules, new Set());
  framed.set(id, isPart);
  const icon = ICON.exec(id)?.[1];
  if (icon !== undefined) {
    // The package names all of them in one file, so who asks for one cannot be told from its importers.
    return frameIcons(modules).has(icon) ? null : "icons";
  }
  if (isPart) {
    return null;
  }
  return FILES.find(([test]) => test.test(id))?.[1] ?? null;
}

export const CHUNKS = {
  includeDependenciesRecursively: false,
  groups: [{ name: "base", test: BASE, priority: 1, includeDependenciesRecursively: true }, { name: fileOf }],
};
