// What asks for attention before the rest of the page does?

import { X } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import { useState, type FormEvent, type ReactNode } from "react";
import { Button, IconButton } from "./button";
import { classes } from "./classes";
import { useFocusReturn } from "./focus-return";
import { ErrorNote } from "./states";
import { TextField } from "./field";

interface DialogProps {
  open: boolean;
  onClose: () => void;
  title: ReactNode;
  description?: ReactNode;
  children?: ReactNode;
  /** Buttons, the last one is what one came for. */
  actions?: ReactNode;
  /** Beside the page, for the details of a row. */
  side?: boolean;
  wide?: boolean;
  /** Closes by its actions alone: what it shows would be lost by a stray key or click. */
  stays?: boolean;
}

export function Dialog({ open, onClose, ...content }: DialogProps) {
  return (
    <Radix.Root open={open} onOpenChange={(next) => !next && !content.stays && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className="animate-fade fixed inset-0 z-40 bg-black/40" />
        <Content onClose={onClose} {...content} />
      </Radix.Portal>
    </Radix.Root>
  );
}

function Content({ onClose, title, description, children, actions, side = false, wide = false, stays = false }: Omit<DialogProps, "open">) {
  const onCloseAutoFocus = useFocusReturn();
  const place = side
    ? "inset-y-0 right-0 h-dvh w-[min(44rem,100vw)] border-l"
    : classes("top-[12vh] left-1/2 max-h-[78vh] -translate-x-1/2 rounded-xl border", wide ? "w-[min(56rem,calc(100vw-2rem))]" : "w-[min(30rem,calc(100vw-2rem))]");
  return (
    <Radix.Content {...(description ? {} : { "aria-describedby": undefined })} onOpenAutoFocus={focusWanted} onCloseAutoFocus={onCloseAutoFocus} className={classes("animate-appear fixed z-40 flex flex-col border-line outline-none bg-raised shadow-raised", place)}>
      <div className="flex items-start gap-3 border-b border-line px-5 py-3.5">
        <div className="min-w-0 flex-1">
          <Radix.Title className="text-[15px] font-semibold text-ink">{title}</Radix.Title>
          {description && <Radix.Description className="mt-1 text-[13px] text-ink-soft">{description}</Radix.Description>}
        </div>
        {!stays && (
          <IconButton label="Close" shortcut="Esc" size="small" onClick={onClose}>
            <X className="size-4" aria-hidden="true" />
          </IconButton>
        )}
      </div>
      {children !== undefined && <div className="scroll-thin min-h-0 flex-1 overflow-auto px-5 py-4">{children}</div>}
      {actions && <div className="flex justify-end gap-2 border-t border-line px-5 py-3">{actions}</div>}
    </Radix.Content>
  );
}

/** Where one begins to type, also in a dialog above another one, which takes the focus back from whatever has `autoFocus`. */
function focusWanted(event: Event): void {
  const content = event.currentTarget;
  if (!(content instanceof HTMLElement)) {
    return;
  }
  event.preventDefault();
  const wanted = content.querySelector<HTMLElement>("[data-begin]");
  if (wanted !== null) {
    wanted.focus();
  } else if (!content.contains(document.activeElement)) {
    // Not the button that closes: what was opened is read out from its title on.
    content.focus();
  }
}

interface ConfirmProps {
  open: boolean;
  onClose: () => void;
  title: ReactNode;
  /** What will happen, before it happens. */
  consequence: ReactNode;
  /** The button says what it does: "Terminate session". */
  action: string;
  /** What has to be typed first, where a mistake is dear. */
  typed?: string;
  danger?: boolean;
  onConfirm: () => Promise<unknown>;
  children?: ReactNode;
}

/** Asks before something that cannot be undone; stays open and says why when it failed. */
export function Confirm({ open, onClose, title, consequence, action, typed, danger = true, onConfirm, children }: ConfirmProps) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const [text, setText] = useState("");
  const close = () => {
    setText("");
    setError(undefined);
    onClose();
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      await onConfirm();
      close();
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  const ready = typed === undefined || text === typed;
  return (
    <Dialog open={open} onClose={close} title={title} description={consequence}>
      <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-4">
        {children}
        {typed !== undefined && <TextField label={<span>Type <b className="font-mono">{typed}</b> to go on</span>} value={text} onChange={(event) => setText(event.target.value)} autoComplete="off" spellCheck={false} data-begin />}
        {error !== undefined && <ErrorNote error={error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={close}>Keep as it is</Button>
          <Button type="submit" variant={danger ? "danger" : "primary"} busy={busy} disabled={!ready}>
            {action}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
