// How are bytes read: as digits with the letters beside them?

import { useMemo, useState } from "react";
import { Button } from "~/ui/button";
import { count } from "~/ui/format";
import { BYTES_A_LINE, hexLines } from "./hex";

/** So many lines are drawn before one asks for more. */
const LINES = 256;

export function HexView({ bytes }: { bytes: Uint8Array }) {
  const [shown, setShown] = useState(LINES);
  const lines = useMemo(() => hexLines(bytes, shown), [bytes, shown]);
  const rest = bytes.length - shown * BYTES_A_LINE;
  return (
    <>
      <div role="region" aria-label="Bytes" tabIndex={0} className="scroll-thin overflow-x-auto">
        <pre className="font-mono text-xs leading-5 text-ink" style={{ fontVariantLigatures: "none" }}>
          {lines.map(({ offset, hex, letters }) => (
            <span key={offset} className="flex gap-4">
              <span className="text-ink-faint">{offset}</span>
              <span className="w-[48ch] shrink-0">{hex}</span>
              <span className="text-ink-soft">{letters}</span>
            </span>
          ))}
        </pre>
      </div>
      {rest > 0 && (
        <div>
          <Button onClick={() => setShown(shown + LINES * 8)}>Show more of {count(bytes.length, "byte")}</Button>
        </div>
      )}
    </>
  );
}
