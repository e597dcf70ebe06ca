import { KliteError } from "../base/klite_error.ts";
import type { Socket } from "../io/network.ts";
import { requestHeader } from "../protocol/generated/request_header.ts";
import {
  beginFrame,
  endFrame,
  framePrefixBytes,
  type MessageCodec,
  Reader,
  Writer,
} from "../protocol/mod.ts";

const CORRELATION_ID = 1;
/** A correlation id and an error code. */
const LEAST_RESPONSE_BYTES = 6;
const MAX_RESPONSE_BYTES = 16 << 20;
const CLOSED = "the connection was closed without an answer";

/** One request, and its answer behind the correlation id; `null` when what answers does not speak Kafka. */
export async function exchange<Input>(
  socket: Socket,
  request: MessageCodec<unknown, Input>,
  version: number,
  input: Input,
  clientId: string,
): Promise<Reader | null> {
  await socket.write(frameOf(request, version, input, { correlationId: CORRELATION_ID, clientId }));
  const prefix = await readFully(socket, framePrefixBytes, CLOSED);
  const size = new DataView(prefix.buffer).getInt32(0);
  if (size < LEAST_RESPONSE_BYTES || size > MAX_RESPONSE_BYTES) return null;
  const reader = new Reader().reset(await readFully(socket, size, CLOSED));
  return reader.int32() === CORRELATION_ID ? reader : null;
}

/** The bytes of a request, size prefix included. */
export function frameOf<Input>(
  request: MessageCodec<unknown, Input>,
  version: number,
  input: Input,
  sender: { readonly correlationId: number; readonly clientId: string },
): Uint8Array {
  const writer = new Writer();
  const frame = beginFrame(writer);
  const header = { requestApiKey: request.apiKey, requestApiVersion: version, ...sender };
  requestHeader.encode(writer, header, request.headerVersion(version));
  request.encode(writer, input, version);
  endFrame(writer, frame);
  return writer.bytes();
}

/** The next `length` bytes of a connection; `CONNECTION_CLOSED` with `closed` for words when they do not come. */
export async function readFully(
  socket: Socket,
  length: number,
  closed: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length);
  for (let filled = 0; filled < length;) {
    const count = await socket.read(bytes.subarray(filled));
    if (count === null) throw new KliteError("CONNECTION_CLOSED", closed);
    filled += count;
  }
  return bytes;
}
