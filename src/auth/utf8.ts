const STRICT = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The text that `bytes` are, or `null` when they are none. */
export function utf8(bytes: Uint8Array): string | null {
  try {
    return STRICT.decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}

/** What a client has said, for the log: its end and whatever would break a line are left out. */
export function quoted(text: string): string {
  const shown = text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}...` : text;
  return JSON.stringify(shown);
}

const SHOWN_MAX = 100;
