// Where is a file let fall, or chosen?

import { FileUp } from "lucide-react";
import { useRef, useState, type DragEvent } from "react";
import { Button } from "~/ui/button";
import { classes } from "~/ui/classes";

export function DropZone({ onFile }: { onFile: (file: File) => void }) {
  const input = useRef<HTMLInputElement>(null);
  const [isOver, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const [file] = event.dataTransfer.files;
    if (file) {
      onFile(file);
    }
  };
  return (
    <div
      role="group"
      aria-label="File"
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
      className={classes("flex flex-col items-center gap-3 rounded-lg border-2 border-dashed px-4 py-8 text-center", isOver ? "border-brand bg-brand-soft" : "border-line-strong")}
    >
      <FileUp className="size-6 text-ink-faint" aria-hidden="true" />
      <p className="text-[13px] text-ink-soft">Let a file fall here, or</p>
      <Button onClick={() => input.current?.click()}>Choose a file</Button>
      <input
        ref={input}
        type="file"
        aria-label="File with a schema"
        accept=".json,.csv,.tsv,.txt,application/json,text/csv"
        className="sr-only"
        tabIndex={-1}
        onChange={(event) => {
          const [file] = event.target.files ?? [];
          if (file) {
            onFile(file);
          }
          // The same file, mended, can be chosen again.
          event.target.value = "";
        }}
      />
    </div>
  );
}
