import assert from "node:assert/strict";
import fc from "fast-check";
import { halfSipHash } from "./key_hash.ts";
import { KeyMap } from "./key_map.ts";

const secret = new Uint8Array(16).fill(7);

Deno.test("HalfSipHash gives the published values", () => {
  const out = new Int32Array(2);
  const input = Uint8Array.from({ length: 64 }, (_, index) => index);
  const hashOf = (length: number) => {
    halfSipHash(input, 0, length, 0x03020100, 0x07060504, out, 0);
    return new Uint8Array(out.buffer).toHex();
  };
  assert.deepEqual([0, 1, 2, 63].map(hashOf), [
    "218d1f59b9b83cc8",
    "be552412f8387315",
    "064f39ef7c50eb57",
    "2ea63c71bf326087",
  ]);
});

Deno.test("the map of keys knows the last offset of each key", () => {
  const key = fc.uint8Array({ minLength: 0, maxLength: 3, max: 2 });
  fc.assert(
    fc.property(fc.array(key, { maxLength: 300 }), (keys) => {
      const map = new KeyMap({ maxBytes: 1 << 20, secret });
      const model = new Map<string, number>();
      for (const [offset, bytes] of keys.entries()) {
        assert.ok(map.reserve(1, true));
        map.put(bytes, 0, bytes.length, offset);
        model.set(bytes.toHex(), offset);
      }
      assert.equal(map.count, model.size);
      for (const [hex, offset] of model) {
        const bytes = Uint8Array.fromHex(hex);
        assert.equal(map.lastOffset(bytes, 0, bytes.length), offset);
      }
      assert.equal(map.lastOffset(Uint8Array.of(9), 0, 1), -1);
    }),
  );
});

Deno.test("the map of keys grows up to its memory, and then says that it is full", () => {
  const maxBytes = 1 << 20;
  const map = new KeyMap({ maxBytes, secret });
  const bytes = new Uint8Array(4);
  let count = 0;
  while (map.reserve(1, true)) {
    new DataView(bytes.buffer).setInt32(0, count);
    map.put(bytes, 0, 4, count++);
    assert.ok(map.sizeBytes <= maxBytes);
  }
  assert.ok(count > maxBytes / 24 / 2, `${count} keys`);
  for (let key = 0; key < count; key++) {
    new DataView(bytes.buffer).setInt32(0, key);
    assert.equal(map.lastOffset(bytes, 0, 4), key);
  }
  assert.ok(map.reserve(count, false), "where it has to, it takes more");
  assert.equal(map.count, count);
});
