// Which texts are open, and how does one go from one to the other?

import { Link } from "@tanstack/react-router";
import { ArrowLeft, ArrowRight, Copy, Ellipsis, Pencil, Plus, RotateCcw, X } from "lucide-react";
import { useEffect, useRef, useState, type FormEvent } from "react";
import { Button, IconButton } from "~/ui/button";
import { classes } from "~/ui/classes";
import { Dialog } from "~/ui/dialog";
import { TextField } from "~/ui/field";
import { Menu, MenuItem, MenuLabel, MenuLine } from "~/ui/menu";
import { useAltKeys } from "./alt-keys";
import { NAME_MAX, titleOf, type Sheet } from "./sheets";
import type { Sheets } from "./use-sheets";

export function SheetTabs({ sheets }: { sheets: Sheets }) {
  const { open, current, store } = sheets;
  const [named, setNamed] = useState<string>();
  const at = open.findIndex((one) => one.id === current.id);
  useAltKeys([
    { code: "KeyT", keys: "Alt+T", label: "New tab", run: sheets.fresh },
    { code: "KeyW", keys: "Alt+W", label: "Close the tab", run: () => sheets.close(current) },
    { code: "KeyT", shift: true, keys: "Alt+Shift+T", label: "Open the tab closed last", run: () => sheets.reopen() },
    { code: "PageDown", keys: "Alt+PageDown", label: "Next tab", run: () => sheets.step(1) },
    { code: "PageUp", keys: "Alt+PageUp", label: "Tab before", run: () => sheets.step(-1) },
    { code: "PageDown", shift: true, keys: "Alt+Shift+PageDown", label: "Move the tab to the right", run: () => store.move(current.id, at + 1) },
    { code: "PageUp", shift: true, keys: "Alt+Shift+PageUp", label: "Move the tab to the left", run: () => store.move(current.id, at - 1) },
  ]);
  return (
    <div className="flex min-w-0 items-end gap-1 border-b border-line px-2 pt-1.5">
      <ul aria-label="Tabs" className="scroll-thin -mb-px flex min-w-0 gap-0.5 overflow-x-auto">
        {open.map((sheet, index) => (
          <SheetTab key={sheet.id} sheet={sheet} isCurrent={sheet.id === current.id} onClose={() => sheets.close(sheet)} onRename={() => setNamed(sheet.id)} onDrop={(id) => store.move(id, index)} />
        ))}
      </ul>
      <IconButton label="New tab" shortcut="Alt+T" size="small" className="mb-1 shrink-0" onClick={sheets.fresh}>
        <Plus className="size-4" aria-hidden="true" />
      </IconButton>
      <TabMenu sheets={sheets} at={at} onRename={() => setNamed(current.id)} />
      <Rename sheet={store.find(named)} onClose={() => setNamed(undefined)} onName={(name) => named !== undefined && store.change(named, { name })} />
    </div>
  );
}

const DRAGGED = "text/x-dragoman-tab";

