const slotCount = 1024;
const slotMask = slotCount - 1;

/** The longest string, in bytes, that is worth remembering: topic names, client ids and group ids nearly always fit. */
const maxCachedBytes = 64;

const uuidBytes = 16;
const uuidWords = uuidBytes / 4;
const base64Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * Turns bytes into strings, and remembers the short ones: the same few topic names and ids arrive in every request,
 * and a string made anew for each is what a garbage collector spends its time on.
 *
 * Both tables are direct-mapped: a slot holds the last string whose bytes hashed to it, compared in full on a hit
 * and overwritten on a miss. So memory is bounded (about 100 KB) whatever the peers send.
 */
export class StringCache {
  readonly #stringBytes = new Uint8Array(slotCount * maxCachedBytes);
  readonly #stringLengths = new Uint8Array(slotCount);
  readonly #strings: string[] = new Array(slotCount).fill("");
  readonly #uuidWords = new Int32Array(slotCount * uuidWords);
  readonly #uuids: string[] = new Array(slotCount).fill(zeroUuid);

  /** The UTF-8 string at `start`, `length` bytes long. Invalid sequences become U+FFFD. */
  string(bytes: Uint8Array, start: number, length: number): string {
    if (length === 0) return "";
    if (length > maxCachedBytes) return utf8.decode(bytes.subarray(start, start + length));
    let hash = length;
    for (let at = start; at < start + length; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
    const slot = (hash ^ (hash >>> 15)) & slotMask;
    const base = slot * maxCachedBytes;
    const stored = this.#stringBytes;
    let equal = this.#stringLengths[slot] === length;
    for (let index = 0; equal && index < length; index++) {
      equal = stored[base + index] === bytes[start + index];
    }
    if (equal) return this.#strings[slot]!;

    const text = utf8.decode(bytes.subarray(start, start + length));
    for (let index = 0; index < length; index++) stored[base + index] = bytes[start + index]!;
    this.#stringLengths[slot] = length;
    this.#strings[slot] = text;
    return text;
  }

  /** The 16 bytes of `view` at `at` in Kafka's form: 22 characters of URL-safe base64. */
  uuid(view: DataView, at: number): string {
    const a = view.getInt32(at);
    const b = view.getInt32(at + 4);
    const c = view.getInt32(at + 8);
    const d = view.getInt32(at + 12);
    const hash = Math.imul(a ^ Math.imul(b, 0x01000193) ^ Math.imul(c, 0x85ebca6b) ^ d, 0x9e3779b1);
    const slot = (hash ^ (hash >>> 15)) & slotMask;
    const words = this.#uuidWords;
    const base = slot * uuidWords;
    if (words[base] === a && words[base + 1] === b && words[base + 2] === c && words[base + 3] === d) {
      return this.#uuids[slot]!;
    }
    const text = formatUuid(view, at);
    words[base] = a;
    words[base + 1] = b;
    words[base + 2] = c;
    words[base + 3] = d;
    this.#uuids[slot] = text;
    return text;
  }
}

/** The id that stands for none. */
export const zeroUuid = "AAAAAAAAAAAAAAAAAAAAAA";

function formatUuid(view: DataView, at: number): string {
  let text = "";
  for (let index = 0; index < uuidBytes - 1; index += 3) {
    const group = (view.getUint16(at + index) << 8) | view.getUint8(at + index + 2);
    text += base64Alphabet[group >>> 18]! + base64Alphabet[(group >>> 12) & 63]! +
      base64Alphabet[(group >>> 6) & 63]! + base64Alphabet[group & 63]!;
  }
  const last = view.getUint8(at + uuidBytes - 1);
  return text + base64Alphabet[last >>> 2]! + base64Alphabet[(last & 3) << 4]!;
}

const sextets = new Int8Array(128).fill(-1);
for (let index = 0; index < base64Alphabet.length; index++) sextets[base64Alphabet.charCodeAt(index)] = index;

/**
 * Writes the 16 bytes of a uuid in Kafka's form to `bytes` at `at`.
 * Returns false, having written nothing of use, when `text` is not one.
 */
export function parseUuid(text: string, bytes: Uint8Array, at: number): boolean {
  if (text.length !== 22) return false;
  let position = at;
  let group = 0;
  let bits = 0;
  for (let index = 0; index < 22; index++) {
    const sextet = sextets[text.charCodeAt(index)] ?? -1;
    if (sextet < 0) return false;
    group = (group << 6) | sextet;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[position++] = group >>> bits;
    group &= (1 << bits) - 1;
  }
  return group === 0;
}
