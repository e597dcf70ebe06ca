import assert from "node:assert/strict";
import fc from "fast-check";
import { ErrorCode } from "../base/error_codes.ts";
import { BatchHeader } from "../records/mod.ts";
import { BatchIndex } from "./batch_index.ts";
import { LeaderEpochs } from "./leader_epochs.ts";
import { PartitionLog } from "./partition_log.ts";
import { ProducerStates } from "./producer_states.ts";
import { emptyLog, TEST_OWNER } from "./testing/test_log.ts";

interface Fields {
  readonly base?: number;
  readonly count?: number;
  readonly bytes?: number;
  readonly timestampMs?: number;
  readonly epoch?: number;
  readonly producer?: readonly [id: number, epoch: number, sequence: number];
}

function batch(
  { base = 0, count = 1, bytes = 100, timestampMs = -1, epoch = 0, producer = [-1, -1, -1] }: Fields,
): BatchHeader {
  const header = new BatchHeader();
  header.baseOffset = base;
  header.lastOffsetDelta = count - 1;
  header.recordCount = count;
  header.lengthBytes = bytes;
  header.maxTimestampMs = timestampMs;
  header.leaderEpoch = epoch;
  [header.producerId, header.producerEpoch, header.baseSequence] = producer;
  return header;
}

Deno.test("BatchIndex finds the batch of every offset, whatever was pushed and dropped", () => {
  const run = fc.array(
    fc.record({ count: fc.integer({ min: 1, max: 5 }), gap: fc.integer({ min: 0, max: 2 }) }),
  );
  fc.assert(fc.property(run, fc.nat(20), (batches, dropped) => {
    const index = new BatchIndex();
    const model: { base: number; last: number }[] = [];
    let next = 0;
    for (const [i, { count, gap }] of batches.entries()) {
      const base = next + gap;
      index.push(base, count - 1, i * 64, 100, i);
      model.push({ base, last: base + count - 1 });
      next = base + count;
      if (i === dropped) {
        index.dropFirst(model.length >> 1);
        model.splice(0, model.length >> 1);
      }
    }
    assert.equal(index.rows, model.length);
    for (let offset = 0; offset <= next; offset++) {
      const row = model.findIndex(({ last }) => last >= offset);
      assert.equal(index.rowOf(offset), row === -1 ? model.length : row);
    }
  }));
});

Deno.test("a fetch gets whole batches within its limits, and one at least when it must", () => {
  const log = emptyLog();
  for (let i = 0; i < 4; i++) log.append(batch({ base: i * 10, count: 10 }), i * 256, 0);
  assert.equal(
    log.range(0, log.highWatermark, 1000, true).bytes,
    0,
    "nothing is visible before it is durable",
  );
  log.raiseHighWatermark(30);
  assert.deepEqual(log.range(0, 30, 1000, true), { fromRow: 0, toRow: 3, bytes: 300 });
  assert.deepEqual(log.range(5, 30, 250, true), { fromRow: 0, toRow: 2, bytes: 200 });
  assert.deepEqual(log.range(10, 30, 50, true), { fromRow: 1, toRow: 2, bytes: 100 });
  assert.equal(log.range(10, 30, 50, false).bytes, 0);
  assert.equal(log.range(30, 30, 1000, true).bytes, 0);
});

Deno.test("LeaderEpochs tells where an epoch ends", () => {
  const epochs = new LeaderEpochs();
  assert.deepEqual(epochs.endOf(0, 0, 0), { epoch: 0, endOffset: 0 });
  epochs.written(0, 0);
  epochs.written(0, 5);
  epochs.written(2, 10);
  assert.deepEqual(epochs.endOf(0, 3, 30), { epoch: 0, endOffset: 10 });
  assert.deepEqual(epochs.endOf(1, 3, 30), { epoch: 0, endOffset: 10 });
  assert.deepEqual(epochs.endOf(2, 3, 30), { epoch: 2, endOffset: 30 });
  assert.deepEqual(epochs.endOf(3, 3, 30), { epoch: 3, endOffset: 30 });
  assert.deepEqual(epochs.endOf(4, 3, 30), { epoch: -1, endOffset: -1 });
  assert.equal(epochs.epochAt(9), 0);
  assert.equal(epochs.epochAt(10), 2);
});

/** What the broker answers to a batch, and what it then does. */
function produce(states: ProducerStates, header: BatchHeader): number | "duplicate" {
  if (states.duplicateOf(header) !== undefined) return "duplicate";
  const error = states.check(header);
  if (error === ErrorCode.NONE) states.appended(header, header.baseOffset, -1, 1000);
  return error;
}