function SheetTab({ sheet, isCurrent, onClose, onRename, onDrop }: { sheet: Sheet; isCurrent: boolean; onClose: () => void; onRename: () => void; onDrop: (id: string) => void }) {
  const title = titleOf(sheet);
  const place = useRef<HTMLLIElement>(null);
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    if (isCurrent) {
      place.current?.scrollIntoView({ block: "nearest", inline: "nearest" });
    }
  }, [isCurrent]);
  return (
    <li
      ref={place}
      draggable
      onDragStart={(event) => event.dataTransfer.setData(DRAGGED, sheet.id)}
      onDragOver={(event) => {
        if (event.dataTransfer.types.includes(DRAGGED)) {
          event.preventDefault();
          setOver(true);
        }
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        setOver(false);
        event.preventDefault();
        onDrop(event.dataTransfer.getData(DRAGGED));
      }}
      className={classes(
        "group flex h-9 shrink-0 items-center rounded-t-md border border-b-0 pr-1",
        isCurrent ? "border-line bg-surface" : "border-transparent text-ink-soft hover:bg-hover",
        isOver && "border-l-brand",
      )}
    >
      <Link
        to="."
        search={(before: Record<string, unknown>) => ({ ...before, sheet: sheet.id, tab: undefined, view: undefined, chart: undefined })}
        activeProps={{}}
        aria-current={isCurrent ? "true" : undefined}
        onDoubleClick={onRename}
        onAuxClick={(event) => {
          if (event.button === 1) {
            event.preventDefault();
            onClose();
          }
        }}
        title={sheet.text === "" ? undefined : sheet.text.slice(0, 300)}
        className={classes("max-w-44 truncate rounded-md py-1 pr-1 pl-2.5 text-[13px]", isCurrent ? "font-medium text-ink" : "text-ink-soft")}
      >
        {title}
      </Link>
      <button type="button" aria-label={`Close ${title}`} onClick={onClose} className="flex size-7 items-center justify-center rounded text-ink-faint hover:bg-hover hover:text-ink">
        <X className="size-3.5" aria-hidden="true" />
      </button>
    </li>
  );
}

function TabMenu({ sheets, at, onRename }: { sheets: Sheets; at: number; onRename: () => void }) {
  const { open, closed, current, store } = sheets;
  return (
    <Menu
      trigger={
        <IconButton label="This tab and closed ones" size="small" className="mb-1 shrink-0">
          <Ellipsis className="size-4" aria-hidden="true" />
        </IconButton>
      }
    >
      <MenuItem icon={<Pencil />} onSelect={onRename}>
        Rename
      </MenuItem>
      <MenuItem icon={<Copy />} onSelect={() => sheets.bring(current.text, current.query, current.name && `${current.name} (copy)`)} disabled={current.text.trim() === ""}>
        Duplicate
      </MenuItem>
      <MenuItem icon={<ArrowLeft />} onSelect={() => store.move(current.id, at - 1)} disabled={at <= 0}>
        Move left
      </MenuItem>
      <MenuItem icon={<ArrowRight />} onSelect={() => store.move(current.id, at + 1)} disabled={at >= open.length - 1}>
        Move right
      </MenuItem>
      <MenuItem icon={<X />} onSelect={() => open.filter((one) => one.id !== current.id).forEach((one) => store.close(one.id))} disabled={open.length < 2}>
        Close the others
      </MenuItem>
      {closed.length > 0 && (
        <>
          <MenuLine />
          <MenuLabel>Closed, the last one first</MenuLabel>
          {closed.map((one) => (
            <MenuItem key={one.id} icon={<RotateCcw />} onSelect={() => sheets.reopen(one.id)}>
              <span className="block max-w-60 truncate">{titleOf(one)}</span>
            </MenuItem>
          ))}
        </>
      )}
    </Menu>
  );
}

function Rename({ sheet, onClose, onName }: { sheet: Sheet | undefined; onClose: () => void; onName: (name: string) => void }) {
  return (
    <Dialog open={sheet !== undefined} onClose={onClose} title="Rename the tab" description="The name is yours and stays on this device. To give a query a name for others, save it.">
      {sheet && (
        <RenameForm
          key={sheet.id}
          sheet={sheet}
          onName={(name) => {
            onName(name);
            onClose();
          }}
        />
      )}
    </Dialog>
  );
}

function RenameForm({ sheet, onName }: { sheet: Sheet; onName: (name: string) => void }) {
  const [name, setName] = useState(sheet.name);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onName(name.trim());
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <TextField label="Name" value={name} onChange={(event) => setName(event.target.value)} help="Without one it is called by what its text begins with." maxLength={NAME_MAX} placeholder={titleOf({ ...sheet, name: "" })} data-begin />
      <div className="flex justify-end">
        <Button type="submit" variant="primary">
          Rename
        </Button>
      </div>
    </form>
  );
}
