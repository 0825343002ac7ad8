// What do bytes say: as hexadecimal digits, and as the letters they may be?

export const BYTES_A_LINE = 16;

export interface HexLine {
  offset: string;
  hex: string;
  letters: string;
}

/** Bytes as the API writes them: `\x` and digits. `undefined` for what is none. */
export function bytesOf(value: string): Uint8Array | undefined {
  const digits = /^\\x((?:[0-9a-f]{2})*)$/i.exec(value)?.[1];
  if (digits === undefined) {
    return undefined;
  }
  const bytes = new Uint8Array(digits.length / 2);
  for (let index = 0; index < bytes.length; index += 1) {
    bytes[index] = Number.parseInt(digits.slice(index * 2, index * 2 + 2), 16);
  }
  return bytes;
}

/** As `hexdump -C` writes them; what is no letter of ASCII is a dot. */
export function hexLines(bytes: Uint8Array, most: number): HexLine[] {
  const lines: HexLine[] = [];
  for (let from = 0; from < bytes.length && lines.length < most; from += BYTES_A_LINE) {
    const part = [...bytes.subarray(from, from + BYTES_A_LINE)];
    const pair = (byte: number) => byte.toString(16).padStart(2, "0");
    lines.push({
      offset: from.toString(16).padStart(8, "0"),
      hex: `${part.slice(0, 8).map(pair).join(" ")}  ${part.slice(8).map(pair).join(" ")}`.trimEnd(),
      letters: part.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".")).join(""),
    });
  }
  return lines;
}

/** The text that the bytes are in UTF-8; `undefined` where they are none. */
export function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
