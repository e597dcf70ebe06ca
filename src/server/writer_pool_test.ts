import { equal, notEqual, ok } from "node:assert/strict";
import type { Writer } from "../protocol/mod.ts";
import { WriterPool } from "./writer_pool.ts";

const FETCH = 1;
const OTHER = 2;
const MIB = 1 << 20;

/** Answers in `bytes`, as the router does, and what holds the answer until it is sent. */
function answer(pool: WriterPool, apiKey: number, bytes: number): Writer {
  const writer = pool.take(apiKey);
  writer.raw(new Uint8Array(bytes).fill(7));
  return pool.fitted(writer);
}

Deno.test("an API of large answers gets the buffers of those before, and others do not", () => {
  const pool = new WriterPool();
  const first = answer(pool, FETCH, 3 * MIB);
  pool.giveBack(first, FETCH);
  notEqual(pool.take(OTHER), first);
  equal(pool.take(FETCH), first);
  equal(first.position, 0);
});

Deno.test("a small answer does not hold a large buffer while a client takes it, and comes whole", () => {
  const pool = new WriterPool();
  const large = answer(pool, FETCH, 3 * MIB);
  pool.giveBack(large, FETCH);
  for (const bytes of [10, 100_000]) {
    const small = answer(pool, FETCH, bytes);
    notEqual(small, large);
    ok(small.capacity <= 4 * bytes || small.capacity < 1000, `${small.capacity} bytes for ${bytes}`);
    equal(small.bytes().length, bytes);
    ok(small.bytes().every((byte) => byte === 7));
  }
  equal(answer(pool, FETCH, 2 * MIB), large, "it is there for the next large one");
});

Deno.test("buffers that answers of some kilobytes made are bounded by their bytes, too", () => {
  const pool = new WriterPool();
  const all = Array.from({ length: 1000 }, () => answer(pool, FETCH, 33_000));
  for (const writer of all) pool.giveBack(writer, FETCH);
  const small = Array.from({ length: 1000 }, () => answer(pool, FETCH, 20));
  ok(small.every(({ capacity }) => capacity <= 256));
  const kept = all.filter(({ capacity }) => capacity > 0);
  ok(kept.reduce((sum, { capacity }) => sum + capacity, 0) <= 8 * MIB);
});

Deno.test("of large buffers those used last are kept, up to a bound", () => {
  const pool = new WriterPool();
  const all = Array.from({ length: 8 }, () => answer(pool, FETCH, 2 * MIB - 100_000));
  for (const writer of all) pool.giveBack(writer, FETCH);
  const kept = all.filter(({ capacity }) => capacity > 0);
  equal(kept.length, 4);
  equal(kept.at(-1), all.at(-1));
  const tooLarge = answer(pool, FETCH, 9 * MIB);
  pool.giveBack(tooLarge, FETCH);
  equal(tooLarge.capacity, 0, "it is more than all that is kept");
});
