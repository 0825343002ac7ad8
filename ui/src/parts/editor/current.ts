// Which lines of a text are what would run now? Marked at their edge, where there are others beside them.

import { StateEffect, StateField, type Extension } from "@codemirror/state";
import { Decoration, EditorView, type DecorationSet } from "@codemirror/view";
import type { Span } from "./reader/statements";

const set = StateEffect.define<Span | undefined>();
const line = Decoration.line({ class: "cm-current" });

const field = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(shown, transaction) {
    let next = shown.map(transaction.changes);
    for (const effect of transaction.effects) {
      if (effect.is(set)) {
        next = effect.value === undefined ? Decoration.none : marked(transaction.state.doc, effect.value);
      }
    }
    return next;
  },
  provide: (one) => EditorView.decorations.from(one),
});

function marked(doc: EditorView["state"]["doc"], { from, to }: Span): DecorationSet {
  const first = doc.lineAt(Math.min(from, doc.length)).number;
  const last = doc.lineAt(Math.min(Math.max(from, to), doc.length)).number;
  return Decoration.set(Array.from({ length: last - first + 1 }, (_, index) => line.range(doc.line(first + index).from)));
}

export const current: Extension = field;

export function showCurrent(view: EditorView, span: Span | undefined): void {
  view.dispatch({ effects: set.of(span) });
}
