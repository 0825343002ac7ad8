// Does what is exported say the same as the page, and can no name change its form?

import { describe, expect, it } from "vitest";
import type { SchemaDiff } from "~/api/connections";
import { fullName, toJson, toMarkdown } from "./exported";

const snapshot = { id: "1", taken_at: "2026-03-01T00:00:00Z", seen_at: "2026-03-01T00:00:00Z", source: "live", cause: "manual", engine: "postgres", engine_version: "18", object_count: 3, duration_us: 1, warnings: [], pinned: false };
const change = (severity: "safe" | "breaking", sentence: string, usage?: { reads: number; writes: number; last_seen_at: string }) => ({ key: "k", kind: "table", schema: "public", name: "orders", action: "changed" as const, severity, sentence, usage });
const CHANGES = [change("safe", "table `public.new_one` was added"), change("breaking", "column `no*te` of table `public.orders` was <removed>", { reads: 3, writes: 1, last_seen_at: "2026-03-01T00:00:00Z" })];
const DIFF: SchemaDiff = { before: snapshot, after: snapshot, added: 1, removed: 0, changed: 1, changes: CHANGES, is_cut: false, has_usage: true };

describe("an exported difference", () => {
  it("has the worst first in Markdown, and quotes what Markdown would read", () => {
    const text = toMarkdown(DIFF, CHANGES, "shop | live");
    expect(text).toContain("# Schema of shop \\| live\n");
    expect(text).toContain("1 object added, 1 changed, 0 removed");
    expect(text).toContain("- column `no*te` of table `public.orders` was \\<removed\\> (3 reads, 1 write in 30 days)\n");
    expect(text.indexOf("## Breaking")).toBeLessThan(text.indexOf("## Safe"));
    expect(text).not.toContain("## Risky");
  });

  it("is what the API told in JSON, as far as it was not filtered away", () => {
    const read = JSON.parse(toJson(DIFF, CHANGES.slice(0, 1), "shop")) as { connection: string; changes: unknown[] };
    expect(read.connection).toBe("shop");
    expect(read.changes).toHaveLength(1);
  });

  it("names objects in no schema by their name alone", () => {
    expect(fullName({ schema: "", name: "hstore" })).toBe("hstore");
    expect(fullName({ schema: "a", name: "b" })).toBe("a.b");
  });
});
