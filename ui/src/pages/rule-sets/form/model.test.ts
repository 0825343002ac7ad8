// Does a rule come out of its form as it went in, but for what was changed?

import { describe, expect, it } from "vitest";
import { changesOf, EMPTY_RULE, formOf, newFields, sentence, wrongWith } from "./model";

const WAGES = { name: "wages", when: { table: "wages", class: ["read"], every_row: true, rows_over: 1000, time: { days: ["mon"], from: "08:00" } }, unless: { user: ["payroll"] }, decision: "refuse", overridable: false, message: "no" };

describe("the form of a rule", () => {
  it("changes nothing that was not changed", () => {
    const form = formOf(WAGES);
    expect(changesOf(form, form)).toEqual({});
    expect(changesOf(form, { ...form, message: "ask payroll" })).toEqual({ message: "ask payroll" });
    expect(newFields(form)).toEqual({ ...WAGES, reason: undefined, limit: undefined, dry_run: undefined, record: undefined, hint: undefined });
  });

  it("keeps what is written in another way: dry_run = false, overridable = true", () => {
    const form = formOf({ ...WAGES, overridable: true, dry_run: false });
    expect(changesOf(form, { ...form, name: "pay" })).toEqual({ name: "pay" });
  });

  it("keeps conditions that it has no field for", () => {
    const form = formOf({ name: "a", decision: "note", when: { class: 1, tabel: "x" } });
    expect(changesOf(form, { ...form, when: form.when.slice(1) })).toEqual({ when: { tabel: "x" } });
  });

  it("takes away what belongs to another decision", () => {
    const form = formOf(WAGES);
    expect(changesOf(form, { ...form, decision: "note" })).toEqual({ decision: "note", overridable: undefined, message: undefined });
    expect(changesOf(form, { ...form, decision: "limit", limit: { ...form.limit, rows: "100", bytes: "10MB", by: "user" } })).toEqual({ decision: "limit", overridable: undefined, limit: { rows: 100, bytes: "10MB", by: "user" } });
  });

  it("says what is missing", () => {
    expect(wrongWith(EMPTY_RULE, [])).toHaveProperty("name");
    expect(wrongWith(formOf(WAGES), ["wages"])).toEqual({ name: "There is a rule of this name already." });
    expect(wrongWith(formOf({ name: "a", decision: "limit", when: { class: [] } }), [])).toEqual({ "when.class": "Needs a value.", limit: "Needs at least one limit." });
  });

  it("says its conditions in a sentence", () => {
    expect(sentence(formOf(WAGES))).toBe("When table is wages and class is read and every_row is true and rows over 1000 and time is mon, from 08:00 UTC, unless user is payroll");
    expect(sentence(EMPTY_RULE)).toBe("Every statement");
  });
});
