// What does a rule say, as a form asks for it?

import { conditionOf, type Shape } from "./reference";

export interface TimeValue {
  days: readonly string[];
  from: string;
  to: string;
  offset: string;
}

/** One condition as the form holds it. */
export interface ConditionForm {
  key: string;
  words: readonly string[];
  truth: boolean;
  number: string;
  time: TimeValue;
  /** Written as one text and no list: it stays so while it is one. */
  isSingle: boolean;
  /** What the form has no field for: it stays as it is. */
  other?: { value: unknown };
}

export interface LimitForm {
  rows: string;
  bytes: string;
  seconds: string;
  per_second: string;
  burst: string;
  by: string;
}

export interface RuleForm {
  name: string;
  when: readonly ConditionForm[];
  unless: readonly ConditionForm[];
  decision: string;
  isFinal: boolean;
  reason: string;
  message: string;
  hint: string;
  isOnTrial: boolean;
  record: readonly string[];
  limit: LimitForm;
}

const NO_TIME: TimeValue = { days: [], from: "", to: "", offset: "" };
const NO_LIMIT: LimitForm = { rows: "", bytes: "", seconds: "", per_second: "", burst: "", by: "" };
export const NOT_PERMITTED = "not_permitted";

export const EMPTY_RULE: RuleForm = { name: "", when: [], unless: [], decision: "refuse", isFinal: false, reason: NOT_PERMITTED, message: "", hint: "", isOnTrial: false, record: [], limit: NO_LIMIT };

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);
const text = (value: unknown): string => (typeof value === "string" || typeof value === "number" ? String(value) : "");
const texts = (value: unknown): string[] => (Array.isArray(value) ? value.filter((one): one is string => typeof one === "string") : typeof value === "string" ? [value] : []);

export const emptyCondition = (key: string): ConditionForm => ({ key, words: [], truth: true, number: "", time: NO_TIME, isSingle: false });

function conditionForm(key: string, value: unknown): ConditionForm {
  const empty = emptyCondition(key);
  const shape: Shape | undefined = conditionOf(key)?.shape;
  if (shape === "truth" && typeof value === "boolean") {
    return { ...empty, truth: value };
  }
  if (shape === "number" && typeof value === "number") {
    return { ...empty, number: String(value) };
  }
  if (shape === "time" && isRecord(value)) {
    return { ...empty, time: { days: texts(value["days"]), from: text(value["from"]), to: text(value["to"]), offset: text(value["offset"]) } };
  }
  if (shape === "words" && (typeof value === "string" || (Array.isArray(value) && value.every((one) => typeof one === "string")))) {
    return { ...empty, words: texts(value), isSingle: typeof value === "string" };
  }
  return { ...empty, other: { value } };
}

const conditionForms = (value: unknown): ConditionForm[] => (isRecord(value) ? Object.entries(value).map(([key, one]) => conditionForm(key, one)) : []);

export function formOf(fields: Readonly<Record<string, unknown>>): RuleForm {
  const limit = isRecord(fields["limit"]) ? fields["limit"] : {};
  return {
    name: text(fields["name"]),
    when: conditionForms(fields["when"]),
    unless: conditionForms(fields["unless"]),
    decision: text(fields["decision"]),
    isFinal: fields["overridable"] === false,
    reason: text(fields["reason"]) || NOT_PERMITTED,
    message: text(fields["message"]),
    hint: text(fields["hint"]),
    isOnTrial: fields["dry_run"] === true,
    record: texts(fields["record"]),
    limit: Object.fromEntries(Object.keys(NO_LIMIT).map((key) => [key, text(limit[key])])) as unknown as LimitForm,
  };
}

const whole = (words: string): number | string => (/^\d+$/.test(words.trim()) ? Number(words.trim()) : words.trim());

export function conditionValue(one: ConditionForm): unknown {
  if (one.other) {
    return one.other.value;
  }
  switch (conditionOf(one.key)?.shape) {
    case "truth":
      return one.truth;
    case "number":
      return whole(one.number);
    case "time":
      return Object.fromEntries(Object.entries(one.time).filter(([, value]) => (typeof value === "string" ? value !== "" : value.length > 0)));
    default:
      return one.isSingle && one.words.length === 1 ? one.words[0] : [...one.words];
  }
}

const table = (conditions: readonly ConditionForm[]): Record<string, unknown> | undefined => (conditions.length === 0 ? undefined : Object.fromEntries(conditions.map((one) => [one.key, conditionValue(one)])));

