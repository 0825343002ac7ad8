// What does a cell hold, in full?

import { ChevronDown, ChevronUp, Copy } from "lucide-react";
import { useState } from "react";
import type { Cell, ResultColumn } from "~/api/runs";
import { Button, IconButton } from "~/ui/button";
import { Segments } from "~/ui/choice";
import { copyText } from "~/ui/copy";
import { Dialog } from "~/ui/dialog";
import { bytes as bytesWord, count, integer } from "~/ui/format";
import { useShortcuts } from "~/ui/shortcuts";
import { CellText } from "./cell-text";
import { bytesOf, textOf } from "./hex";
import { HexView } from "./hex-view";
import { JsonTree } from "./json-tree";

/** One cell of a result. */
export interface OpenCell {
  column: ResultColumn;
  value: Cell;
  /** The number of its row, from 1. */
  number: number;
  /** Another one for each place. */
  key: string;
}

interface CellViewerProps {
  cell: OpenCell | undefined;
  /** To the same column of the row before or behind; nothing where there is none. */
  onStep: (by: 1 | -1) => void;
  onClose: () => void;
}

/** So much of a text is drawn before one asks for the rest. */
const TEXT_MAX = 100_000;

export function CellViewer({ cell, onStep, onClose }: CellViewerProps) {
  return (
    <Dialog
      side
      open={cell !== undefined}
      onClose={onClose}
      title={<span dir="auto">{cell?.column.name}</span>}
      description={cell && `Row ${integer(cell.number)}, ${cell.column.type_name}${sizeOf(cell.value)}`}
      actions={
        cell && (
          <>
            <Steps onStep={onStep} />
            <Button icon={<Copy className="size-3.5" aria-hidden="true" />} disabled={cell.value === null} onClick={() => void copyText(String(cell.value), "Cell copied")}>
              Copy value
            </Button>
          </>
        )
      }
    >
      {cell && <Value key={cell.key} value={cell.value} kind={cell.column.kind} />}
    </Dialog>
  );
}

function Steps({ onStep }: { onStep: (by: 1 | -1) => void }) {
  useShortcuts([
    { keys: "j", label: "The same column of the next row", run: () => onStep(1), inDialog: true },
    { keys: "k", label: "The same column of the row before", run: () => onStep(-1), inDialog: true },
  ]);
  return (
    <span className="mr-auto flex gap-1">
      <IconButton label="The row before" shortcut="k" onClick={() => onStep(-1)}>
        <ChevronUp className="size-4" aria-hidden="true" />
      </IconButton>
      <IconButton label="The next row" shortcut="j" onClick={() => onStep(1)}>
        <ChevronDown className="size-4" aria-hidden="true" />
      </IconButton>
    </span>
  );
}

const sizeOf = (value: Cell): string => (typeof value === "string" ? `, ${count(value.length, "character")}` : "");

function parsed(value: Cell): object | undefined {
  if (typeof value !== "string" || !/^\s*[[{]/.test(value)) {
    return undefined;
  }
  try {
    const found: unknown = JSON.parse(value);
    return typeof found === "object" && found !== null ? found : undefined;
  } catch {
    return undefined;
  }
}

/** What a value can be read as. */
interface Reading {
  json: object | undefined;
  bytes: Uint8Array | undefined;
  /** The bytes as a text, where they are one. */
  decoded: string | undefined;
}

function readingOf(value: Cell, kind: string): Reading {
  const bytes = kind === "bytes" && typeof value === "string" ? bytesOf(value) : undefined;
  const decoded = bytes && textOf(bytes);
  return { json: parsed(decoded ?? value), bytes, decoded };
}

type Manner = "tree" | "pretty" | "hex" | "decoded" | "text";

function choicesOf({ json, bytes, decoded }: Reading): readonly { value: Manner; label: string }[] {
  return [
    ...(json === undefined ? [] : ([{ value: "tree", label: "Tree" }, { value: "pretty", label: "Indented" }] as const)),
    ...(bytes === undefined ? [] : ([{ value: "hex", label: "Hex" }] as const)),
    ...(decoded === undefined || decoded === "" ? [] : ([{ value: "decoded", label: "As UTF-8" }] as const)),
    { value: "text", label: "As it came" },
  ];
}

function Value({ value, kind }: { value: Cell; kind: string }) {
  const [reading] = useState(() => readingOf(value, kind));
  const choices = choicesOf(reading);
  const [manner, setManner] = useState<Manner>(choices[0]?.value ?? "text");
  const { json, bytes, decoded } = reading;
  if (typeof value !== "string" || value === "") {
    return (
      <p className="font-mono text-[13px]">
        <CellText value={value} />
      </p>
    );
  }
  return (
    <div className="flex flex-col gap-3">
      {choices.length > 1 && (
        <div className="flex flex-wrap items-center gap-3">
          <Segments label="How it is shown" value={manner} onChange={setManner} choices={choices} />
          {bytes && <span className="text-xs text-ink-soft">{bytesWord(bytes.length)}</span>}
        </div>
      )}
      {manner === "tree" ? (
        <div className="font-mono text-xs leading-5">
          <JsonTree value={json} />
        </div>
      ) : manner === "hex" && bytes ? (
        <HexView bytes={bytes} />
      ) : (
        <LongText key={manner} text={manner === "pretty" ? JSON.stringify(json, null, 2) : manner === "decoded" ? (decoded ?? "") : value} />
      )}
    </div>
  );
}

function LongText({ text }: { text: string }) {
  const [shown, setShown] = useState(TEXT_MAX);
  return (
    <>
      <pre dir="auto" className="font-mono text-xs leading-5 break-words whitespace-pre-wrap text-ink">
        {text.slice(0, shown)}
      </pre>
      {text.length > shown && (
        <div>
          <Button onClick={() => setShown(shown + TEXT_MAX * 10)}>Show more of {count(text.length, "character")}</Button>
        </div>
      )}
    </>
  );
}
