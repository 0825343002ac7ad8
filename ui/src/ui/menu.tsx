// What can be done with this one, in a list that opens?

import { DropdownMenu as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { classes } from "./classes";
import { Keys } from "./keys";

export const MENU = "scroll-thin animate-fade z-50 max-h-[85dvh] min-w-48 max-w-80 overflow-y-auto rounded-lg border border-line bg-raised p-1 shadow-raised";
export const MENU_ITEM = "flex cursor-default items-center gap-2 rounded-md px-2 py-1.5 text-[13px] text-ink outline-none select-none data-highlighted:bg-hover data-disabled:text-ink-faint";

interface MenuProps {
  trigger: ReactNode;
  children: ReactNode;
  align?: "start" | "end";
  /** For whoever opens it from elsewhere. */
  open?: boolean;
  onOpenChange?: (open: boolean) => void;
  /** Where the keyboard goes then, when it is not the trigger. */
  onCloseAutoFocus?: (event: Event) => void;
}

/** Opens under its trigger: an element that can be pressed. */
export function Menu({ trigger, children, align = "end", open, onOpenChange, onCloseAutoFocus }: MenuProps) {
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange} modal={false}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content align={align} sideOffset={4} collisionPadding={8} onCloseAutoFocus={onCloseAutoFocus} className={MENU}>
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

interface MenuItemProps {
  onSelect?: () => void;
  icon?: ReactNode;
  shortcut?: string;
  danger?: boolean;
  disabled?: boolean;
  /** The child is a link. */
  asChild?: boolean;
  children: ReactNode;
}

export function MenuItem({ onSelect, icon, shortcut, danger = false, disabled, asChild, children }: MenuItemProps) {
  const look = classes(MENU_ITEM, danger && "text-danger");
  if (asChild) {
    return (
      <Radix.Item asChild disabled={disabled} className={look}>
        {children}
      </Radix.Item>
    );
  }
  return (
    <Radix.Item onSelect={onSelect} disabled={disabled} className={look}>
      {icon && <span className="text-ink-faint [&_svg]:size-3.5">{icon}</span>}
      <span className="flex-1">{children}</span>
      {shortcut && <Keys keys={shortcut} />}
    </Radix.Item>
  );
}

/** One of several, marked. */
export function MenuChoice<T extends string>({ label, value, onChange, choices }: { label: string; value: T; onChange: (value: T) => void; choices: readonly { value: T; label: ReactNode }[] }) {
  return (
    <>
      <Radix.Label className="px-2 pt-1.5 pb-1 text-2xs font-medium text-ink-faint">{label}</Radix.Label>
      <Radix.RadioGroup value={value} onValueChange={(next) => onChange(next as T)}>
        {choices.map((choice) => (
          <Radix.RadioItem key={choice.value} value={choice.value} className={classes(MENU_ITEM, "pl-7 relative")}>
            <Radix.ItemIndicator className="absolute left-2.5 size-1.5 rounded-full bg-brand" />
            {choice.label}
          </Radix.RadioItem>
        ))}
      </Radix.RadioGroup>
    </>
  );
}

export function MenuLine() {
  return <Radix.Separator className="my-1 h-px bg-line" />;
}

export function MenuLabel({ children }: { children: ReactNode }) {
  return <Radix.Label className="px-2 pt-1.5 pb-1 text-2xs font-medium text-ink-faint">{children}</Radix.Label>;
}
