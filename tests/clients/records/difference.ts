/** Compares what a client read with what it should have read, byte for byte. */
import { Buffer } from "node:buffer";

/** A record that was expected: a name for messages and its bytes in the client's output. */
export interface ExpectedPiece {
  readonly label: string;
  readonly bytes: Uint8Array;
}

/** How many bytes of a record a message shows. */
const SHOWN_BYTES = 60;

/** Null when `actual` is exactly the expected pieces one after another; else where it first differs. */
export function findDifference(expected: Iterable<ExpectedPiece>, actual: Uint8Array): string | null {
  let position = 0;
  let count = 0;
  for (const { label, bytes } of expected) {
    const found = actual.subarray(position, position + bytes.length);
    if (Buffer.compare(found, bytes) !== 0) {
      if (found.length < bytes.length && Buffer.compare(found, bytes.subarray(0, found.length)) === 0) {
        return `ends after ${count} records, in ${label}`;
      }
      return explain(label, bytes, found);
    }
    position += bytes.length;
    count++;
  }
  return position === actual.length
    ? null
    : `${actual.length - position} bytes after the last of ${count} records`;
}

function explain(label: string, expected: Uint8Array, found: Uint8Array): string {
  let at = 0;
  while (expected[at] === found[at]) at++;
  const from = Math.max(0, at - 8);
  const show = (bytes: Uint8Array) =>
    JSON.stringify(Buffer.from(bytes.subarray(from, from + SHOWN_BYTES)).toString("latin1"));
  return `${label} differs at byte ${at}: expected …${show(expected)}, read …${show(found)}`;
}
