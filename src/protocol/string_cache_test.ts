import assert from "node:assert/strict";
import fc from "fast-check";
import { parseUuid, StringCache, zeroUuid } from "./string_cache.ts";

Deno.test("a cached string is the one that its bytes say, whatever was cached before", () => {
  const cache = new StringCache();
  const encoder = new TextEncoder();
  const text = fc.oneof(fc.string({ maxLength: 3 }), fc.string({ unit: "grapheme", maxLength: 90 }));
  fc.assert(fc.property(fc.array(text, { maxLength: 50 }), (texts) => {
    for (const expected of [...texts, ...texts]) {
      const bytes = encoder.encode(`..${expected}..`);
      assert.equal(cache.string(bytes, 2, bytes.length - 4), expected);
    }
  }));
});

Deno.test("ten thousand strings in a thousand slots do not get mixed up", () => {
  const cache = new StringCache();
  const encoder = new TextEncoder();
  for (let round = 0; round < 2; round++) {
    for (let index = 0; index < 10_000; index++) {
      const bytes = encoder.encode(`topic-${index}`);
      assert.equal(cache.string(bytes, 0, bytes.length), `topic-${index}`);
    }
  }
});

Deno.test("bytes that are no UTF-8 become replacement characters, and a byte order mark is kept", () => {
  const cache = new StringCache();
  assert.equal(cache.string(new Uint8Array([0x61, 0xff]), 0, 2), "a\ufffd");
  assert.equal(cache.string(new Uint8Array([0xef, 0xbb, 0xbf, 0x61]), 0, 4), "\ufeffa");
});

Deno.test("a uuid is URL-safe base64 without padding, and parses back to its bytes", () => {
  const cache = new StringCache();
  fc.assert(fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
    const expected = bytes.toBase64({ alphabet: "base64url", omitPadding: true });
    const view = new DataView(bytes.buffer, bytes.byteOffset, 16);
    assert.equal(cache.uuid(view, 0), expected);
    assert.equal(cache.uuid(view, 0), expected);
    const parsed = new Uint8Array(18);
    assert.ok(parseUuid(expected, parsed, 1));
    assert.deepEqual(parsed.subarray(1, 17), bytes);
  }));
  assert.equal(cache.uuid(new DataView(new ArrayBuffer(16)), 0), zeroUuid);
});

Deno.test("what is no uuid is refused", () => {
  for (
    const text of [
      "",
      "AAAA",
      `${zeroUuid}A`,
      "AAAAAAAAAAAAAAAAAAAAA=",
      "AAAAAAAAAAAAAAAAAAAAAB",
      "é".repeat(22),
    ]
  ) {
    assert.equal(parseUuid(text, new Uint8Array(16), 0), false, text);
  }
});
