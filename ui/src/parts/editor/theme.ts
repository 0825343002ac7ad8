// What does an editor look like? The colours of the page, so that light and dark follow by themselves.

import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const look = EditorView.theme({
  "&": { height: "100%", backgroundColor: "var(--surface)", color: "var(--ink)", fontSize: "13px" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--font-mono, 'JetBrains Mono', ui-monospace, monospace)", lineHeight: "20px", fontVariantLigatures: "none", scrollbarWidth: "thin", scrollbarColor: "var(--line-strong) transparent" },
  ".cm-content": { caretColor: "var(--ink)", padding: "8px 0" },
  ".cm-cursor, .cm-dropCursor": { borderLeftColor: "var(--ink)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground, .cm-content ::selection": { backgroundColor: "var(--brand-soft)" },
  ".cm-gutters": { backgroundColor: "var(--surface)", color: "var(--ink-faint)", border: "none", paddingLeft: "4px" },
  ".cm-activeLine": { backgroundColor: "transparent" },
  "&.cm-focused .cm-activeLine": { backgroundColor: "color-mix(in srgb, var(--subtle) 60%, transparent)" },
  ".cm-activeLineGutter": { backgroundColor: "transparent", color: "var(--ink)" },
  "&.cm-focused .cm-matchingBracket": { backgroundColor: "var(--brand-soft)", outline: "1px solid var(--brand)" },
  ".cm-placeholder": { color: "var(--ink-faint)" },
  ".cm-mistake": { textDecoration: "underline wavy", textDecorationSkipInk: "none", textUnderlineOffset: "3px" },
  ".cm-mistake-error": { textDecorationColor: "var(--danger)", backgroundColor: "color-mix(in srgb, var(--danger-soft) 70%, transparent)" },
  ".cm-mistake-warning": { textDecorationColor: "var(--warn)" },
  ".cm-mistake-words": { padding: "4px 10px", maxWidth: "32rem", fontSize: "12px", lineHeight: "18px", whiteSpace: "pre-wrap" },
  ".cm-current": { boxShadow: "inset 2px 0 0 var(--brand)" },
  ".cm-tooltip": { backgroundColor: "var(--raised)", color: "var(--ink)", border: "1px solid var(--line)", borderRadius: "8px", boxShadow: "var(--shadow)", overflow: "hidden" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "inherit", maxHeight: "16rem" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: "2px 8px", lineHeight: "20px" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--brand-soft)", color: "var(--ink)" },
  ".cm-completionDetail": { color: "var(--ink-faint)", fontStyle: "normal", marginLeft: "1em" },
  ".cm-completionMatchedText": { textDecoration: "none", fontWeight: "600" },
});

const words = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword, tags.modifier], color: "var(--brand-text)", fontWeight: "500" },
  { tag: [tags.string, tags.special(tags.string), tags.number, tags.bool, tags.null], color: "var(--warn)" },
  { tag: [tags.comment, tags.lineComment, tags.blockComment], color: "var(--ink-faint)", fontStyle: "italic" },
  { tag: [tags.heading, tags.typeName, tags.standard(tags.name)], color: "var(--info)" },
  { tag: [tags.propertyName, tags.attributeName], color: "var(--brand-text)" },
]);

export const theme = [look, syntaxHighlighting(words)];
