// What opens beside something and can be worked in?

import { Popover as Radix } from "radix-ui";
import type { ReactNode } from "react";

export function Popover({ trigger, label, children, align = "end", open, onOpenChange }: { trigger: ReactNode; label: string; children: ReactNode; align?: "start" | "center" | "end"; open?: boolean; onOpenChange?: (open: boolean) => void }) {
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content aria-label={label} align={align} sideOffset={4} collisionPadding={8} className="animate-fade z-50 rounded-lg border border-line bg-raised p-3 shadow-raised">
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
