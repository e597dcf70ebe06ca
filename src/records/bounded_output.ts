import type { CompressionFault } from "./compression_fault.ts";

/** Smaller buffers are cheaper to leave to the garbage collector, with which large ones pile up. */
const BYTES_WORTH_FREEING = 64 * 1024;

/** Gives the memory of `bytes` back at once; nobody may have a use for it any more. */
export function freeBytes(bytes: Uint8Array): void {
  const { buffer } = bytes;
  if (buffer instanceof ArrayBuffer && buffer.byteLength >= BYTES_WORTH_FREEING) buffer.transfer(0);
}

/** Claims of smaller inputs are ignored: to grow costs them little, and many small lies would cost much. */
const CLAIMING_BYTES_MIN = 4096;

/**
 * How much room to make at once for `compressedBytes` that say they unpack to `toldBytes`, in a format in which
 * nothing unpacks to more than `densestRatio` times its size.
 */
export function believableBytes(toldBytes: number, compressedBytes: number, densestRatio: number): number {
  return compressedBytes < CLAIMING_BYTES_MIN ? 0 : Math.min(toldBytes, densestRatio * compressedBytes);
}

/**
 * Where a decoder puts what it decodes: a buffer that grows as needed, never beyond a limit.
 *
 * `bytes` is replaced when it grows, and what it was is freed, so a decoder takes it anew after {@link reserve}. What
 * is expected takes next to no memory until it is written: better too much than to hold both while it grows.
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

  /** What was written, as a view; or the fault that ended it, and the memory is given back. The last call. */
  ended(fault: CompressionFault | null): Uint8Array | CompressionFault {
    if (fault === null) return this.bytes.subarray(0, this.length);
    freeBytes(this.bytes);
    return fault;
  }
}
