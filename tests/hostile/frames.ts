/** Requests as bytes, by codec or by hand. */
import { beginFrame, endFrame, type MessageCodec, Writer } from "../../src/protocol/mod.ts";

/** The frame of a request, size prefix included. */
export function requestFrame<Request>(
  codec: MessageCodec<unknown, Request>,
  version: number,
  value: Request,
  correlationId = 1,
): Uint8Array<ArrayBuffer> {
  return frameOf({
    apiKey: codec.apiKey,
    version,
    headerVersion: codec.headerVersion(version),
    correlationId,
  }, (writer) => codec.encode(writer, value, version));
}

/** What goes before a body that is written by hand. */
export interface FrameHead {
  readonly apiKey: number;
  readonly version: number;
  /** 2 has tagged fields behind the client id. */
  readonly headerVersion: number;
  readonly correlationId?: number;
}

/** A frame with a regular header and whatever `body` writes. */
export function frameOf(head: FrameHead, body: (writer: Writer) => void): Uint8Array<ArrayBuffer> {
  const writer = new Writer();
  const at = beginFrame(writer);
  writer.int16(head.apiKey);
  writer.int16(head.version);
  writer.int32(head.correlationId ?? 1);
  writer.nullableString("hostile", false);
  if (head.headerVersion >= 2) writer.uvarint(0);
  body(writer);
  endFrame(writer, at);
  return writer.bytes().slice();
}

/** `bytes` behind a size prefix that says `size`, true or not. */
export function sized(bytes: Uint8Array, size = bytes.length): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(4 + bytes.length);
  new DataView(frame.buffer).setInt32(0, size);
  frame.set(bytes, 4);
  return frame;
}
