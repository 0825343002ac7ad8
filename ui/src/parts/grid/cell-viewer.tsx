// What does a cell hold, in full?

import { Copy } from "lucide-react";
import { useState } from "react";
import type { Cell, ResultColumn } from "~/api/runs";
import { Button } from "~/ui/button";
import { Segments } from "~/ui/choice";
import { copyText } from "~/ui/copy";
import { Dialog } from "~/ui/dialog";
import { count, integer } from "~/ui/format";
import { CellText } from "./cell-text";
import { JsonTree } from "./json-tree";
import type { Place } from "./selection";

interface CellViewerProps {
  place: Place | undefined;
  columns: readonly ResultColumn[];
  rows: readonly (readonly Cell[])[];
  onClose: () => void;
}

/** So much of a text is drawn before one asks for the rest. */
const TEXT_MAX = 100_000;

export function CellViewer({ place, columns, rows, onClose }: CellViewerProps) {
  const column = place && columns[place.column];
  const value = place && rows[place.row]?.[place.column];
  const isThere = place !== undefined && column !== undefined && value !== undefined;
  return (
    <Dialog
      side
      open={isThere}
      onClose={onClose}
      title={<span dir="auto">{column?.name}</span>}
      description={column && place ? `Row ${integer(place.row + 1)}, ${column.type_name}${typeof value === "string" ? `, ${count(value.length, "character")}` : ""}` : undefined}
      actions={
        isThere && (
          <Button icon={<Copy className="size-3.5" aria-hidden="true" />} disabled={value === null} onClick={() => void copyText(String(value), "Cell copied")}>
            Copy value
          </Button>
        )
      }
    >
      {isThere && <Value key={`${place.row}-${place.column}`} value={value} />}
    </Dialog>
  );
}

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

type Manner = "tree" | "pretty" | "text";

function Value({ value }: { value: Cell }) {
  const [json] = useState(() => parsed(value));
  const [manner, setManner] = useState<Manner>(json === undefined ? "text" : "tree");
  if (typeof value !== "string" || value === "") {
    return (
      <p className="font-mono text-[13px]">
        <CellText value={value} />
      </p>
    );
  }
  const choices = [
    { value: "tree", label: "Tree" },
    { value: "pretty", label: "Indented" },
    { value: "text", label: "As it came" },
  ] as const;
  return (
    <div className="flex flex-col gap-3">
      {json !== undefined && (
        <div>
          <Segments label="How it is shown" value={manner} onChange={setManner} choices={choices} />
        </div>
      )}
      {manner === "tree" ? (
        <div className="font-mono text-xs leading-5">
          <JsonTree value={json} />
        </div>
      ) : (
        <LongText key={manner} text={manner === "pretty" ? JSON.stringify(json, null, 2) : value} />
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
