import assert from "node:assert/strict";
import { beginFrame, endFrame, readFrameSize } from "./frame.ts";
import { ProtocolError } from "./protocol_error.ts";
import { Writer } from "./writer.ts";

Deno.test("the size of a frame is read where it stands", () => {
  assert.equal(readFrameSize(new Uint8Array([9, 0, 0, 1, 2]), 1, 1000), 258);
  assert.equal(readFrameSize(new Uint8Array([0, 0, 0, 0]), 0, 1000), 0);
});

Deno.test("a negative or too large size is a protocol error", () => {
  assert.throws(() => readFrameSize(new Uint8Array([0xff, 0xff, 0xff, 0xff]), 0, 1000), ProtocolError);
  assert.throws(() => readFrameSize(new Uint8Array([0, 0, 3, 0xe9]), 0, 1000), ProtocolError);
  assert.equal(readFrameSize(new Uint8Array([0, 0, 3, 0xe8]), 0, 1000), 1000);
});

Deno.test("a prefix that is not there is the caller's mistake", () => {
  assert.throws(() => readFrameSize(new Uint8Array(3), 0, 1000), RangeError);
});

Deno.test("frames are written one after another, each with its size", () => {
  const writer = new Writer();
  for (const size of [3, 0]) {
    const at = beginFrame(writer);
    writer.raw(new Uint8Array(size).fill(7));
    endFrame(writer, at);
  }
  assert.deepEqual([...writer.bytes()], [0, 0, 0, 3, 7, 7, 7, 0, 0, 0, 0]);
});
