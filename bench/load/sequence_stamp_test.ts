import assert from "node:assert/strict";
import fc from "fast-check";
import { BATCH_AT, bodyCrc, readInt32, recomputeCrc } from "../../src/records/mod.ts";
import { repeatedBatch } from "./batches.ts";
import { SequenceStamp } from "./sequence_stamp.ts";

Deno.test("a stamped batch has the sequence asked for and the CRC of all its bytes", () => {
  const shape = { recordsPerBatch: 3, recordBytes: 100, compression: null };
  const { bytes } = repeatedBatch(shape, { producerId: 7, producerEpoch: 1 });
  const stamp = new SequenceStamp(bytes);
  fc.assert(fc.property(fc.integer({ min: 0, max: 2 ** 31 - 1 }), (sequence) => {
    stamp.stamp(bytes, 0, sequence);
    assert.equal(readInt32(bytes, BATCH_AT.baseSequence), sequence);
    const stamped = readInt32(bytes, BATCH_AT.crc);
    recomputeCrc(bytes, 0);
    assert.equal(stamped, readInt32(bytes, BATCH_AT.crc));
    assert.equal(stamped >>> 0, bodyCrc(bytes, 0, bytes.length) >>> 0);
  }));
});
