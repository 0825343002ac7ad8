// Where in a text is something wrong? Underlined, with the reason when pointed at.

import { StateEffect, StateField, type Extension } from "@codemirror/state";
import { Decoration, EditorView, type DecorationSet } from "@codemirror/view";

export interface Mistake {
  /** In characters of the text, as the editor counts. */
  from: number;
  to: number;
  message: string;
  severity: "error" | "warning";
}

const set = StateEffect.define<readonly Mistake[]>();

const field = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(shown, transaction) {
    // What is typed moves the marks until the server has read the new text.
    let next = shown.map(transaction.changes);
    for (const effect of transaction.effects) {
      if (effect.is(set)) {
        next = Decoration.set(
          effect.value
            .filter((one) => one.from < one.to && one.to <= transaction.newDoc.length)
            .map((one) => Decoration.mark({ class: `cm-mistake cm-mistake-${one.severity}`, attributes: { title: one.message } }).range(one.from, one.to)),
          true,
        );
      }
    }
    return next;
  },
  provide: (one) => EditorView.decorations.from(one),
});

export const mistakes: Extension = field;

export function showMistakes(view: EditorView, list: readonly Mistake[]): void {
  view.dispatch({ effects: set.of(list) });
}
