// What does something look like that is pressed?

import { Slot } from "radix-ui";
import type { ComponentProps, ReactNode } from "react";
import { classes } from "./classes";
import { Spinner } from "./spinner";
import { Tooltip } from "./tooltip";

type Variant = "primary" | "secondary" | "quiet" | "danger";
type Size = "small" | "normal" | "large";

const VARIANTS: Record<Variant, string> = {
  primary: "bg-brand text-brand-ink hover:bg-brand-strong border-transparent",
  secondary: "bg-surface text-ink hover:bg-hover border-line-strong",
  quiet: "text-ink-soft hover:bg-hover hover:text-ink border-transparent",
  danger: "bg-danger-solid text-danger-ink hover:brightness-90 border-transparent",
};

const SIZES: Record<Size, string> = {
  small: "h-7 px-2 text-xs gap-1.5",
  normal: "h-8 px-3 text-[13px] gap-2",
  large: "h-10 px-4 text-sm gap-2",
};

export interface ButtonProps extends ComponentProps<"button"> {
  variant?: Variant;
  size?: Size;
  /** It is at work: it cannot be pressed again, and says so. */
  busy?: boolean;
  /** The child is the element, for a link that looks like a button. */
  asChild?: boolean;
  icon?: ReactNode;
}

export function Button({ variant = "secondary", size = "normal", busy = false, asChild = false, icon, className, children, disabled, ...rest }: ButtonProps) {
  const look = classes(
    "inline-flex items-center justify-center rounded-md border font-medium whitespace-nowrap transition-colors select-none",
    "disabled:opacity-55 disabled:cursor-not-allowed aria-disabled:opacity-55",
    VARIANTS[variant],
    SIZES[size],
    className,
  );
  if (asChild) {
    return (
      <Slot.Root className={look} {...rest}>
        {children}
      </Slot.Root>
    );
  }
  return (
    <button type="button" className={look} disabled={disabled || busy} aria-busy={busy || undefined} {...rest}>
      {busy ? <Spinner /> : icon}
      {children}
    </button>
  );
}

export interface IconButtonProps extends Omit<ButtonProps, "children" | "icon"> {
  /** What it does: its name for everybody who does not see the picture. */
  label: string;
  /** Keys that do the same, shown beside the label. */
  shortcut?: string;
  children: ReactNode;
}

export function IconButton({ label, shortcut, className, children, variant = "quiet", ...rest }: IconButtonProps) {
  return (
    <Tooltip text={label} shortcut={shortcut} isName>
      <Button aria-label={label} variant={variant} className={classes("aspect-square !px-0", className)} {...rest}>
        {children}
      </Button>
    </Tooltip>
  );
}
