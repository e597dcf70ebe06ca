import assert from "node:assert/strict";
import fc from "fast-check";
import { ErrorCode } from "../base/error_codes.ts";
import { ATTRIBUTE, BatchHeader, EndMarker } from "../records/mod.ts";
import { PartitionLog } from "./partition_log.ts";
import { emptyLog, TEST_OWNER } from "./testing/test_log.ts";

/** A partition that is written batch by batch, with one record each, durable only when told so. */
class Partition {
  log = emptyLog();

  write(
    producerId: number,
    options: Partial<Record<"epoch" | "sequence" | "nowMs", number>> = {},
  ): BatchHeader {
    const batch = this.#header(producerId, options.epoch ?? 0);
    batch.attributes = ATTRIBUTE.transactional;
    batch.baseSequence = options.sequence ?? 0;
    this.log.append(batch, batch.baseOffset * 128, options.nowMs ?? 0);
    return batch;
  }

  plain(): void {
    const batch = this.#header(-1, -1);
    this.log.append(batch, batch.baseOffset * 128, 0);
  }

  end(producerId: number, isCommit: boolean, epoch = 0): void {
    const batch = this.#header(producerId, epoch);
    batch.attributes = ATTRIBUTE.transactional | ATTRIBUTE.control;
    batch.baseSequence = -1;
    const marker = isCommit ? EndMarker.COMMIT : EndMarker.ABORT;
    this.log.appendMark(batch, { marker, coordinatorEpoch: 0 }, batch.baseOffset * 128, 0);
  }

  /** What a producer wants to write next, to be checked. */
  next(producerId: number, epoch: number, sequence: number, isTransactional = true): BatchHeader {
    const batch = this.#header(producerId, epoch);
    batch.attributes = isTransactional ? ATTRIBUTE.transactional : 0;
    batch.baseSequence = sequence;
    return batch;
  }

  durable(offset = this.log.logEndOffset): void {
    this.log.raiseHighWatermark(offset);
  }

  restart(): void {
    this.durable();
    this.log = PartitionLog.restore(JSON.parse(JSON.stringify(this.log.snapshot())), TEST_OWNER);
  }

  #header(producerId: number, epoch: number): BatchHeader {
    const batch = new BatchHeader();
    batch.baseOffset = this.log.logEndOffset;
    batch.lengthBytes = 100;
    batch.producerId = producerId;
    batch.producerEpoch = epoch;
    batch.baseSequence = -1;
    return batch;
  }
}

Deno.test("the last stable offset stays at an open transaction, and moves when its end is durable", () => {
  const partition = new Partition();
  partition.plain();
  partition.write(7);
  partition.durable();
  assert.equal(partition.log.highWatermark, 2);
  assert.equal(partition.log.lastStableOffset, 1);
  partition.end(7, true);
  assert.equal(partition.log.lastStableOffset, 1, "the end could still be lost");
  partition.plain();
  partition.durable(3);
  assert.equal(partition.log.lastStableOffset, 3);
  partition.durable(4);
  assert.equal(partition.log.lastStableOffset, 4);
});

Deno.test("a marker in a partition that its transaction did not write to changes nothing for readers", () => {
  const partition = new Partition();
  partition.end(7, false);
  partition.durable();
  assert.equal(partition.log.lastStableOffset, 1);
  assert.deepEqual(partition.log.abortedIn(0, 1), []);
});

Deno.test("an epoch that came with a marker begins with sequence 0, and what was before is fenced", () => {
  const { log } = new Partition();
  const partition = new Partition();
  assert.equal(
    log.checkProducer(partition.next(7, 4, 12), 0),
    ErrorCode.NONE,
    "a producer that is not known",
  );
  partition.write(7, { epoch: 4, sequence: 12 });
  partition.end(7, true, 5);
  const check = (epoch: number, sequence: number) =>
    partition.log.checkProducer(partition.next(7, epoch, sequence), 0);
  assert.equal(check(4, 13), ErrorCode.INVALID_PRODUCER_EPOCH, "a batch of the past transaction");
  assert.equal(check(5, 13), ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER);
  assert.equal(check(5, 0), ErrorCode.NONE);
  partition.restart();
  assert.equal(check(5, 13), ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER);
  assert.equal(check(4, 13), ErrorCode.INVALID_PRODUCER_EPOCH);
});

