// How does one get from page to page on a phone?

import { X } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import { IconButton } from "~/ui/button";
import { useFocusReturn } from "~/ui/focus-return";
import { Mark } from "./mark";
import { Pages } from "./rail";

/** On phones: over the page. */
export function Drawer({ slug, open, onClose }: { slug: string; open: boolean; onClose: () => void }) {
  const onCloseAutoFocus = useFocusReturn();
  return (
    <Radix.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className="animate-fade fixed inset-0 z-40 bg-black/40" />
        <Radix.Content aria-describedby={undefined} onCloseAutoFocus={onCloseAutoFocus} className="animate-fade fixed inset-y-0 left-0 z-40 flex w-64 flex-col bg-surface shadow-raised" onClick={(event) => event.target instanceof Element && event.target.closest("a") && onClose()}>
          <div className="flex h-13 items-center gap-2.5 px-4">
            <Mark />
            <Radix.Title className="flex-1 text-[15px] font-semibold tracking-tight">Dragoman</Radix.Title>
            <IconButton label="Close" onClick={onClose}>
              <X className="size-4" aria-hidden="true" />
            </IconButton>
          </div>
          <nav aria-label="Pages" className="flex min-h-0 flex-1 flex-col">
            <Pages slug={slug} />
          </nav>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
