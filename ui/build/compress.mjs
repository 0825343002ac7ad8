// Which files does the program take in? After vite: licences are written, each file gets its compressed forms
// where they are smaller, and `dist/files.tsv` lists all of them (path, kind, digest, lasting, form).

import { createHash } from "node:crypto";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { licences } from "./licences.mjs";

const dist = fileURLToPath(new URL("../dist", import.meta.url));

/** What each kind of file is, and whether compressing it again is of use. */
const KINDS = {
  ".css": { type: "text/css; charset=utf-8", packs: true },
  ".html": { type: "text/html; charset=utf-8", packs: true },
  ".ico": { type: "image/x-icon", packs: true },
  ".js": { type: "text/javascript; charset=utf-8", packs: true },
  ".json": { type: "application/json", packs: true },
  ".png": { type: "image/png", packs: false },
  ".svg": { type: "image/svg+xml", packs: true },
  ".txt": { type: "text/plain; charset=utf-8", packs: true },
  ".webmanifest": { type: "application/manifest+json", packs: true },
  ".woff2": { type: "font/woff2", packs: false },
};

/** A packed form must be worth the work of unpacking it. */
const SMALLER = 0.9;

/** The files below a folder, without those whose name begins with a point: they are notes of the build. */
function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !entry.name.startsWith("."))
    .flatMap((entry) => {
      const full = path.join(folder, entry.name);
      return entry.isDirectory() ? filesBelow(full) : [full];
    });
}

function packed(bytes) {
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
    [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
  };
  return { brotli: brotliCompressSync(bytes, { params }), gzip: gzipSync(bytes, { level: 9 }) };
}

/** Writes the compressed forms of one file and answers its line. */
function line(file) {
  const served = `/${path.relative(dist, file).split(path.sep).join("/")}`;
  const kind = KINDS[path.extname(file)];
  if (kind === undefined) {
    throw new Error(`${served}: nobody said what kind of file this is: add its ending to KINDS in build/compress.mjs`);
  }
  const bytes = readFileSync(file);
  const digest = createHash("sha256").update(bytes).digest("hex");
  const lasting = served.startsWith("/assets/") ? "immutable" : "asked";
  // The page itself is different in every answer: it cannot be compressed before.
  if (served === "/index.html" || !kind.packs) return [served, kind.type, digest, lasting, "plain"];
  const { brotli, gzip } = packed(bytes);
  if (Math.max(brotli.length, gzip.length) > bytes.length * SMALLER) return [served, kind.type, digest, lasting, "plain"];
  writeFileSync(`${file}.br`, brotli);
  writeFileSync(`${file}.gz`, gzip);
  return [served, kind.type, digest, lasting, "packed"];
}

const list = path.join(dist, "files.tsv");
rmSync(list, { force: true });
for (const file of filesBelow(dist)) if (/\.(br|gz)$/.test(file)) rmSync(file);
writeFileSync(path.join(dist, "licences.txt"), licences(dist));
const lines = filesBelow(dist)
  .sort()
  .map((file) => line(file).join("\t"));
writeFileSync(list, `${lines.join("\n")}\n`);