Deno.test("an epoch without records has an end all the same: where the next one begins", () => {
  const epochs = new LeaderEpochs();
  assert.deepEqual(epochs.endOf(0, 1, 0), { epoch: 0, endOffset: 0 }, "all records of epoch 0 are lost");
  epochs.written(1, 0);
  assert.deepEqual(epochs.endOf(0, 1, 5), { epoch: 0, endOffset: 0 });
  assert.deepEqual(epochs.endOf(2, 1, 5), { epoch: -1, endOffset: -1 }, "an epoch of the future");
  assert.deepEqual(epochs.endOf(-1, 1, 5), { epoch: -1, endOffset: -1 });
});

Deno.test("what a snapshot was given stays what it was", () => {
  const log = emptyLog();
  log.append(batch({ base: 0, epoch: 0 }), 64, 0);
  const snapshot = log.snapshot();
  const before = structuredClone(snapshot);
  log.append(batch({ base: 1, epoch: 1, producer: [5, 0, 0] }), 256, 0);
  assert.deepEqual(snapshot, before);
});

Deno.test("the last five batches of a producer are known again, older ones are out of order", () => {
  const states = new ProducerStates();
  for (let i = 0; i < 6; i++) {
    assert.equal(produce(states, batch({ base: i * 2, count: 2, producer: [9, 0, i * 2] })), ErrorCode.NONE);
  }
  for (let i = 1; i < 6; i++) {
    const again = batch({ count: 2, producer: [9, 0, i * 2] });
    assert.equal(states.duplicateOf(again)?.baseOffset, i * 2);
  }
  const forgotten = batch({ count: 2, producer: [9, 0, 0] });
  assert.equal(produce(states, forgotten), ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER);
  const gap = batch({ count: 2, producer: [9, 0, 14] });
  assert.equal(produce(states, gap), ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER);
  const shorter = batch({ count: 1, producer: [9, 0, 10] });
  assert.equal(produce(states, shorter), ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER);
});

Deno.test("epochs fence older ones, and a new one starts at sequence 0", () => {
  const states = new ProducerStates();
  assert.equal(produce(states, batch({ producer: [9, 1, 0] })), ErrorCode.NONE);
  assert.equal(produce(states, batch({ producer: [9, 0, 1] })), ErrorCode.INVALID_PRODUCER_EPOCH);
  assert.equal(produce(states, batch({ producer: [9, 2, 1] })), ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER);
  assert.equal(produce(states, batch({ producer: [9, 2, 0] })), ErrorCode.NONE);
});

Deno.test("a producer that is not known may start anywhere, and sequences wrap", () => {
  const states = new ProducerStates();
  assert.equal(produce(states, batch({ count: 3, producer: [9, 0, 2147483646] })), ErrorCode.NONE);
  assert.equal(produce(states, batch({ count: 3, producer: [9, 0, 2147483646] })), "duplicate");
  assert.equal(produce(states, batch({ producer: [9, 0, 1] })), ErrorCode.NONE);
});

Deno.test("producers that have not written for long are forgotten", () => {
  const states = new ProducerStates();
  produce(states, batch({ producer: [9, 0, 0] }));
  states.expire(1000);
  assert.equal(states.size, 1);
  states.expire(1001);
  assert.equal(states.size, 0);
});

Deno.test("a restored partition has the same offsets, producers and epochs", () => {
  const log = emptyLog(5);
  log.append(batch({ count: 3, producer: [9, 0, 0] }), 64, 1000);
  log.append(batch({ base: 3, count: 2, producer: [9, 0, 3] }), 256, 2000);
  const restored = PartitionLog.restore(JSON.parse(JSON.stringify(log.snapshot())), TEST_OWNER);
  assert.deepEqual(restored.snapshot(), log.snapshot());
  assert.equal(restored.highWatermark, 5, "what a snapshot holds is durable");
  assert.equal(restored.producers.duplicateOf(batch({ count: 2, producer: [9, 0, 3] }))?.baseOffset, 3);
});

Deno.test("producers that lose their newest batches know their older ones, those that lose all are forgotten", () => {
  const producers = new ProducerStates();
  const batch = (producerId: number, baseSequence: number) => ({
    producerId,
    producerEpoch: 0,
    baseSequence,
    lastSequence: baseSequence,
    maxTimestampMs: 1,
  });
  producers.appended(batch(1, 0), 10, -1, 1);
  producers.appended(batch(1, 1), 20, -1, 1);
  producers.appended(batch(2, 0), 21, -1, 1);
  producers.appended(batch(3, 7), 22, -1, 1);
  producers.truncate(20, (producerId) => producerId === 3);
  assert.equal(producers.duplicateOf(batch(1, 0))?.baseOffset, 10);
  assert.equal(producers.duplicateOf(batch(1, 1)), undefined);
  assert.deepEqual([1, 2, 3].map((id) => producers.epochOf(id)), [0, -1, 0]);
});