/** What the form says, in the keys of a rule; what belongs to another decision is left out. */
function fieldsOfForm(form: RuleForm): Record<string, unknown> {
  const { decision } = form;
  const isRefusal = decision === "refuse";
  const isTold = isRefusal || decision === "hold" || decision === "limit";
  const limit = Object.entries(form.limit).filter(([, value]) => value !== "");
  return {
    name: form.name.trim(),
    when: table(form.when),
    unless: table(form.unless),
    decision,
    overridable: isRefusal && form.isFinal ? false : undefined,
    reason: isRefusal && form.reason !== NOT_PERMITTED ? form.reason : undefined,
    limit: decision === "limit" ? Object.fromEntries(limit.map(([key, value]) => [key, key === "by" ? value : whole(value)])) : undefined,
    dry_run: form.isOnTrial && decision !== "note" ? true : undefined,
    record: form.record.length > 0 && decision !== "limit" ? [...form.record] : undefined,
    message: isTold && form.message.trim() !== "" ? form.message.trim() : undefined,
    hint: isTold && form.hint.trim() !== "" ? form.hint.trim() : undefined,
  };
}

/** Only what the person changed: what was written in another way and means the same stays as it was written. */
export function changesOf(before: RuleForm, after: RuleForm): Record<string, unknown> {
  const old = fieldsOfForm(before);
  return Object.fromEntries(Object.entries(fieldsOfForm(after)).filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(old[key])));
}

export const newFields = (form: RuleForm): Record<string, unknown> => fieldsOfForm(form);

const NAME = /^[A-Za-z0-9_-]{1,64}$/;

/** What is missing before it can be written; the rest the server says. */
export function wrongWith(form: RuleForm, taken: readonly string[]): Readonly<Record<string, string>> {
  const wrong: Record<string, string> = {};
  if (!NAME.test(form.name.trim())) {
    wrong["name"] = "Letters, digits, - and _, at most 64.";
  } else if (taken.includes(form.name.trim())) {
    wrong["name"] = "There is a rule of this name already.";
  }
  for (const [where, conditions] of [["when", form.when], ["unless", form.unless]] as const) {
    for (const one of conditions) {
      const shape = one.other ? undefined : conditionOf(one.key)?.shape;
      if (shape === "words" && one.words.length === 0) {
        wrong[`${where}.${one.key}`] = "Needs a value.";
      } else if (shape === "number" && !/^\d+$/.test(one.number.trim())) {
        wrong[`${where}.${one.key}`] = "Needs a whole number.";
      } else if (shape === "time" && one.time.days.length === 0 && one.time.from === "" && one.time.to === "") {
        wrong[`${where}.${one.key}`] = "Needs days or hours.";
      }
    }
  }
  if (form.decision === "limit" && Object.entries(form.limit).every(([key, value]) => key === "by" || value === "")) {
    wrong["limit"] = "Needs at least one limit.";
  }
  return wrong;
}

const listed = (words: readonly string[]): string => (words.length <= 3 ? words.join(" or ") : `${words.slice(0, 3).join(", ")} or ${words.length - 3} more`);

function said(one: ConditionForm): string {
  if (one.other) {
    return `${one.key} is ${JSON.stringify(one.other.value)}`;
  }
  const { time } = one;
  switch (conditionOf(one.key)?.shape) {
    case "truth":
      return `${one.key} is ${one.truth ? "true" : "false"}`;
    case "number":
      return `rows over ${one.number}`;
    case "time":
      return `time is ${[time.days.join(", "), [time.from && `from ${time.from}`, time.to && `to ${time.to}`].filter(Boolean).join(" ")].filter(Boolean).join(", ")}${time.offset ? ` (UTC${time.offset})` : " UTC"}`;
    default:
      return `${one.key} is ${one.words.length === 0 ? "nothing" : listed(one.words)}`;
  }
}

/** The conditions in a sentence. */
export function sentence({ when, unless }: Pick<RuleForm, "when" | "unless">): string {
  const holds = when.length === 0 ? "Every statement" : `When ${when.map(said).join(" and ")}`;
  return unless.length === 0 ? holds : `${holds}, unless ${unless.map(said).join(" and ")}`;
}

/** The limits in words. */
export function limitWords({ rows, bytes, seconds, per_second, burst, by }: LimitForm): string {
  return [rows && `${rows} rows`, bytes && `${bytes}${/^\d+$/.test(bytes) ? " bytes" : ""}`, seconds && `${seconds} s`, per_second && `${per_second} a second${burst && `, ${burst} at once`}${by && `, by ${by}`}`].filter(Boolean).join(", ");
}
