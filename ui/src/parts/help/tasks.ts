// What can one ask the palette for, of what the guides answer?

import { blocks, textOf, type Block, type Inline } from "./markdown";
import { guideNames, guideText } from "./guides";

/** A question that a guide answers. */
export interface Task {
  label: string;
  /** Where it is answered, in words. */
  detail: string;
  guide: string;
}

const HEADING = /^what to do/i;
const LABEL_MAX = 110;

const titleOf = (found: readonly Block[]): string => {
  const first = found[0];
  return first?.kind === "heading" ? textOf(first.inline) : "";
};

const short = (text: string): string => (text.length <= LABEL_MAX ? text : `${text.slice(0, text.lastIndexOf(" ", LABEL_MAX))}…`);

/** Without who asks, up to where the answer begins: a question in quotes, or the first sentence. */
function question(parts: readonly Inline[]): string {
  const text = textOf(parts).replace(/^[^:"“]{1,40}: */, "").trim();
  const quoted = /^["“]([^"”]+)["”]/.exec(text)?.[1];
  return short(quoted ?? text.split(/(?<=[^.]{8}[.:?]) /)[0] ?? text);
}

function tasksOf(guide: string): Task[] {
  const found = blocks(guideText(guide) ?? "");
  const title = titleOf(found);
  const from = found.findIndex((one) => one.kind === "heading" && HEADING.test(textOf(one.inline)));
  const after = from < 0 ? [] : found.slice(from + 1);
  const end = after.findIndex((one) => one.kind === "heading");
  const lists = (end < 0 ? after : after.slice(0, end)).filter((one) => one.kind === "list");
  const answered = lists.flatMap((one) => one.items).map((item): Task => ({ label: question(item), detail: `how do I: ${title}`, guide }));
  return [{ label: `Guide: ${title}`, detail: "how do I, help", guide }, ...answered];
}

/** "Stop a statement, find who blocks": the rows of what one wants, and the guide that each names first. */
function wanted(): Task[] {
  const tables = blocks(guideText("README") ?? "").filter((one) => one.kind === "table");
  return (tables.at(-1)?.rows ?? []).flatMap(([want, answer]) => {
    const link = answer?.find((part) => part.kind === "link");
    const label = want ? textOf(want) : "";
    return link?.kind === "link" && label !== "" ? [{ label: `How do I ${label.replace(/\?$/, "")}?`, detail: link.text, guide: link.href.replace(/\.md.*$/, "") }] : [];
  });
}

/** All of them: what one wants first. */
export const tasks = (): Task[] => [...wanted(), ...guideNames().filter((name) => name !== "README").flatMap(tasksOf)];
