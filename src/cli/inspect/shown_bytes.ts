/** How keys, values and headers are shown. */
export type BytesFormat = "text" | "hex" | "json";

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
/** What would move the cursor, change colours or turn the direction of a terminal's text. */
// deno-lint-ignore no-control-regex
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
/** Strings, which stay as they are, and white space between them, which goes. */
const BETWEEN_STRINGS = /("[^"\\]*(?:\\.[^"\\]*)*")|\s+/gs;

/** Bytes for people, on one line: what is not printable is escaped. */
export function bytesText(bytes: Uint8Array | null, format: BytesFormat): string {
  if (bytes === null) return "(null)";
  if (format === "hex") return bytes.toHex();
  const text = decoded(bytes);
  if (text === null) return escapedBytes(bytes);
  return (format === "json" ? compactJson(text) ?? text : text).replace(UNSAFE, escaped);
}

/**
 * Bytes as a JSON value, written out: `null`, a string, what the bytes say when JSON is asked for and they are some
 * (numbers to the last digit), or `{"hex": …}` where a string was asked for and they are not UTF-8.
 */
export function bytesJson(bytes: Uint8Array | null, format: BytesFormat): string {
  if (bytes === null) return "null";
  if (format === "hex") return JSON.stringify(bytes.toHex());
  const text = decoded(bytes);
  if (text === null) return JSON.stringify({ hex: bytes.toHex() });
  return (format === "json" ? compactJson(text) : null) ?? JSON.stringify(text);
}

/** The same JSON without white space; `null` when it is none. */
function compactJson(text: string): string | null {
  try {
    JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
  return text.replace(BETWEEN_STRINGS, "$1");
}

function decoded(bytes: Uint8Array): string | null {
  try {
    return UTF8.decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}

function escaped(character: string): string {
  const code = character.charCodeAt(0);
  const named = { 9: "\\t", 10: "\\n", 13: "\\r" }[code];
  return named ?? (code < 256 ? byteEscape(code) : `\\u${code.toString(16).padStart(4, "0")}`);
}

function escapedBytes(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) {
    text += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : byteEscape(byte);
  }
  return text;
}

function byteEscape(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, "0")}`;
}
