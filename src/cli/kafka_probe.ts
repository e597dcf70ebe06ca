import { ErrorCode } from "../base/error_codes.ts";
import { KliteError } from "../base/klite_error.ts";
import { KLITE_VERSION } from "../base/version.ts";
import type { Socket } from "../io/network.ts";
import { apiVersionsRequest } from "../protocol/generated/api_versions_request.ts";
import { requestHeader } from "../protocol/generated/request_header.ts";
import { beginFrame, endFrame, framePrefixBytes, Reader, Writer } from "../protocol/mod.ts";

/** The first version that names its sender, for the broker's log. */
const VERSION = 3;
const CORRELATION_ID = 1;
/** A correlation id and an error code are all that is read. */
const LEAST_RESPONSE_BYTES = 6;
const MAX_RESPONSE_BYTES = 1 << 20;
/** Whether the peer answers ApiVersions as a broker does; throws `CONNECTION_CLOSED` when it hangs up. */
export async function answersApiVersions(socket: Socket): Promise<boolean> {
  const writer = new Writer();
  const frame = beginFrame(writer);
  const header = {
    requestApiKey: apiVersionsRequest.apiKey,
    requestApiVersion: VERSION,
    correlationId: CORRELATION_ID,
    clientId: "klite-health",
  };
  requestHeader.encode(writer, header, apiVersionsRequest.headerVersion(VERSION));
  apiVersionsRequest.encode(writer, {
    clientSoftwareName: "klite-health",
    clientSoftwareVersion: KLITE_VERSION,
  }, VERSION);
  endFrame(writer, frame);
  await socket.write(writer.bytes());

  const prefix = await readFully(socket, framePrefixBytes);
  const size = new DataView(prefix.buffer).getInt32(0);
  if (size < LEAST_RESPONSE_BYTES || size > MAX_RESPONSE_BYTES) return false;
  const reader = new Reader().reset(await readFully(socket, size));
  // A broker that lacks the version says so, and is a broker all the same.
  const correlationId = reader.int32();
  const errorCode = reader.int16();
  return correlationId === CORRELATION_ID &&
    (errorCode === ErrorCode.NONE || errorCode === ErrorCode.UNSUPPORTED_VERSION);
}

async function readFully(socket: Socket, length: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length);
  for (let filled = 0; filled < length;) {
    const count = await socket.read(bytes.subarray(filled));
    if (count === null) {
      throw new KliteError("CONNECTION_CLOSED", "the connection was closed without an answer");
    }
    filled += count;
  }
  return bytes;
}
