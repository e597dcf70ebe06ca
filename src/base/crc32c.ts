import { assert } from "./assert.ts";
import { ImageMemory, type SumInPlace, sumInPlaceOf } from "./image_memory.ts";
import { portableCrc32c } from "./portable_crc32c.ts";

/** From here on it pays to call WebAssembly for bytes that lie in its memory. */
const LEAST_IN_PLACE_BYTES = 512;
/** From here on it pays even when they have to be copied there first. */
const LEAST_COPIED_BYTES = 1024;
/** Bytes copied in one go: they are still in the CPU's cache when they are summed. */
const WINDOW_BYTES = 64 * 1024;

/**
 * CRC-32C of `bytes[start, end)` as an unsigned 32-bit number. Fastest for bytes in an
 * {@link ImageMemory}, where they are summed in place.
 *
 * `seed` is the CRC of what comes before, so that a sum can be carried across pieces:
 * `crc32c(ab, 0, n) === crc32c(b, 0, b.length, crc32c(a, 0, a.length))`.
 */
export function crc32c(bytes: Uint8Array, start: number, end: number, seed = 0): number {
  if (end - start < LEAST_IN_PLACE_BYTES) return portableCrc32c(bytes, start, end, seed);
  assert(start >= 0 && end <= bytes.length, "a sum is of bytes that are there");
  const sum = sumInPlaceOf(bytes.buffer);
  if (sum !== undefined) return ~sum(~seed, bytes.byteOffset + start, bytes.byteOffset + end) >>> 0;
  if (end - start < LEAST_COPIED_BYTES) return portableCrc32c(bytes, start, end, seed);
  return copiedCrc32c(bytes, start, end, seed);
}

/** Where bytes from other memory are copied to, in WebAssembly's. Made when first needed. */
let window: { readonly view: Uint8Array; readonly sum: SumInPlace } | undefined;

function openWindow(): { readonly view: Uint8Array; readonly sum: SumInPlace } {
  const view = new ImageMemory(WINDOW_BYTES).allocate(WINDOW_BYTES);
  const sum = sumInPlaceOf(view.buffer);
  assert(sum !== undefined, "the window lies in an image memory");
  return { view, sum };
}

function copiedCrc32c(bytes: Uint8Array, start: number, end: number, seed: number): number {
  window ??= openWindow();
  const { view, sum } = window;
  let crc = ~seed;
  for (let at = start; at < end; at += WINDOW_BYTES) {
    const piece = bytes.subarray(at, Math.min(at + WINDOW_BYTES, end));
    view.set(piece);
    crc = sum(crc, view.byteOffset, view.byteOffset + piece.length);
  }
  return ~crc >>> 0;
}
