// Which keys work here?

import { Dialog } from "~/ui/dialog";
import { Keys, keyWords } from "~/ui/keys";
import { useAllShortcuts } from "~/ui/shortcuts";

const IN_TABLES = [
  { keys: "j k", spoken: "J and K", label: "Next and previous row" },
  { keys: "Enter", label: "Open the row" },
  { keys: "Home End", spoken: "Home and End", label: "First and last row" },
];

export function ShortcutsDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const shortcuts = useAllShortcuts();
  const unique = [...new Map(shortcuts.map((one) => [one.keys, one])).values()];
  const going = unique.filter((one) => one.keys.startsWith("g "));
  const here = unique.filter((one) => !one.keys.startsWith("g "));
  return (
    <Dialog open={open} onClose={onClose} title="Shortcuts" wide>
      <div className="grid gap-6 sm:grid-cols-2">
        <List title="On this page" items={[...here, ...IN_TABLES]} />
        <List title="Go to" items={going} />
      </div>
    </Dialog>
  );
}

function List({ title, items }: { title: string; items: readonly { keys: string; label: string; spoken?: string }[] }) {
  return (
    <section>
      <h3 className="mb-2 text-xs font-semibold text-ink-faint">{title}</h3>
      <ul className="flex flex-col gap-1.5">
        {items.map((item) => (
          <li key={item.keys} className="flex items-center justify-between gap-4 text-[13px]">
            {item.label}
            <span>
              <span className="sr-only">{item.spoken ?? keyWords(item.keys)}</span>
              <Keys keys={item.keys} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
