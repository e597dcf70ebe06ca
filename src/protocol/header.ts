import { requestFlexibleFrom } from "./generated/api_key.ts";
import { ProtocolError } from "./protocol_error.ts";
import type { Reader } from "./reader.ts";
import type { Writer } from "./writer.ts";

/** What goes before the body of every request. */
export interface RequestHeader {
  readonly apiKey: number;
  readonly apiVersion: number;
  /** Comes back in the response's header. */
  readonly correlationId: number;
  readonly clientId: string | null;
}

/**
 * Reads a request's header and leaves the reader at its body. The version may be one that the API does not have:
 * the header's own form is known all the same, and ApiVersions must be answered even then.
 *
 * @throws {ProtocolError} also for an API key that Kafka does not have, since its header's form is not known.
 */
export function decodeRequestHeader(reader: Reader): RequestHeader {
  const apiKey = reader.int16();
  const apiVersion = reader.int16();
  const flexibleFrom = requestFlexibleFrom.get(apiKey);
  if (flexibleFrom === undefined) throw new ProtocolError(`there is no API key ${apiKey}`);
  const correlationId = reader.int32();
  // In the old form in flexible versions, too: a broker must be able to read it before it knows the version.
  const clientId = reader.nullableString(false);
  if (apiVersion >= flexibleFrom) reader.skipTaggedFields();
  return { apiKey, apiVersion, correlationId, clientId };
}

/** Writes a response's header. `headerVersion` is what the response's codec says. */
export function encodeResponseHeader(writer: Writer, correlationId: number, headerVersion: number): void {
  writer.int32(correlationId);
  if (headerVersion >= 1) writer.uvarint(0);
}
