// Are texts kept in their order, bounded, and none lost between two windows?

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { belongTo } from "~/ui/remembered";
import { SheetStore } from "./sheet-store";
import { CLOSED_MAX, givenUp, OPEN_MAX, openOf, placeBeside, sheetOf, titleOf, type Sheet } from "./sheets";

const sheet = (id: string, change: Partial<Sheet> = {}): Sheet => ({ id, name: "", text: id, query: undefined, place: 0, closedAt: 0, ...change });
const texts = (store: SheetStore): string[] => openOf(store.sheets).map((one) => one.text);

beforeEach(() => {
  localStorage.clear();
  belongTo("ada");
});
afterEach(() => vi.unstubAllGlobals());

/** The first of a window's texts. */
function firstOf(store: SheetStore): Sheet {
  const [first] = openOf(store.sheets);
  if (first === undefined) {
    throw new Error("there is always one");
  }
  return first;
}

/** Tells a window what another one has written, as browsers do. */
function tellOf(key: string): void {
  window.dispatchEvent(new StorageEvent("storage", { key, newValue: localStorage.getItem(key) }));
}
const keyOf = (id: string): string => `dragoman.ada.sql.shop.tab.${id}`;

describe("sheets", () => {
  it("are called by their name, else by what they begin with", () => {
    expect(titleOf(sheet("a", { name: "Mine" }))).toBe("Mine");
    expect(titleOf(sheet("a", { text: "  SELECT\n  a  FROM b" }))).toBe("SELECT a FROM b");
    expect(titleOf(sheet("a", { text: `-- ${"why ".repeat(20)}` }))).toMatch(/^why why .*…$/);
    expect(titleOf(sheet("a", { text: " " }))).toBe("New query");
  });

  it("move between others, and not beyond the ends", () => {
    const three = [sheet("a", { place: 1 }), sheet("b", { place: 2 }), sheet("c", { place: 3 })];
    const moved = (id: string, to: number) => openOf(three.map((one) => (one.id === id ? { ...one, place: placeBeside(three, id, to) ?? one.place } : one))).map((one) => one.id);
    expect(moved("a", 1)).toEqual(["b", "a", "c"]);
    expect(moved("a", 9)).toEqual(["b", "c", "a"]);
    expect(moved("c", -4)).toEqual(["c", "a", "b"]);
    expect(placeBeside(three, "b", 1)).toBeUndefined();
    expect(placeBeside(three, "nobody", 1)).toBeUndefined();
  });

  it("are given up where too many were closed or all are too long, never those that are open", () => {
    const closed = Array.from({ length: CLOSED_MAX + 2 }, (_, index) => sheet(`c${index}`, { closedAt: index + 1 }));
    expect(givenUp(closed).map((one) => one.id)).toEqual(["c1", "c0"]);
    const long = "x".repeat(1_500_000);
    expect(givenUp([sheet("open", { text: long }), sheet("long", { text: long, closedAt: 2 }), sheet("short", { closedAt: 1 })]).map((one) => one.id)).toEqual(["long"]);
  });

  it("are not taken from what is something else", () => {
    expect(["", "{", "null", "[]", '{"text":5}'].map((kept) => sheetOf("a", kept))).toEqual([undefined, undefined, undefined, undefined, undefined]);
    expect(sheetOf("a", '{"text":"t","place":"x","name":7}')).toEqual(sheet("a", { text: "t" }));
  });
});

