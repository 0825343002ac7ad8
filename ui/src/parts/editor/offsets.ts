// Which characters of a text are its bytes from here to there? The API counts bytes, the editor counts UTF-16.

/** A part of a text the API speaks of, as the editor counts; never beyond the text, and never empty where there is text. */
export function charactersOf(text: string, span: readonly number[]): { from: number; to: number } {
  const [first = 0, last = first] = span;
  const from = characterAt(text, first);
  const to = Math.max(characterAt(text, last), from);
  return from === to ? { from: Math.max(0, Math.min(from, text.length - 1)), to: Math.min(text.length, Math.max(to, from + 1)) } : { from, to };
}

function characterAt(text: string, byte: number): number {
  let bytes = 0;
  let at = 0;
  while (at < text.length && bytes < byte) {
    const point = text.codePointAt(at) ?? 0;
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    at += point < 0x10000 ? 1 : 2;
  }
  return at;
}
