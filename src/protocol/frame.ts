import { ProtocolError } from "./protocol_error.ts";
import type { Writer } from "./writer.ts";

/** Bytes of the size that goes before every request and response. */
export const framePrefixBytes = 4;

/**
 * The size of a frame, its prefix not counted, from the prefix at `bytes[at]`.
 *
 * @throws {ProtocolError} when the size is negative or more than `maxFrameBytes`: nothing that follows on the
 * connection can be told apart then.
 */
export function readFrameSize(bytes: Uint8Array, at: number, maxFrameBytes: number): number {
  if (at + framePrefixBytes > bytes.length) throw new RangeError("the prefix is not in the bytes");
  const size = (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
  if (size < 0) throw new ProtocolError(`a frame of negative size ${size}`);
  if (size > maxFrameBytes) {
    throw new ProtocolError(`a frame of ${size} bytes; the limit is ${maxFrameBytes}`);
  }
  return size;
}

/** Keeps room for the prefix of a frame; hand what this returns to {@link endFrame}. */
export function beginFrame(writer: Writer): number {
  const at = writer.position;
  writer.int32(0);
  return at;
}

/** Ends a frame: its size goes where the room was kept. */
export function endFrame(writer: Writer, at: number): void {
  writer.patchInt32(at, writer.position - at - framePrefixBytes);
}
