import assert from "node:assert/strict";
import { concatBytes } from "../base/bytes.ts";
import { ReceiveBuffer } from "./receive_buffer.ts";
import { READ_AHEAD_BYTES, RequestMemory } from "./request_memory.ts";
import { PIPELINED, requestBytes } from "./server_in_sim_test.ts";

const MIB = 1024 * 1024;
const SMALL_BYTES = 4096;

/** Lets `bytes` arrive as fast as there is room, and handles every request. */
function receive(input: ReceiveBuffer, bytes: Uint8Array): number {
  let frames = 0;
  for (let at = 0; at < bytes.length;) {
    assert.equal(input.prepare(true), "ready");
    const part = bytes.subarray(at, at + input.room().length);
    input.room().set(part);
    input.received(part.length);
    at += part.length;
    for (; input.frame() !== undefined; frames++) input.consume();
  }
  assert.equal(input.prepare(true), "ready");
  return frames;
}

Deno.test("a connection that fills a read-ahead buffer keeps it until that is no longer worth it", () => {
  const memory = new RequestMemory(MIB, MIB);
  const input = new ReceiveBuffer(memory, MIB - 4);
  const burst = concatBytes([1, 2, 3].map((id) => requestBytes(PIPELINED, id, 5000)));
  assert.equal(input.room().length, SMALL_BYTES);
  assert.equal(receive(input, burst), 3);
  assert.equal(input.room().length, READ_AHEAD_BYTES);
  assert.equal(receive(input, burst), 3);
  assert.equal(input.room().length, READ_AHEAD_BYTES);
  assert.equal(receive(input, requestBytes(PIPELINED, 1, 100)), 1);
  assert.equal(input.room().length, SMALL_BYTES);
});

Deno.test("so many connections keep one, and those that end make place for others", () => {
  const memory = new RequestMemory(MIB, MIB);
  const inputs = Array.from({ length: 40 }, () => new ReceiveBuffer(memory, MIB - 4));
  for (const input of inputs) receive(input, requestBytes(PIPELINED, 1, 5000));
  const keeping = (): number => inputs.filter((input) => input.room().length > SMALL_BYTES).length;
  assert.equal(keeping(), 32);
  for (let round = 0; round < 3; round++) {
    for (const input of inputs) input.dispose();
    assert.equal(keeping(), 0);
    for (const input of inputs) receive(input, requestBytes(PIPELINED, 1, 5000));
    assert.equal(keeping(), 32);
  }
});

Deno.test("memory follows what has arrived, and a client that has sent as much before gets it at once", () => {
  const memory = new RequestMemory(16 * MIB, 16 * MIB);
  const input = new ReceiveBuffer(memory, 16 * MIB - 4);
  const request = requestBytes(PIPELINED, 1, 3 * MIB);
  const heldAfter = (bytes: number): number => {
    receive(input, request.subarray(0, bytes));
    const held = memory.heldBytes;
    input.dispose();
    return held;
  };
  assert.equal(heldAfter(4), 0);
  assert.equal(heldAfter(1000), 0);
  assert.equal(heldAfter(60_000), 68 * 1024);
  assert.equal(heldAfter(70_000), 260 * 1024);
  assert.equal(heldAfter(MIB), MIB + 4096);
  assert.equal(heldAfter(1_100_000), 4 * MIB + 4096);
  assert.equal(receive(input, request), 1);
  assert.equal(memory.heldBytes, 0);
  assert.equal(heldAfter(2000), 4 * MIB + 4096);
  assert.equal(heldAfter(1000), 0);
});