describe("the store of a window", () => {
  it("has one text at least, and all of them again after a reload, in their order", () => {
    const store = new SheetStore("shop");
    store.change(firstOf(store).id, { text: "one" });
    store.open("two");
    const third = store.open("three");
    store.move(third?.id ?? "", 0);
    store.flush();
    expect(texts(new SheetStore("shop"))).toEqual(["three", "one", "two"]);
    expect(texts(new SheetStore("other"))).toEqual([""]);
  });

  it("keeps what was closed for a while, and opens it where it was", () => {
    const store = new SheetStore("shop");
    const one = firstOf(store);
    store.change(one.id, { text: "one" });
    expect(store.close(one.id)?.text).toBe("");
    expect(texts(store)).toEqual([""]);
    const later = new SheetStore("shop");
    expect(later.reopen()?.id).toBe(one.id);
    expect(texts(later)).toContain("one");
    expect(later.reopen()).toBeUndefined();
  });

  it("opens a bounded number", () => {
    const store = new SheetStore("shop");
    for (let count = 1; count < OPEN_MAX; count += 1) {
      expect(store.open(`t${count}`)).toBeDefined();
    }
    expect(store.open("more")).toBeUndefined();
  });

  it("takes the one text of before", () => {
    localStorage.setItem("dragoman.ada.sql.shop", JSON.stringify({ text: "SELECT old", query: "q" }));
    expect(texts(new SheetStore("shop"))).toEqual(["SELECT old"]);
    expect(texts(new SheetStore("shop"))).toEqual(["SELECT old"]);
    expect(localStorage.getItem("dragoman.ada.sql.shop")).toBeNull();
  });

  it("goes on in the one text of before when it is changed, and makes no second one of it", () => {
    localStorage.setItem("dragoman.ada.sql.shop", JSON.stringify({ text: "SELECT old" }));
    const store = new SheetStore("shop");
    store.change(firstOf(store).id, { text: "SELECT new" });
    store.flush();
    expect(texts(store)).toEqual(["SELECT new"]);
    expect(texts(new SheetStore("shop"))).toEqual(["SELECT new"]);
  });

  it("says when the browser keeps nothing, and goes on", () => {
    const store = new SheetStore("shop");
    const full = () => {
      throw new Error("full");
    };
    vi.stubGlobal("localStorage", { length: 0, key: () => null, getItem: () => null, setItem: full, removeItem: full });
    store.change(firstOf(store).id, { text: "typed" });
    store.flush();
    expect([store.isKept, texts(store)]).toEqual([false, ["typed"]]);
    vi.unstubAllGlobals();
    store.change(firstOf(store).id, { text: "typed more" });
    store.flush();
    expect(store.isKept).toBe(true);
  });
});

describe("two windows", () => {
  it("see each other's new texts, and what is typed in one", () => {
    const [one, two] = [new SheetStore("shop"), new SheetStore("shop")];
    const stop = two.listen();
    const { id } = firstOf(one);
    one.change(id, { text: "from one" });
    one.flush();
    tellOf(keyOf(id));
    expect(texts(two)).toContain("from one");
    stop();
  });

  it("make two texts of one that both change at once", () => {
    const one = new SheetStore("shop");
    const { id } = firstOf(one);
    one.change(id, { text: "both" });
    one.flush();
    const two = new SheetStore("shop");
    const stop = two.listen();
    two.change(id, { text: "typed in two" });
    one.change(id, { text: "typed in one" });
    one.flush();
    tellOf(keyOf(id));
    expect(texts(two)).toEqual(["typed in one", "typed in two"]);
    const own = two.ownOf(id);
    expect(two.find(own)?.text).toBe("typed in two");
    expect(two.ownOf(id)).toBeUndefined();
    stop();
    expect(texts(new SheetStore("shop"))).toEqual(["typed in one", "typed in two"]);
  });

  it("do so also where one was not told", () => {
    const one = new SheetStore("shop");
    const { id } = firstOf(one);
    one.change(id, { text: "both" });
    one.flush();
    const two = new SheetStore("shop");
    one.change(id, { text: "typed in one" });
    one.flush();
    two.change(id, { text: "typed in two" });
    two.flush();
    expect(texts(new SheetStore("shop"))).toEqual(["typed in one", "typed in two"]);
  });

  it("of somebody else are not seen", () => {
    const store = new SheetStore("shop");
    store.change(firstOf(store).id, { text: "of Ada" });
    store.flush();
    belongTo(undefined);
    belongTo("bob");
    expect(texts(new SheetStore("shop"))).toEqual([""]);
  });
});
