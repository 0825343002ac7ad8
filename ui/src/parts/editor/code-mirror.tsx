// How is a text edited? CodeMirror in the page's colours; loaded only by the pages that edit.

import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab, isolateHistory } from "@codemirror/commands";
import { MySQL, PostgreSQL, SQLDialect, SQLite } from "@codemirror/lang-sql";
import { bracketMatching, indentOnInput } from "@codemirror/language";
import { Compartment, EditorState, Prec, type Extension } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers, placeholder, type KeyBinding } from "@codemirror/view";
import { useEffect, useImperativeHandle, useRef } from "react";
import { sqlCompletion } from "./completion";
import { current, showCurrent } from "./current";
import type { CodeEditorProps } from "./editor";
import { mistakes, showMistakes } from "./mistakes";
import { theme } from "./theme";
import { toml } from "./toml";

/** T-SQL's signs with the words of every SQL: the package's own dialect weighs ten times as much, nearly all of it names of functions. */
const TSQL = SQLDialect.define({ operatorChars: "*+-%<>!=^&|/", specialVar: "@", identifierQuotes: '"[' });
const DIALECTS: Record<string, SQLDialect> = { postgres: PostgreSQL, mysql: MySQL, sqlite: SQLite, sqlserver: TSQL };

function languageOf({ language, engine = "postgres", schema, complete }: CodeEditorProps): Extension {
  if (language === "toml") {
    return complete ? [toml, toml.data.of({ autocomplete: complete })] : toml;
  }
  if (language === "text") {
    return [];
  }
  const dialect = DIALECTS[engine] ?? PostgreSQL;
  return [dialect.language, dialect.language.data.of({ autocomplete: sqlCompletion(engine, schema) })];
}

type Latest = { readonly current: CodeEditorProps };

/** Keys that do something outside of the text; those that nobody waits for stay the editor's. */
const keysOf = (latest: Latest): KeyBinding[] => {
  const calls = (name: "onRun" | "onRunAll" | "onSave" | "onFormat") => () => (latest.current[name]?.(), latest.current[name] !== undefined);
  return [
    { key: "Mod-Enter", run: calls("onRun"), shift: calls("onRunAll") },
    { key: "Shift-Alt-f", run: calls("onFormat") },
    { key: "Mod-s", run: calls("onSave"), preventDefault: true },
  ];
};

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
  current,
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
          Prec.highest(keymap.of(keysOf(latest))),
          fixed,
          language.current.of(languageOf(latest.current)),
          // Behind the editor's own: what is open there is closed first.
          Prec.lowest(keymap.of([{ key: "Escape", run: () => latest.current.onEscape?.() ?? false }])),
          access.current.of(EditorState.readOnly.of(latest.current.readOnly ?? false)),
          EditorView.contentAttributes.of({ "aria-label": label, "aria-description": "Press Escape, then Tab, to leave the editor." }),
          EditorView.cspNonce.of(nonce()),
          hint === undefined ? [] : placeholder(hint),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) {
              latest.current.onChange?.(update.state.doc.toString());
            }
            if (update.selectionSet || update.docChanged) {
              const { from, to, head } = update.state.selection.main;
              latest.current.onCursor?.(head);
              latest.current.onSelect?.({ from, to });
            }
          }),
        ],
      }),
    });
    view.current = editor;
    showMistakes(editor, latest.current.mistakes ?? []);
    showCurrent(editor, latest.current.current);
    if (autoFocus) {
      editor.focus();
    }
    return () => editor.destroy();
  }, []);
  useOutside(view, props, language.current, access.current);
  // The ring stands above the gutter, which would hide the editor's own.
  return <div ref={place} className="relative isolate z-10 h-full min-h-0 after:pointer-events-none after:absolute after:inset-0 after:z-300 focus-within:after:outline-2 focus-within:after:-outline-offset-2 focus-within:after:outline-focus after:content-['']" />;
}

/** Only what differs is replaced: the cursor, what is underlined and what is seen stay where they are. */
function difference(before: string, after: string): { from: number; to: number; insert: string } {
  const shorter = Math.min(before.length, after.length);
  let from = 0;
  while (from < shorter && before[from] === after[from]) {
    from += 1;
  }
  let same = 0;
  while (same < shorter - from && before[before.length - 1 - same] === after[after.length - 1 - same]) {
    same += 1;
  }
  return { from, to: before.length - same, insert: after.slice(from, after.length - same) };
}

/** What comes from outside while the editor is there. */
function useOutside(view: { readonly current: EditorView | undefined }, props: CodeEditorProps, language: Compartment, access: Compartment): void {
  const { value, mistakes: list, current: span, language: kind, engine, schema, readOnly = false } = props;
  useImperativeHandle(props.handle, () => ({
    focus: () => view.current?.focus(),
    replace: ({ from, to }, text, cursor) => view.current?.dispatch({ changes: { from, to, insert: text }, selection: { anchor: Math.min(cursor, from + text.length) }, annotations: isolateHistory.of("full"), scrollIntoView: true }),
  }));
  useEffect(() => {
    const editor = view.current;
    const now = editor?.state.doc.toString();
    if (editor && now !== value) {
      editor.dispatch({ changes: difference(now ?? "", value) });
    }
  }, [view, value]);
  useEffect(() => {
    if (view.current) {
      showMistakes(view.current, list ?? []);
    }
  }, [view, list]);
  const [from, to] = [span?.from, span?.to];
  useEffect(() => {
    if (view.current) {
      showCurrent(view.current, from === undefined || to === undefined ? undefined : { from, to });
    }
  }, [view, from, to]);
  useEffect(() => {
    view.current?.dispatch({ effects: language.reconfigure(languageOf(props)) });
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the language changes with these, not with the text
  }, [view, kind, engine, schema?.workspace, schema?.connection, schema?.seesTraffic]);
  const { reveal } = props;
  useEffect(() => {
    const editor = view.current;
    if (editor && reveal && reveal.to <= editor.state.doc.length) {
      editor.dispatch({ selection: { anchor: reveal.from, head: reveal.to }, effects: EditorView.scrollIntoView(reveal.from, { y: "center" }) });
      editor.focus();
    }
  }, [view, reveal]);
  useEffect(() => {
    view.current?.dispatch({ effects: access.reconfigure(EditorState.readOnly.of(readOnly)) });
  }, [view, access, readOnly]);
}
