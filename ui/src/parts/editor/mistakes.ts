// Where in a text is something wrong? Underlined, with the reason when pointed at; F8 goes from one to the next.

import { StateEffect, StateField, type Extension } from "@codemirror/state";
import { Decoration, EditorView, hoverTooltip, keymap, showTooltip, type Command, type DecorationSet, type Tooltip } from "@codemirror/view";

export interface Mistake {
  /** In characters of the text, as the editor counts. */
  from: number;
  to: number;
  message: string;
  severity: "error" | "warning";
}

const set = StateEffect.define<readonly Mistake[]>();
const gone = StateEffect.define<Mistake>();

const field = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(shown, transaction) {
    // What is typed moves the marks until the server has read the new text.
    let next = shown.map(transaction.changes);
    for (const effect of transaction.effects) {
      if (effect.is(set)) {
        next = Decoration.set(
          effect.value.filter((one) => one.from < one.to && one.to <= transaction.newDoc.length).map((one) => Decoration.mark({ class: `cm-mistake cm-mistake-${one.severity}`, mistake: one }).range(one.from, one.to)),
          true,
        );
      }
    }
    return next;
  },
  provide: (one) => EditorView.decorations.from(one),
});

function all(view: EditorView): Mistake[] {
  const found: Mistake[] = [];
  view.state.field(field).between(0, view.state.doc.length, (from, to, mark) => {
    const { mistake } = mark.spec as { mistake: Mistake };
    found.push({ ...mistake, from, to });
  });
  return found;
}

function tooltip(at: number, end: number, messages: readonly string[]): Tooltip {
  return {
    pos: at,
    end,
    above: true,
    create: () => {
      const dom = document.createElement("div");
      dom.className = "cm-mistake-words";
      dom.textContent = messages.join("\n");
      return { dom };
    },
  };
}

const pointed = hoverTooltip((view, at) => {
  const here = all(view).filter((one) => one.from <= at && at <= one.to);
  const [first] = here;
  return first === undefined ? null : tooltip(first.from, first.to, here.map((one) => one.message));
});

/** The words of the mistake that a key has led to, until something else is done. */
const reached = StateField.define<Tooltip | null>({
  create: () => null,
  update(shown, transaction) {
    const led = transaction.effects.find((effect) => effect.is(gone));
    if (led !== undefined) {
      return tooltip(led.value.from, led.value.to, [led.value.message]);
    }
    return transaction.docChanged || transaction.selection !== undefined ? null : shown;
  },
  provide: (one) => showTooltip.from(one),
});

const to =
  (forward: boolean): Command =>
  (view) => {
    const found = all(view);
    const at = view.state.selection.main.from;
    const next = forward ? (found.find((one) => one.from > at) ?? found[0]) : (found.findLast((one) => one.from < at) ?? found.at(-1));
    if (next === undefined) {
      return false;
    }
    view.dispatch({ selection: { anchor: next.from, head: next.to }, scrollIntoView: true, effects: [gone.of(next), EditorView.announce.of(next.message)] });
    return true;
  };

export const mistakes: Extension = [field, pointed, reached, keymap.of([{ key: "F8", run: to(true), shift: to(false) }])];

export function showMistakes(view: EditorView, list: readonly Mistake[]): void {
  view.dispatch({ effects: set.of(list) });
}
