import assert from "node:assert/strict";
import { patchBaseOffset, patchLeaderEpoch } from "../../src/records/mod.ts";
import { BatchWalker } from "./batch_walker.ts";
import { recordsPerBatch, repeatedBatch } from "./batches.ts";

function randomBatch(recordsPerBatch: number, recordBytes: number): Uint8Array {
  return repeatedBatch({ recordsPerBatch, recordBytes, compression: null }).bytes;
}

/** What a broker holds after the batch was written `count` times. */
function log(batch: Uint8Array, records: number, count: number): Uint8Array {
  const bytes = new Uint8Array(batch.length * count);
  for (let index = 0; index < count; index++) {
    bytes.set(batch, index * batch.length);
    patchBaseOffset(bytes, index * batch.length, index * records);
    patchLeaderEpoch(bytes, index * batch.length, 7);
  }
  return bytes;
}

Deno.test("as many records go into a batch as its size allows, and never none", () => {
  for (const batchBytes of [2_000, 65_536, 1_048_576]) {
    const count = recordsPerBatch(batchBytes, 1024);
    const { length } = randomBatch(count, 1024);
    assert.ok(
      length <= batchBytes && length > batchBytes - 2 * 1100,
      `${count} records take ${length} bytes`,
    );
  }
  assert.equal(recordsPerBatch(100, 1024), 1);
});

Deno.test("batches as they were sent, with offset and leader epoch set, are counted", () => {
  const batch = randomBatch(5, 100);
  const walker = new BatchWalker(batch);
  walker.walk(log(batch, 5, 4));
  assert.deepEqual([walker.nextOffset, walker.records, walker.batchBytes], [20, 20, 4 * batch.length]);
});

Deno.test("a batch that is cut off at the end waits for the next fetch", () => {
  const batch = randomBatch(5, 100);
  const bytes = log(batch, 5, 3);
  const walker = new BatchWalker(batch);
  walker.walk(bytes.subarray(0, bytes.length - 1));
  assert.equal(walker.nextOffset, 10);
  walker.walk(bytes.subarray(2 * batch.length));
  assert.equal(walker.nextOffset, 15);
});

Deno.test("a flipped bit, a missing batch, a repeated batch and an empty answer are each found", () => {
  const batch = randomBatch(5, 100);
  const flipped = log(batch, 5, 2);
  flipped[flipped.length - 10]! ^= 1;
  assert.throws(() => new BatchWalker(batch).walk(flipped), /offset 5 is not the one that was sent/);
  const bytes = log(batch, 5, 3);
  assert.throws(() => new BatchWalker(batch).walk(bytes.subarray(batch.length)), /offset 0 was expected/);
  const walker = new BatchWalker(null);
  walker.walk(bytes);
  assert.throws(
    () => walker.walk(bytes.subarray(0, batch.length)),
    /offset 15 was expected, the one at 0 came/,
  );
  assert.throws(() => walker.walk(bytes.subarray(0, 30)), /no whole batch/);
});
