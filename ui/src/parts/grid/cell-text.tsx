// What does one value of a result look like in its cell?

import type { Cell, ResultColumn } from "~/api/runs";
import { classes } from "~/ui/classes";
import { isNumeric } from "./layout";

/** A cell shows a line: the viewer shows the rest. */
export const CELL_CHARACTERS_MAX = 300;

/** One line of a text: what breaks lines is shown as a sign. */
export const oneLine = (text: string): string => text.slice(0, CELL_CHARACTERS_MAX).replaceAll(/\r\n|\r|\n/g, "↵").replaceAll("\t", "⇥");

const SIGN = "rounded bg-subtle px-1 py-px font-sans text-2xs text-ink-faint";

/** NULL and the empty text are signs, so that no text can be taken for them. */
export function CellText({ value }: { value: Cell | undefined }) {
  if (value === null || value === undefined) {
    return <span className={classes(SIGN, "italic")}>NULL</span>;
  }
  if (value === "") {
    return <span className={SIGN}>empty text</span>;
  }
  if (typeof value !== "string") {
    return <>{String(value)}</>;
  }
  return (
    <>
      {oneLine(value)}
      {value.length > CELL_CHARACTERS_MAX && <span className={classes(SIGN, "ml-1")}>{sizeWord(value.length)}</span>}
    </>
  );
}

const sizeWord = (characters: number): string => (characters < 10_000 ? `${characters} characters` : characters < 1_000_000 ? `${Math.round(characters / 1_000)} k characters` : `${(characters / 1_000_000).toFixed(1)} M characters`);

/** Numbers read from the left in every script; texts as their own letters say. */
export const directionOf = (column: ResultColumn | undefined): "ltr" | "auto" => (column !== undefined && (isNumeric(column) || column.kind === "moment" || column.kind === "timestamp") ? "ltr" : "auto");
