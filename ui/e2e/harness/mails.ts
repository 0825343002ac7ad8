// Which links were sent to somebody? Without a mail server mails are files.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";

/** Quoted-printable, as far as links need it: lines are cut at `=`, which is written `=3D` itself (RFC 2045, 6.7). */
const unfolded = (mail: string): string => mail.replace(/=\r?\n/g, "").replaceAll("=3D", "=");

/** The links in the mails to an address, the oldest first. */
export function linksTo(folder: string, email: string): string[] {
  if (!existsSync(folder)) {
    return [];
  }
  const texts = readdirSync(folder)
    .sort()
    .map((file) => unfolded(readFileSync(path.join(folder, file), "utf8")));
  return texts.filter((text) => text.includes(email)).flatMap((text) => text.match(/https?:\/\/\S+#\S+/g) ?? []);
}
