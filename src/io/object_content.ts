import { assert } from "../base/assert.ts";
import type { ByteRange, ObjectContent } from "./object_store.ts";

/** Content in one form. */
export function asContent(content: Uint8Array | ObjectContent): ObjectContent {
  if (!(content instanceof Uint8Array)) return content;
  return { sizeBytes: content.length, parts: () => [content] };
}

/** All of the content in one array, the caller's own. */
export async function gatherContent(content: Uint8Array | ObjectContent): Promise<Uint8Array<ArrayBuffer>> {
  if (content instanceof Uint8Array) return content.slice();
  const bytes = new Uint8Array(content.sizeBytes);
  let filled = 0;
  for await (const part of content.parts()) {
    assert(filled + part.length <= bytes.length, "content is as long as it says");
    bytes.set(part, filled);
    filled += part.length;
  }
  assert(filled === bytes.length, "content is as long as it says");
  return bytes;
}

/**
 * The content in pieces of `pieceBytes`, the last one shorter. A piece may be overwritten once the next one is asked
 * for.
 */
export async function* piecesOf(content: ObjectContent, pieceBytes: number): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(Math.min(pieceBytes, content.sizeBytes));
  let filled = 0;
  let givenBytes = 0;
  for await (const part of content.parts()) {
    givenBytes += part.length;
    assert(givenBytes <= content.sizeBytes, "content is as long as it says");
    for (let at = 0; at < part.length;) {
      const count = Math.min(buffer.length - filled, part.length - at);
      buffer.set(part.subarray(at, at + count), filled);
      filled += count;
      at += count;
      if (filled < pieceBytes) continue;
      yield buffer;
      filled = 0;
    }
  }
  assert(givenBytes === content.sizeBytes, "content is as long as it says");
  if (filled > 0) yield buffer.subarray(0, filled);
}

/** What of an object of `sizeBytes` a range means, as `[from, to)`; empty when nothing of it is there. */
export function rangeWithin(
  sizeBytes: number,
  range: ByteRange | undefined,
): { readonly from: number; readonly to: number } {
  if (range === undefined) return { from: 0, to: sizeBytes };
  const { fromByte, lengthBytes } = range;
  if (fromByte < 0) return { from: Math.max(0, sizeBytes + fromByte), to: sizeBytes };
  const from = Math.min(fromByte, sizeBytes);
  return { from, to: Math.min(sizeBytes, from + lengthBytes) };
}
