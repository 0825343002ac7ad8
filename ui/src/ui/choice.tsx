// How does one choose: one of several, on or off?

import { Check, ChevronDown } from "lucide-react";
import { Checkbox as RadixCheckbox, Select as Radix, Switch as RadixSwitch, ToggleGroup } from "radix-ui";
import { useId, type ReactNode } from "react";
import { getNonce } from "get-nonce";
import { classes } from "./classes";
import { CONTROL, Field } from "./field";

export interface Choice<T extends string> {
  value: T;
  label: ReactNode;
  /** A second line that says what it means. */
  note?: ReactNode;
}

interface SelectProps<T extends string> {
  value: T;
  onChange: (value: T) => void;
  choices: readonly Choice<T>[];
  disabled?: boolean;
  className?: string;
}

function SelectBody<T extends string>({ value, onChange, choices, disabled, className, ...ids }: SelectProps<T> & { id?: string; "aria-label"?: string; "aria-describedby"?: string }) {
  return (
    <Radix.Root value={value} onValueChange={(next) => onChange(next as T)} disabled={disabled}>
      <Radix.Trigger {...ids} className={classes(CONTROL, "flex h-8 items-center justify-between gap-2 text-left", className)}>
        <span className="truncate">
          {/* What has the value "" would stand there as nothing. */}
          <Radix.Value placeholder={choices.find((one) => one.value === value)?.label} />
        </span>
        <ChevronDown className="size-3.5 shrink-0 text-ink-faint" aria-hidden="true" />
      </Radix.Trigger>
      <Radix.Portal>
        <Radix.Content position="popper" sideOffset={4} className="animate-fade z-50 max-h-80 min-w-(--radix-select-trigger-width) overflow-hidden rounded-lg border border-line bg-raised p-1 shadow-raised">
          <Radix.Viewport nonce={getNonce()}>
            {choices.map((choice) => (
              <Radix.Item
                key={choice.value}
                value={choice.value}
                className="flex cursor-default items-start gap-2 rounded-md px-2 py-1.5 text-[13px] outline-none data-highlighted:bg-hover"
              >
                <span className="mt-0.5 w-3.5 shrink-0">
                  <Radix.ItemIndicator>
                    <Check className="size-3.5 text-brand" aria-hidden="true" />
                  </Radix.ItemIndicator>
                </span>
                <span>
                  <Radix.ItemText>{choice.label}</Radix.ItemText>
                  {choice.note && <span className="block text-xs text-ink-faint">{choice.note}</span>}
                </span>
              </Radix.Item>
            ))}
          </Radix.Viewport>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** One of several, with a label above. */
export function SelectField<T extends string>({ label, help, error, ...rest }: SelectProps<T> & { label: ReactNode; help?: ReactNode; error?: ReactNode }) {
  return (
    <Field label={label} help={help} error={error}>
      {(ids) => <SelectBody {...ids} {...rest} className={classes("w-full", rest.className)} />}
    </Field>
  );
}

/** One of several, for bars: the label is said, not shown; as wide as what is chosen, unless `className` says more. */
export function BareSelect<T extends string>({ label, ...rest }: SelectProps<T> & { label: string }) {
  return <SelectBody aria-label={label} {...rest} />;
}

/** On or off, done when the form is sent. */
export function Checkbox({ label, note, checked, onChange, disabled }: { label: ReactNode; note?: ReactNode; checked: boolean; onChange: (checked: boolean) => void; disabled?: boolean }) {
  const id = useId();
  return (
    <div className="flex items-start gap-2">
      <RadixCheckbox.Root
        id={id}
        checked={checked}
        disabled={disabled}
        onCheckedChange={(next) => onChange(next === true)}
        className="mt-0.5 flex size-4 shrink-0 items-center justify-center rounded border border-line-strong bg-surface data-[state=checked]:border-brand data-[state=checked]:bg-brand"
      >
        <RadixCheckbox.Indicator>
          <Check className="size-3 text-brand-ink" strokeWidth={3} aria-hidden="true" />
        </RadixCheckbox.Indicator>
      </RadixCheckbox.Root>
      <label htmlFor={id} className="text-[13px]">
        {label}
        {note && <span className="block text-xs text-ink-faint">{note}</span>}
      </label>
    </div>
  );
}

/** On or off, done at once. */
export function Switch({ label, checked, onChange, disabled }: { label: ReactNode; checked: boolean; onChange: (checked: boolean) => void; disabled?: boolean }) {
  const id = useId();
  return (
    <span className="inline-flex items-center gap-2">
      <RadixSwitch.Root id={id} checked={checked} disabled={disabled} onCheckedChange={onChange} className="h-4.5 w-8 rounded-full border border-line-strong bg-subtle p-px data-[state=checked]:border-brand data-[state=checked]:bg-brand">
        <RadixSwitch.Thumb className="block size-3.5 rounded-full bg-ink-faint transition-transform data-[state=checked]:translate-x-3.5 data-[state=checked]:bg-brand-ink" />
      </RadixSwitch.Root>
      <label htmlFor={id} className="text-[13px]">
        {label}
      </label>
    </span>
  );
}

/** One of a few, all of them seen. */
export function Segments<T extends string>({ label, value, onChange, choices }: { label: string; value: T; onChange: (value: T) => void; choices: readonly Choice<T>[] }) {
  return (
    <ToggleGroup.Root type="single" aria-label={label} value={value} onValueChange={(next) => next && onChange(next as T)} className="inline-flex rounded-md border border-line bg-subtle p-0.5">
      {choices.map((choice) => (
        <ToggleGroup.Item
          key={choice.value}
          value={choice.value}
          className="h-7 rounded px-2.5 text-xs font-medium whitespace-nowrap text-ink-soft hover:text-ink data-[state=on]:bg-surface data-[state=on]:text-ink data-[state=on]:shadow-sm"
        >
          {choice.label}
        </ToggleGroup.Item>
      ))}
    </ToggleGroup.Root>
  );
}
