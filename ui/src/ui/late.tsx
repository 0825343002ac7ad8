// How does something that opens come to the page only when it is opened?

import { lazy, Suspense, useState, type ComponentType, type ReactNode } from "react";
import { whenThere } from "~/api/reachability";

/** What a trigger needs to know: whether its thing is open, and how to open it. */
export interface LateTrigger {
  "aria-haspopup": "menu" | "dialog";
  "aria-expanded": boolean;
  onPointerEnter: () => void;
  onFocus: () => void;
  onClick: () => void;
}

/** What comes late is told when it opens and closes. */
export interface LateProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  /** The trigger, inside, once its code is there. */
  children: ReactNode;
}

/**
 * A trigger whose menu or panel is a chunk of its own. The chunk is fetched when somebody points at the trigger or
 * reaches it by the keyboard: it is there before the click is done.
 */
export function late<Props extends object>(load: () => Promise<ComponentType<Props & LateProps>>, kind: LateTrigger["aria-haspopup"]) {
  let loading: Promise<{ default: ComponentType<Props & LateProps> }> | undefined;
  const fetched = () => (loading ??= whenThere(load).then((component) => ({ default: component })));
  const Panel = lazy(fetched);
  return function Late({ trigger, ...props }: Props & { trigger: (state: LateTrigger) => ReactNode }) {
    const [wanted, setWanted] = useState(false);
    const [open, setOpen] = useState(false);
    const intend = () => void fetched();
    const plain = trigger({ "aria-haspopup": kind, "aria-expanded": open, onPointerEnter: intend, onFocus: intend, onClick: () => { setWanted(true); setOpen(true); } });
    if (!wanted) {
      return <>{plain}</>;
    }
    const inside = trigger({ "aria-haspopup": kind, "aria-expanded": open, onPointerEnter: () => undefined, onFocus: () => undefined, onClick: () => undefined });
    return (
      <Suspense fallback={plain}>
        <Panel {...(props as unknown as Props)} open={open} onOpenChange={setOpen}>
          {inside}
        </Panel>
      </Suspense>
    );
  };
}
