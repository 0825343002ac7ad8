// Does what a browser remembers stay with the person it is of, and is what does not fit left alone?

import { beforeEach, describe, expect, it } from "vitest";
import { belongTo, remember, remembered } from "./remembered";

const NOTHING = { text: "" };
const LAYOUT = { widths: {} };

beforeEach(() => {
  belongTo(undefined);
  localStorage.clear();
});

describe("what is remembered of a person", () => {
  it("does not reach the next one", () => {
    belongTo("ada");
    remember("sql.default", { text: "SELECT 'secret'" });
    remember("table.queries", { widths: { a: 1 } });
    expect(remembered("sql.default", NOTHING)).toEqual({ text: "SELECT 'secret'" });
    belongTo(undefined);
    expect(JSON.stringify({ ...localStorage })).not.toContain("secret");
    belongTo("bob");
    expect(remembered("sql.default", NOTHING)).toBe(NOTHING);
    expect(remembered("table.queries", LAYOUT)).toEqual({ widths: { a: 1 } });
  });

  it("is gone when somebody else signs in without the first having signed out", () => {
    localStorage.setItem("dragoman.ada.sql.default", '{"text":"SELECT \'secret\'"}');
    localStorage.setItem("dragoman.sql.default", '{"text":"of an older version"}');
    localStorage.setItem("dragoman.appearance", '{"theme":"dark"}');
    localStorage.setItem("other", "stays");
    belongTo("bob");
    expect(Object.keys({ ...localStorage }).sort()).toEqual(["dragoman.appearance", "other"]);
  });

  it("survives that the same person comes back", () => {
    belongTo("ada");
    remember("sql.default", { text: "SELECT 1" });
    expect(belongTo("ada")).toBe(false);
    expect(remembered("sql.default", NOTHING)).toEqual({ text: "SELECT 1" });
  });

  it("is not written down as somebody else's by a page that still shows it", () => {
    belongTo("ada");
    remember("sql.default", { text: "ada's" });
    expect(belongTo("bob")).toBe(true);
    // The session is asked for again before the page is gone.
    expect(belongTo("bob")).toBe(true);
    remember("sql.default", { text: "ada's" });
    expect(remembered("sql.default", NOTHING)).toBe(NOTHING);
    expect({ ...localStorage }).toEqual({});
  });

  it("is kept nowhere while nobody is signed in", () => {
    remember("sql.default", { text: "late" });
    expect({ ...localStorage }).toEqual({});
  });
});

describe("a remembered value of another shape", () => {
  it.each([
    ["null", NOTHING],
    ["7", NOTHING],
    ["[]", NOTHING],
    ['{"text":7}', NOTHING],
    ['{"widths":null}', LAYOUT],
    ["{}", [1]],
    ["not JSON", NOTHING],
  ])("%s counts as none", (text, otherwise) => {
    belongTo("ada");
    localStorage.setItem("dragoman.ada.key", text);
    expect(remembered<unknown>("key", otherwise)).toBe(otherwise);
  });

  it("and one that the asker does not take", () => {
    belongTo("ada");
    localStorage.setItem("dragoman.ada.recent", "[null]");
    const none: unknown[] = [];
    expect(remembered("recent", none, (value) => Array.isArray(value) && value.every(Boolean))).toBe(none);
  });
});