Deno.test("sequences go on over a marker of the same epoch", () => {
  const partition = new Partition();
  partition.write(7, { sequence: 0 });
  partition.end(7, true);
  assert.equal(partition.log.checkProducer(partition.next(7, 0, 1), 0), ErrorCode.NONE);
  assert.equal(
    partition.log.checkProducer(partition.next(7, 0, 0), 0),
    ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER,
  );
});

Deno.test("who has a transaction open writes nothing outside of it", () => {
  const partition = new Partition();
  partition.write(7, { sequence: 0 });
  assert.equal(partition.log.checkProducer(partition.next(7, 0, 1, false), 0), ErrorCode.INVALID_TXN_STATE);
  partition.end(7, false);
  assert.equal(partition.log.checkProducer(partition.next(7, 0, 1, false), 0), ErrorCode.NONE);
});

Deno.test("a producer with an open transaction is never forgotten", () => {
  const partition = new Partition();
  partition.write(7);
  partition.log.expireProducers(1);
  assert.equal(partition.log.producers.size, 1);
  partition.end(7, true);
  partition.log.expireProducers(1);
  assert.equal(partition.log.producers.size, 0);
});

Deno.test("what an operator ends is neither of an older epoch nor of an older coordinator", () => {
  const partition = new Partition();
  partition.write(7, { epoch: 3 });
  const check = (producerEpoch: number, coordinatorEpoch: number, bumpsEpoch = false) =>
    partition.log.checkMark({ producerId: 7, producerEpoch, coordinatorEpoch }, bumpsEpoch);
  assert.equal(check(2, 0), ErrorCode.INVALID_PRODUCER_EPOCH);
  assert.equal(check(3, 0), ErrorCode.NONE);
  assert.equal(check(3, 0, true), ErrorCode.INVALID_PRODUCER_EPOCH, "version 2 ends with the next epoch");
  assert.equal(check(4, 0, true), ErrorCode.NONE);
  partition.end(7, false, 3);
  assert.equal(check(3, 0, true), ErrorCode.NONE, "once more");
  assert.equal(check(3, -1), ErrorCode.TRANSACTION_COORDINATOR_FENCED);
});

Deno.test("what was aborted stays hidden when the log loses its end, and waits for another one", () => {
  const partition = new Partition();
  partition.write(7);
  partition.write(8);
  partition.end(7, false);
  partition.restart();
  // Of the three batches the log still has one.
  partition.log.index(batchAt(0), 0, 0);
  partition.log.giveUpLost();
  assert.equal(partition.log.logEndOffset, 1);
  assert.equal(partition.log.transactionStart(7), 0);
  assert.equal(partition.log.transactionStart(8), undefined, "the other transaction has nothing left");
  assert.equal(partition.log.lastStableOffset, 0);
  partition.end(7, false, 1);
  partition.durable();
  assert.equal(partition.log.lastStableOffset, 2);
  assert.deepEqual(partition.log.abortedIn(0, 2), [{ producerId: 7, firstOffset: 0, markerOffset: 1 }]);
});

function batchAt(offset: number): BatchHeader {
  const batch = new BatchHeader();
  batch.baseOffset = offset;
  batch.lengthBytes = 100;
  return batch;
}

