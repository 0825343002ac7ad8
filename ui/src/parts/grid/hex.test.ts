// Are bytes read and written as they are?

import { expect, it } from "vitest";
import { bytesOf, hexLines, textOf } from "./hex";

it("reads what the API writes, and nothing else", () => {
  expect([...(bytesOf("\\x00ffA0") ?? [])]).toEqual([0, 255, 160]);
  expect(bytesOf("\\x")).toHaveLength(0);
  expect(bytesOf("\\x0")).toBeUndefined();
  expect(bytesOf("\\x0g")).toBeUndefined();
  expect(bytesOf("abc")).toBeUndefined();
});

it("writes lines of sixteen with the letters beside them", () => {
  const bytes = bytesOf(`\\x${"41".repeat(17)}00`) ?? new Uint8Array();
  expect(hexLines(bytes, 10)).toEqual([
    { offset: "00000000", hex: "41 41 41 41 41 41 41 41  41 41 41 41 41 41 41 41", letters: "AAAAAAAAAAAAAAAA" },
    { offset: "00000010", hex: "41 00", letters: "A." },
  ]);
  expect(hexLines(bytes, 1)).toHaveLength(1);
});

it("knows what is text", () => {
  expect(textOf(bytesOf("\\x68c3a9") ?? new Uint8Array())).toBe("hé");
  expect(textOf(bytesOf("\\xff") ?? new Uint8Array())).toBeUndefined();
});
