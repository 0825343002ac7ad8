// Where was the person lately, and what did they mark?

import { useQueries, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { BookOpenText, Database, DoorOpen, FileText, ListTree, ShieldCheck, Star, Table2, type LucideIcon } from "lucide-react";
import { connectionsQuery } from "~/api/connections";
import { favouritesQuery, fingerprintTextQuery, recentQuery, savedQueryNamesQuery, type ItemKind } from "~/api/recent";
import { ruleSetsQuery } from "~/api/rule-sets";
import { schemaObjectQuery } from "~/api/tables";
import { SqlLine } from "~/parts/sql-text";
import { useMay, useWorkspace } from "~/parts/workspace";
import { paths, withSearch } from "~/paths";
import { Card } from "~/ui/card";
import { ErrorNote, SkeletonRows } from "~/ui/states";
import { RelativeTime } from "~/ui/time";

const SHOWN_MAX = 7;
/** Some of those were deleted since. */
const LOOKED_AT_MAX = 12;

interface Item {
  kind: ItemKind;
  target: string;
  openedAt?: string;
}

const KINDS: Record<ItemKind, [string, LucideIcon]> = {
  connection: ["connection", Database],
  query: ["saved query", BookOpenText],
  table: ["table", Table2],
  fingerprint: ["query", ListTree],
  rule_set: ["rule set", ShieldCheck],
  listener: ["listener", DoorOpen],
  page: ["page", FileText],
};

const isKind = (word: string): word is ItemKind => word in KINDS;
const itemOf = ({ kind, target, opened_at }: { kind: string; target: string; opened_at?: string }): Item[] => (isKind(kind) ? [{ kind, target, openedAt: opened_at }] : []);

/** Where an item's page is. */
export function itemPath(slug: string, { kind, target }: Pick<Item, "kind" | "target">): string {
  const [connection, key] = parted(target);
  switch (kind) {
    case "connection":
      return paths.connection(slug, target);
    case "query":
      return paths.savedQuery(slug, target);
    case "table":
      return connection === "" ? paths.tables(slug) : paths.table(slug, connection, key);
    case "fingerprint":
      return paths.query(slug, target);
    case "rule_set":
      return paths.ruleSet(slug, target);
    case "listener":
      return withSearch(paths.traffic(slug), { listener: target });
    case "page":
      return target.startsWith("/w/") ? target : paths.home(slug);
  }
}

interface Names {
  of: ReadonlyMap<string, string>;
  /** What was deleted since is left out. */
  isThere: (item: Item) => boolean;
}

const nameKey = ({ kind, target }: Pick<Item, "kind" | "target">): string => `${kind} ${target}`;

/** The name of each item, where its target is an id or a key. */
function useNames(items: readonly Item[]): Names {
  const { slug } = useWorkspace();
  const mayTraffic = useMay("view_traffic");
  const connections = useQuery(connectionsQuery(slug)).data;
  const has = (kind: ItemKind) => items.some((item) => item.kind === kind);
  const ruleSets = useQuery({ ...ruleSetsQuery(slug), enabled: has("rule_set") }).data;
  const saved = useQuery({ ...savedQueryNamesQuery(slug), enabled: has("query") }).data;
  const isConnected = (id: string) => connections?.some((one) => one.id === id) ?? false;
  const tables = items.filter((item) => item.kind === "table" && isConnected(parted(item.target)[0]));
  const fingerprints = items.filter((item) => item.kind === "fingerprint");
  const objects = useQueries({ queries: tables.map(({ target }) => ({ ...schemaObjectQuery(slug, ...parted(target)), retry: false })) });
  const texts = useQueries({ queries: fingerprints.map(({ target }) => ({ ...fingerprintTextQuery(slug, target), enabled: mayTraffic })) });
  const of = new Map<string, string>();
  connections?.forEach((one) => of.set(`connection ${one.id}`, one.name));
  ruleSets?.forEach((one) => of.set(`rule_set ${one.id}`, one.name));
  saved?.names.forEach((title, id) => of.set(`query ${id}`, title));
  tables.forEach((item, index) => {
    const object = objects[index]?.data?.object;
    of.set(nameKey(item), object ? [object.schema, object.name].filter(Boolean).join(".") : "a table");
  });
  fingerprints.forEach((item, index) => {
    const text = texts[index]?.data;
    if (text) {
      of.set(nameKey(item), text);
    }
  });
  const arrived: Partial<Record<ItemKind, boolean>> = { connection: connections !== undefined, table: connections !== undefined, rule_set: ruleSets !== undefined, query: saved?.isWhole ?? false };
  return { of, isThere: (item) => of.has(nameKey(item)) || arrived[item.kind] !== true };
}

/** Connection and key of a table's target. */
function parted(target: string): [string, string] {
  const slash = target.indexOf("/");
  return slash < 0 ? ["", target] : [target.slice(0, slash), target.slice(slash + 1)];
}

export function Recent() {
  const { slug } = useWorkspace();
  const recent = useQuery(recentQuery(slug));
  const favourites = useQuery(favouritesQuery(slug));
  const candidates = (recent.data ?? []).flatMap(itemOf).slice(0, LOOKED_AT_MAX);
  const favoured = (favourites.data ?? []).flatMap(itemOf).slice(0, LOOKED_AT_MAX);
  const { of: names, isThere } = useNames([...new Map([...candidates, ...favoured].map((item) => [nameKey(item), item])).values()]);
  const opened = candidates.filter(isThere).slice(0, SHOWN_MAX);
  const marked = favoured.filter(isThere).slice(0, SHOWN_MAX);
  return (
    <Card flush title="Recent and marked">
      {recent.isPending && <SkeletonRows rows={3} />}
      {recent.error !== null && recent.data === undefined && <div className="p-4"><ErrorNote error={recent.error} /></div>}
      {marked.length > 0 && <Items label="Marked" items={marked} names={names} isMarked />}
      {opened.length > 0 && <Items label="Opened" items={opened} names={names} />}
      {recent.data !== undefined && opened.length === 0 && marked.length === 0 && <p className="px-4 py-4 text-[13px] text-ink-soft">Queries, tables, connections and rule sets that you open or mark are found again here.</p>}
    </Card>
  );
}

function Items({ label, items, names, isMarked = false }: { label: string; items: readonly Item[]; names: ReadonlyMap<string, string>; isMarked?: boolean }) {
  const { slug } = useWorkspace();
  return (
    <ul aria-label={label} className="border-t border-line py-1.5 first:border-t-0">
      {items.map((item) => {
        const [word, Icon] = KINDS[item.kind];
        const name = names.get(nameKey(item));
        return (
          <li key={`${item.kind} ${item.target}`}>
            <Link to={itemPath(slug, item)} className="flex h-8 items-center gap-2.5 px-4 text-[13px] hover:bg-hover">
              <Icon className="size-3.5 shrink-0 text-ink-faint" aria-hidden="true" />
              <span className="sr-only">{word}</span>
              <span className="min-w-0 flex-1 truncate">{item.kind === "fingerprint" && name ? <SqlLine text={name} /> : (name ?? item.target)}</span>
              {isMarked ? <Star className="size-3.5 shrink-0 fill-current text-warn" aria-hidden="true" /> : <RelativeTime at={item.openedAt} className="shrink-0 text-xs text-ink-faint" />}
            </Link>
          </li>
        );
      })}
    </ul>
  );
}
