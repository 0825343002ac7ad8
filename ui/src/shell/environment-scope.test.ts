// Can production be taken for less on any page?

import { expect, test } from "vitest";
import type { Connection } from "~/api/connections";
import type { Listener } from "~/api/listeners";
import { environmentOn, type Looked } from "./environment-scope";

const connection = (id: string, environment: string) => ({ id, environment }) as Connection;
const listener = (name: string, ...environments: string[]) => ({ name, planes: environments.map((environment) => ({ state: { environment } })) }) as unknown as Listener;

const scratch = connection("c1", "development");
const shop = connection("c2", "production");
const workspace = { search: {}, chosen: scratch, connections: [scratch, shop], listeners: [listener("shop", "production"), listener("try", "development"), listener("silent")] };
const on = (path: string, more: Partial<Looked> = {}) => environmentOn({ path, ...workspace, ...more });

test("pages that show all of the workspace have its most guarded environment, whatever connection is chosen", () => {
  for (const path of ["/w/shop", "/w/shop/traffic", "/w/shop/queries", "/w/shop/queries/1-abc", "/w/shop/sessions", "/w/shop/audit", "/w/shop/audit/7", "/w/shop/members", "/w/shop/rule-sets", "/w/shop/connections", "/w/shop/connections/new", "/w/shop/saved-queries/9", "/profile", "/"]) {
    expect([path, on(path)]).toEqual([path, "production"]);
  }
});

test("pages of the chosen connection have its environment, and the most guarded while none is chosen", () => {
  for (const path of ["/w/shop/sql", "/w/shop/saved-queries", "/w/shop/tables", "/w/shop/diagram", "/w/shop/schema-history"]) {
    expect([path, on(path), on(path, { chosen: undefined })]).toEqual([path, "development", "production"]);
  }
});

test("what belongs to a connection has that one's environment, not the chosen one's", () => {
  expect(on("/w/shop/connections/c1", { chosen: shop })).toBe("development");
  expect(on("/w/shop/connections/c2")).toBe("production");
  expect(on("/w/shop/tables/c2/public.orders")).toBe("production");
});

test("a list that is narrowed to listeners has their environment", () => {
  expect(on("/w/shop/sessions", { search: { listener: "try" } })).toBe("development");
  expect(on("/w/shop/audit", { search: { listeners: "try,shop" } })).toBe("production");
  expect(on("/w/shop/audit", { search: { listeners: "try" } })).toBe("development");
});

test("the filter counts only where it narrows, and only for listeners that say where they are", () => {
  expect(on("/w/shop", { search: { listener: "try" } })).toBe("production");
  expect(on("/w/shop/sessions", { search: { listener: "try", tab: "blocking" } })).toBe("production");
  expect(on("/w/shop/sessions", { search: { listener: "silent" } })).toBe("production");
  expect(on("/w/shop/sessions", { search: { listener: "gone" } })).toBe("production");
});

test("where nothing says an environment there is none", () => {
  expect(on("/w/shop/traffic", { connections: [], listeners: [listener("silent")] })).toBe("");
});
