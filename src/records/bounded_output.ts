/** Smaller buffers are cheaper to leave to the garbage collector, with which large ones pile up. */
const BYTES_WORTH_FREEING = 64 * 1024;

/** Gives the memory of `bytes` back at once; nobody may have a use for it any more. */
export function freeBytes(bytes: Uint8Array): void {
  const { buffer } = bytes;
  if (buffer instanceof ArrayBuffer && buffer.byteLength >= BYTES_WORTH_FREEING) buffer.transfer(0);
}

/**
 * Where a decoder puts what it decodes: a buffer that grows as needed, never beyond a limit.
 *
 * `bytes` is replaced when it grows, and what it was is freed, so a decoder takes it anew after {@link reserve}.
 */
export class BoundedOutput {
  bytes: Uint8Array;
  /** Bytes written so far; the decoder moves it. */
  length = 0;
  readonly #maxBytes: number;

  constructor(expectedBytes: number, maxBytes: number) {
    this.bytes = new Uint8Array(Math.min(expectedBytes, maxBytes));
    this.#maxBytes = maxBytes;
  }

  /** Makes room for `count` more bytes, or for what the limit leaves; says for how many there is room. */
  reserve(count: number): number {
    const neededBytes = Math.min(this.length + count, this.#maxBytes);
    if (neededBytes > this.bytes.length) {
      const grown = new Uint8Array(Math.min(this.#maxBytes, Math.max(neededBytes, this.bytes.length * 2)));
      grown.set(this.bytes.subarray(0, this.length));
      freeBytes(this.bytes);
      this.bytes = grown;
    }
    return neededBytes - this.length;
  }

  /** Appends all of `part`; false when that would pass the limit. */
  append(part: Uint8Array): boolean {
    if (this.reserve(part.length) < part.length) return false;
    this.bytes.set(part, this.length);
    this.length += part.length;
    return true;
  }

  /** What was written so far, as a view. */
  written(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }
}
