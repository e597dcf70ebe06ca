/**
 * Kafka's wire format: bytes to typed messages and back.
 *
 * What it owns
 * - `Reader` and `Writer`: the primitive types, with every length checked against what is there.
 * - Frames (a 4-byte size before each message) and the headers of requests and responses.
 * - `generated/`: one file for each message of Kafka's protocol, written by `deno task codegen` from
 *   `kafka-message-specs/`. It is imported by path (`protocol/generated/fetch_request.ts`), not through this door,
 *   so that only what is served gets loaded.
 *
 * What holds
 * - Decoding is total: any bytes give a value or a ProtocolError, in time and memory bounded by their length.
 * - A decoded value has every field of every version, always in the same order; one that its version lacks is at
 *   its default. `bytes` and `records` are views of the request, valid as long as its buffer is.
 * - Encoding refuses what a version cannot carry, as Kafka does: a field that the version lacks must be at its
 *   default, unless it is one that may be ignored.
 * - Unknown tagged fields are passed over.
 *
 * int64 shows as `number`; see `codegen/int64_forms.ts` for the fields where a client may send more than 2^53.
 * Uuids are strings in Kafka's form: 22 characters of URL-safe base64.
 */
export type { DataCodec, MessageCodec } from "./codec.ts";
export { beginFrame, endFrame, framePrefixBytes, readFrameSize } from "./frame.ts";
export { ApiKey } from "./generated/api_key.ts";
export { decodeRequestHeader, encodeResponseHeader, type RequestHeader } from "./header.ts";
export { ProtocolError } from "./protocol_error.ts";
export { Reader } from "./reader.ts";
export { StringCache, zeroUuid } from "./string_cache.ts";
export { Writer } from "./writer.ts";
