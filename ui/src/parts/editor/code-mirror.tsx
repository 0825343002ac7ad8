// How is a text edited? CodeMirror in the page's colours; loaded only by the pages that edit.

import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap, type CompletionSource } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { MySQL, PostgreSQL, sql, SQLite, type SQLDialect } from "@codemirror/lang-sql";
import { bracketMatching, indentOnInput } from "@codemirror/language";
import { Compartment, EditorState, Prec, type Extension } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers, placeholder } from "@codemirror/view";
import { useEffect, useRef } from "react";
import type { CodeEditorProps } from "./editor";
import { schemaCompletion } from "./completion";
import { mistakes, showMistakes } from "./mistakes";
import { theme } from "./theme";
import { toml } from "./toml";

const DIALECTS: Record<string, SQLDialect> = { postgres: PostgreSQL, mysql: MySQL, sqlite: SQLite };

function languageOf({ language, engine = "postgres", schema }: CodeEditorProps): Extension {
  if (language === "toml") {
    return toml;
  }
  if (language === "text") {
    return [];
  }
  const dialect = DIALECTS[engine] ?? PostgreSQL;
  const source: CompletionSource | undefined = schema && schemaCompletion(schema.workspace, schema.connection, engine);
  return [sql({ dialect, upperCaseKeywords: true }), source ? dialect.language.data.of({ autocomplete: source }) : []];
}

const nonce = (): string => document.querySelector<HTMLMetaElement>("meta[name=csp-nonce]")?.content ?? "";

const fixed: Extension = [
  lineNumbers(),
  highlightActiveLineGutter(),
  highlightActiveLine(),
  history(),
  drawSelection(),
  indentOnInput(),
  bracketMatching(),
  closeBrackets(),
  autocompletion({ icons: false }),
  EditorView.lineWrapping,
  mistakes,
  theme,
  // Escape, then Tab, leaves the editor: CodeMirror's own rule.
  keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap, ...completionKeymap, indentWithTab]),
];

export function CodeMirror(props: CodeEditorProps) {
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | undefined>(undefined);
  const latest = useRef(props);
  const language = useRef(new Compartment());
  const access = useRef(new Compartment());
  useEffect(() => {
    latest.current = props;
  });
  useEffect(() => {
    const { value, label, hint, autoFocus } = latest.current;
    const editor = new EditorView({
      parent: place.current ?? undefined,
      state: EditorState.create({
        doc: value,
        extensions: [
          Prec.highest(keymap.of([{ key: "Mod-Enter", run: () => (latest.current.onRun?.(), latest.current.onRun !== undefined) }, { key: "Mod-s", run: () => (latest.current.onSave?.(), latest.current.onSave !== undefined), preventDefault: true }])),
          fixed,
          language.current.of(languageOf(latest.current)),
          access.current.of(EditorState.readOnly.of(latest.current.readOnly ?? false)),
          EditorView.contentAttributes.of({ "aria-label": label, "aria-description": "Press Escape, then Tab, to leave the editor." }),
          EditorView.cspNonce.of(nonce()),
          hint === undefined ? [] : placeholder(hint),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) {
              latest.current.onChange?.(update.state.doc.toString());
            }
            if (update.selectionSet || update.docChanged) {
              latest.current.onCursor?.(update.state.selection.main.head);
            }
          }),
        ],
      }),
    });
    view.current = editor;
    showMistakes(editor, latest.current.mistakes ?? []);
    if (autoFocus) {
      editor.focus();
    }
    return () => editor.destroy();
  }, []);
  useOutside(view, props, language.current, access.current);
  // The ring stands above the gutter, which would hide the editor's own.
  return <div ref={place} className="relative isolate z-10 h-full min-h-0 after:pointer-events-none after:absolute after:inset-0 after:z-300 focus-within:after:outline-2 focus-within:after:-outline-offset-2 focus-within:after:outline-focus after:content-['']" />;
}

/** What comes from outside while the editor is there. */
function useOutside(view: { readonly current: EditorView | undefined }, props: CodeEditorProps, language: Compartment, access: Compartment): void {
  const { value, mistakes: list, language: kind, engine, schema, readOnly = false } = props;
  useEffect(() => {
    const editor = view.current;
    const now = editor?.state.doc.toString();
    if (editor && now !== value) {
      editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value }, selection: { anchor: Math.min(editor.state.selection.main.head, value.length) } });
    }
  }, [view, value]);
  useEffect(() => {
    if (view.current) {
      showMistakes(view.current, list ?? []);
    }
  }, [view, list]);
  useEffect(() => {
    view.current?.dispatch({ effects: language.reconfigure(languageOf(props)) });
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the language changes with these, not with the text
  }, [view, kind, engine, schema?.workspace, schema?.connection]);
  useEffect(() => {
    view.current?.dispatch({ effects: access.reconfigure(EditorState.readOnly.of(readOnly)) });
  }, [view, access, readOnly]);
}