Deno.test("readers of committed records see each record of committed transactions, and no other", () => {
  const producer = fc.integer({ min: 1, max: 4 });
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant("write" as const), producer }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("commit" as const), producer }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("abort" as const), producer }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("plain" as const), producer }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("durable" as const), producer }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("restart" as const), producer }) },
  );
  fc.assert(fc.property(fc.array(step, { maxLength: 60 }), fc.nat(), (steps, at) => {
    const partition = new Partition();
    const model: { producer: number; outcome: "open" | "commit" | "abort" | "plain" | "marker" }[] = [];
    const sequences = new Map<number, number>();
    for (const { do: what, producer } of steps) {
      if (what === "write") {
        const sequence = sequences.get(producer) ?? 0;
        partition.write(producer, { sequence });
        sequences.set(producer, sequence + 1);
        model.push({ producer, outcome: "open" });
      } else if (what === "plain") {
        partition.plain();
        model.push({ producer: -1, outcome: "plain" });
      } else if (what === "durable") partition.durable();
      else if (what === "restart") partition.restart();
      else {
        partition.end(producer, what === "commit");
        for (const one of model) if (one.producer === producer && one.outcome === "open") one.outcome = what;
        model.push({ producer, outcome: "marker" });
      }
    }
    partition.durable();
    const { log } = partition;
    const firstOpen = model.findIndex(({ outcome }) => outcome === "open");
    assert.equal(log.lastStableOffset, firstOpen === -1 ? model.length : firstOpen);

    // A fetch from anywhere tells enough for a consumer that keeps the rules to skip just what was aborted.
    const from = log.lastStableOffset === 0 ? 0 : at % log.lastStableOffset;
    const aborted = log.abortedIn(from, log.lastStableOffset);
    const skipping = new Set<number>();
    for (let offset = from; offset < log.lastStableOffset; offset++) {
      const { producer, outcome } = model[offset]!;
      for (const { producerId, firstOffset } of aborted) {
        const isBegun = firstOffset === offset || (offset === from && firstOffset < from);
        if (isBegun && isAbortedFrom(model, producerId, firstOffset, offset)) skipping.add(producerId);
      }
      if (outcome === "marker") skipping.delete(producer);
      else if (outcome !== "plain") {
        assert.equal(skipping.has(producer), outcome === "abort", `offset ${offset}`);
      }
    }
  }));
});

/** Whether the transaction that began at `firstOffset` goes on at `offset`: two of a producer may be told of. */
function isAbortedFrom(
  model: readonly { readonly producer: number; readonly outcome: string }[],
  producerId: number,
  firstOffset: number,
  offset: number,
): boolean {
  return !model.slice(firstOffset, offset).some(({ producer, outcome }) =>
    producer === producerId && outcome === "marker"
  );
}

Deno.test("behind a loss a producer goes on from where it is, once; what is there stays known", () => {
  const partition = new Partition();
  const batch = (sequence: number, isTransactional = false) =>
    partition.next(7, 0, sequence, isTransactional);
  const check = (sequence: number, leaderEpoch: number) =>
    partition.log.checkProducer(batch(sequence), leaderEpoch);
  const OUT_OF_ORDER = ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER;
  const write = (sequence: number, leaderEpoch: number) => {
    const written = batch(sequence);
    written.leaderEpoch = leaderEpoch;
    partition.log.append(written, written.baseOffset * 128, 0);
  };
  write(4, 0);
  assert.equal(check(9, 0), OUT_OF_ORDER, "nothing was lost");
  assert.equal(check(9, 1), ErrorCode.NONE);
  assert.equal(check(5, 1), ErrorCode.NONE);
  assert.equal(check(3, 1), OUT_OF_ORDER, "an old one is no news");
  assert.equal(partition.log.checkProducer(batch(9, true), 1), OUT_OF_ORDER, "its transaction is over");
  assert.equal(partition.log.producers.duplicateOf(batch(4))?.baseOffset, 0);
  write(9, 1);
  assert.equal(check(12, 1), OUT_OF_ORDER);
  assert.equal(check(10, 1), ErrorCode.NONE);
});
