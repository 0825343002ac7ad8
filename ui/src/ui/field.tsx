// How is one value asked for: its label, what helps, what is wrong with it?

import { useId, type ComponentProps, type ReactNode } from "react";
import { classes } from "./classes";

/** How what one types into or chooses from looks; its width is its user's. */
export const CONTROL = classes(
  "rounded-md border border-line-strong bg-surface px-2.5 text-[13px] text-ink placeholder:text-ink-faint",
  "focus-visible:outline-2 focus-visible:outline-offset-0 focus-visible:outline-focus",
  "disabled:bg-subtle disabled:text-ink-faint aria-[invalid=true]:border-danger",
);

/** The same, as wide as there is room. */
export const INPUT = classes("w-full", CONTROL);

interface FieldProps {
  label: ReactNode;
  /** What helps before something is typed. */
  help?: ReactNode;
  /** What is wrong with what was typed. */
  error?: ReactNode;
  optional?: boolean;
  className?: string;
}

/** Label, help and error around any control; the control gets the ids that join them. */
export function Field({ label, help, error, optional, className, children }: FieldProps & { children: (ids: { id: string; "aria-describedby"?: string; "aria-invalid"?: boolean }) => ReactNode }) {
  const id = useId();
  const describedBy = [help && `${id}-help`, error && `${id}-error`].filter(Boolean).join(" ");
  return (
    <div className={classes("flex flex-col gap-1.5", className)}>
      <label htmlFor={id} className="flex items-baseline gap-1.5 text-[13px] font-medium text-ink">
        {label}
        {optional && <span className="text-xs font-normal text-ink-faint">optional</span>}
      </label>
      {children({ id, "aria-describedby": describedBy || undefined, "aria-invalid": error ? true : undefined })}
      {help && (
        <p id={`${id}-help`} className="text-xs text-ink-faint">
          {help}
        </p>
      )}
      {error && (
        <p id={`${id}-error`} role="alert" className="text-xs font-medium text-danger">
          {error}
        </p>
      )}
    </div>
  );
}

/** A line of text with its label. */
export function TextField({ label, help, error, optional, className, ...rest }: FieldProps & Omit<ComponentProps<"input">, "className">) {
  return (
    <Field label={label} help={help} error={error} optional={optional} className={className}>
      {(ids) => <input {...ids} {...rest} className={classes(INPUT, "h-8")} />}
    </Field>
  );
}

/** Several lines of text with their label. */
export function TextArea({ label, help, error, optional, className, ...rest }: FieldProps & Omit<ComponentProps<"textarea">, "className">) {
  return (
    <Field label={label} help={help} error={error} optional={optional} className={className}>
      {(ids) => <textarea rows={4} {...ids} {...rest} className={classes(INPUT, "py-1.5")} />}
    </Field>
  );
}

/** A line of text whose label is not shown, for bars and tables. */
export function BareInput({ label, className, ...rest }: { label: string } & ComponentProps<"input">) {
  return <input aria-label={label} {...rest} className={classes(INPUT, "h-8", className)} />;
}
