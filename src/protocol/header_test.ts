import assert from "node:assert/strict";
import { ApiKey } from "./generated/api_key.ts";
import { encodeRequestHeader } from "./generated/request_header.ts";
import { decodeResponseHeader } from "./generated/response_header.ts";
import { decodeRequestHeader, encodeResponseHeader } from "./header.ts";
import { ProtocolError } from "./protocol_error.ts";
import { Reader } from "./reader.ts";
import { Writer } from "./writer.ts";

function decode(
  requestApiKey: number,
  requestApiVersion: number,
  headerVersion: number,
  clientId: string | null,
) {
  const writer = new Writer();
  encodeRequestHeader(
    writer,
    { requestApiKey, requestApiVersion, correlationId: 42, clientId },
    headerVersion,
  );
  writer.int8(0x55);
  const reader = new Reader().reset(writer.bytes());
  const header = decodeRequestHeader(reader);
  assert.equal(reader.int8(), 0x55, "the reader is not at the body");
  return header;
}

Deno.test("a request's header is flexible from the version on from which its body is", () => {
  assert.deepEqual(decode(ApiKey.Produce, 8, 1, "client"), {
    apiKey: 0,
    apiVersion: 8,
    correlationId: 42,
    clientId: "client",
  });
  assert.deepEqual(decode(ApiKey.Produce, 9, 2, null).clientId, null);
  assert.deepEqual(decode(ApiKey.SaslHandshake, 1, 1, "c").apiKey, ApiKey.SaslHandshake);
});

Deno.test("the header of a version that does not exist can be read, so that ApiVersions can answer it", () => {
  assert.equal(decode(ApiKey.ApiVersions, 999, 2, "new").apiVersion, 999);
});

Deno.test("a header of an unknown API or of too few bytes is a protocol error", () => {
  assert.throws(() => decode(20_000, 0, 1, null), ProtocolError);
  assert.throws(() => decode(-1, 0, 1, null), ProtocolError);
  for (let length = 0; length < 10; length++) {
    const bytes = new Uint8Array([0, 3, 0, 12, 0, 0, 0, 7, 0xff, 0xff]).subarray(0, length);
    assert.throws(() => decodeRequestHeader(new Reader().reset(bytes)), ProtocolError);
  }
});

Deno.test("a response's header is what Kafka's clients read", () => {
  for (const version of [0, 1]) {
    const writer = new Writer();
    encodeResponseHeader(writer, -7, version);
    const reader = new Reader().reset(writer.bytes());
    assert.deepEqual(decodeResponseHeader(reader, version), { correlationId: -7 });
    assert.equal(reader.remaining, 0);
  }
});
