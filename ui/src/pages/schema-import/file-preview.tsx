// What does the file seem to hold?

import { useMemo } from "react";
import type { SchemaFileKind } from "~/api/tables";
import { count } from "~/ui/format";
import { Note } from "~/ui/states";
import { previewOf } from "./preview";

export function FilePreview({ text, kind }: { text: string; kind: SchemaFileKind }) {
  const preview = useMemo(() => previewOf(text, kind), [text, kind]);
  return (
    <div className="flex flex-col">
      {preview.problem && (
        <div className="p-3">
          <Note tone="warn">{preview.problem}</Note>
        </div>
      )}
      {preview.rows.length > 0 && (
        // Wider than the page with many headers: it scrolls by itself, and must be reachable by the keyboard then.
        <div role="region" aria-label="Beginning of the file" tabIndex={0} className="scroll-thin max-h-80 overflow-auto">
          <table className="w-full text-left text-xs">
            <thead className="sticky top-0 bg-subtle text-ink-soft">
              <tr>
                {preview.header.map((name, index) => (
                  <th key={index} scope="col" className="px-3 py-1.5 font-medium whitespace-nowrap">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {preview.rows.map((row, index) => (
                <tr key={index} className="border-t border-line">
                  {preview.header.map((_, at) => (
                    <td key={at} dir="auto" className="max-w-72 truncate px-3 py-1.5 font-mono whitespace-nowrap">
                      {row[at]}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <p className="border-t border-line px-4 py-2 text-xs text-ink-soft">
        {preview.tables === undefined ? "Only the beginning was looked at." : `${count(preview.tables, kind === "text/csv" ? "table" : "object")}${preview.columns === undefined ? "" : `, ${count(preview.columns, "column")}`}.`} This is a first look: whether it is right is told when it is sent.
      </p>
    </div>
  );
}
