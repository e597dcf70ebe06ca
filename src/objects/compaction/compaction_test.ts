import assert from "node:assert/strict";
import { KliteError } from "../../base/klite_error.ts";
import { SimClock } from "../../io/sim/clock.ts";
import { SimObjectStore } from "../../io/sim/object_store.ts";
import { SimRandom } from "../../io/sim/random.ts";
import {
  ATTRIBUTE,
  BATCH_AT,
  type BatchFields,
  BatchHeader,
  buildControlBatch,
  Compression,
  EndMarker,
  readInt64,
  recomputeCrc,
  type RecordInput,
} from "../../records/mod.ts";
import { assembleBatch, RecordCursor } from "../../records/mod.ts";
import { buildBatch, compress } from "../../records/compress.ts";
import type { CompactJob } from "../contract.ts";
import { FooterBuilder, ObjectFooter } from "../object_format.ts";
import { objectKey } from "../object_keys.ts";
import type { StoredObject } from "../stored_object.ts";
import { compact } from "./mod.ts";

const PARTITION = { topicName: "t", topicId: "AAAAAAAAAAAAAAAAAAAAAA", index: 0 };
const NOW_MS = 1_800_000_000_000;
const RETENTION_MS = 1000;
const utf8 = (text: string) => new TextEncoder().encode(text);

const record = (key: string | null, value: string | null): RecordInput => ({
  key: key === null ? null : utf8(key),
  value: value === null ? null : utf8(value),
  timestampMs: NOW_MS - 5,
});

/** A store with objects, and what a job makes of them. */
class Workshop {
  readonly clock = new SimClock();
  readonly store = new SimObjectStore({ clock: this.clock, random: new SimRandom(1) });
  objects: StoredObject[] = [];

  async object(...batches: Uint8Array[]): Promise<string> {
    const footer = new FooterBuilder();
    const header = new BatchHeader();
    for (const batch of batches) footer.add(header.read(batch, 0));
    const baseOffset = this.objects.at(-1)?.endOffset ?? 0;
    const object = footer.describe({ baseOffset, endOffset: header.lastOffset + 1, generation: 0 });
    const key = objectKey("c", PARTITION, object);
    const content = Uint8Array.from([...batches, footer.build()].flatMap((part) => [...part]));
    await this.clock.run(this.store.put(key, content));
    this.objects.push(object);
    return key;
  }

  /** Does the job and puts its objects in the place of the others; answers the batches of all of them. */
  async compact(changes: Partial<CompactJob> = {}): Promise<Uint8Array[]> {
    const result = await this.clock.run(compact({
      partition: PARTITION,
      objects: this.objects,
      mode: "clean",
      uncleanableOffset: Infinity,
      nowMs: NOW_MS,
      deleteRetentionMs: RETENTION_MS,
      aborted: new Float64Array(0),
      targetBytes: 1 << 20,
      readRateBytes: 0,
      keyMemoryBytes: 1 << 16,
      keySecret: new Uint8Array(16),
      producers: new Float64Array(0),
      ...changes,
    }, { store: this.store, clusterId: "c", clock: this.clock }));
    this.objects.splice(0, result.replaced, ...result.objects);
    return this.objects.flatMap((object) => {
      const bytes = this.store.peek(objectKey("c", PARTITION, object))!;
      const footer = ObjectFooter.decode(bytes, bytes.length, "");
      return Array.from(
        { length: footer.rows },
        (_, row) => bytes.slice(footer.positionBytes(row), footer.endBytes(row)),
      );
    });
  }
}

const batchOf = (baseOffset: number, records: RecordInput[], fields: BatchFields = {}) =>
  buildBatch(records, { baseOffset, leaderEpoch: 1, ...fields });

/** `offset key value` of all records. */
function recordsOf(batches: readonly Uint8Array[]): string[] {
  const cursor = new RecordCursor();
  const text = (bytes: Uint8Array | null) => bytes === null ? "null" : new TextDecoder().decode(bytes);
  return batches.flatMap((batch) => {
    assert.equal(cursor.open(batch, 0, new BatchHeader().read(batch, 0), 1 << 20), null);
    const found: string[] = [];
    while (cursor.next()) found.push(`${cursor.offset} ${text(cursor.key())} ${text(cursor.value())}`);
    return found;
  });
}

Deno.test("the last record of each key stays, at its offset, and what has nothing to lose keeps its bytes", async () => {
  const workshop = new Workshop();
  const whole = batchOf(3, [record("b", "2"), record("c", "3")], { compression: Compression.SNAPPY });
  await workshop.object(batchOf(0, [record("a", "0"), record("b", "0"), record(null, "0")]), whole);
  await workshop.object(batchOf(5, [record("a", "5")]));
  const batches = await workshop.compact();
  assert.deepEqual(recordsOf(batches), ["3 b 2", "4 c 3", "5 a 5"]);
  assert.deepEqual(batches[0], whole);
  assert.deepEqual(
    workshop.objects.map(({ baseOffset, endOffset, isClean }) => [baseOffset, endOffset, isClean]),
    [
      [0, 6, true],
    ],
  );
});

Deno.test("a tombstone gets its horizon with the first pass, and goes when that has come", async () => {
  const workshop = new Workshop();
  await workshop.object(batchOf(0, [record("a", "0")]), batchOf(1, [record("a", null), record("b", "2")]));
  const [marked] = await workshop.compact();
  assert.equal(marked![BATCH_AT.attributes + 1]! & ATTRIBUTE.deleteHorizon, ATTRIBUTE.deleteHorizon);
  assert.equal(readInt64(marked!, BATCH_AT.baseTimestamp), NOW_MS + RETENTION_MS);
  assert.equal(readInt64(marked!, BATCH_AT.maxTimestamp), NOW_MS - 5);
  assert.equal(workshop.objects[0]!.deleteHorizonMs, NOW_MS + RETENTION_MS);
  const early = await workshop.compact({ mode: "expire", nowMs: NOW_MS + RETENTION_MS - 1 });
  assert.deepEqual(recordsOf(early), ["1 a null", "2 b 2"]);
  const late = await workshop.compact({ mode: "expire", nowMs: NOW_MS + RETENTION_MS });
  assert.deepEqual(recordsOf(late), ["2 b 2"]);
  assert.equal(workshop.objects[0]!.deleteHorizonMs, -1);
});

Deno.test("an aborted transaction's records go, then its marker gets a horizon, then it goes", async () => {
  const workshop = new Workshop();
  const sender = { producerId: 7, producerEpoch: 0, leaderEpoch: 1 };
  await workshop.object(
    batchOf(0, [record("a", "0")]),
    batchOf(1, [record("a", "1")], { ...sender, isTransactional: true, baseSequence: 0 }),
    buildControlBatch({
      ...sender,
      marker: EndMarker.ABORT,
      coordinatorEpoch: 0,
      timestampMs: NOW_MS,
      baseOffset: 2,
    }),
  );
  const job = { aborted: Float64Array.of(7, 1, 2) };
  const basesOf = (batches: Uint8Array[]) =>
    batches.map((batch) => new BatchHeader().read(batch, 0).baseOffset);
  assert.deepEqual(basesOf(await workshop.compact(job)), [0, 2]);
  await workshop.object(batchOf(3, [record("b", "3")]));
  assert.deepEqual(basesOf(await workshop.compact(job)), [0, 2, 3]);
  await workshop.object(batchOf(4, [record("c", "4")]));
  assert.deepEqual(basesOf(await workshop.compact({ ...job, nowMs: NOW_MS + RETENTION_MS })), [0, 3, 4]);
});

Deno.test("a batch whose records cannot be relied on stays as it is, and makes nothing superfluous", async () => {
  const good = compress(Compression.NONE, batchOf(0, [record("a", "late")]).subarray(BATCH_AT.records));
  const cut = compress(Compression.GZIP, good.subarray(0, good.length - 1));
  const far = compress(
    Compression.GZIP,
    batchOf(0, [{ ...record("a", "x"), offsetDelta: 9 }]).subarray(BATCH_AT.records),
  );
  for (const payload of [cut, far, utf8("no gzip")]) {
    const workshop = new Workshop();
    const odd = assembleBatch(payload, {
      baseOffset: 1,
      leaderEpoch: 1,
      compression: Compression.GZIP,
      maxTimestampMs: NOW_MS,
    });
    await workshop.object(batchOf(0, [record("a", "0")]), odd, batchOf(2, [record("b", "2")]));
    const batches = await workshop.compact();
    assert.equal(batches.length, 3);
    assert.deepEqual(batches[1], odd);
  }
});

Deno.test("one changed bit of a batch ends any job with words that name the object and the place", async () => {
  const batch = batchOf(0, [record("a", "0")]);
  for (const mode of ["clean", "expire", "join"] as const) {
    for (const at of [3, BATCH_AT.batchLength + 1, BATCH_AT.leaderEpoch + 3, batch.length - 1]) {
      const workshop = new Workshop();
      const key = await workshop.object(batch, batchOf(1, [record("a", "1")]));
      workshop.store.corrupt(key, (bytes) => {
        bytes[batch.length + at]! ^= 1;
        return bytes;
      });
      await assert.rejects(workshop.compact({ mode }), (error) => {
        assert.ok(error instanceof KliteError && error.code === "DATA_DAMAGED", String(error));
        assert.match(error.message, new RegExp(`${key}.* at ${batch.length}, offset 1`));
        return true;
      });
      assert.deepEqual(workshop.store.keys(), [key]);
    }
  }
});

Deno.test("neighbours are joined byte for byte, in objects of the size wanted", async () => {
  const workshop = new Workshop();
  const batches = Array.from({ length: 8 }, (_, offset) => batchOf(offset, [record("k", `${offset}`)]));
  for (const batch of batches) await workshop.object(batch);
  const joined = await workshop.compact({ mode: "join", targetBytes: 3 * batches[0]!.length });
  assert.deepEqual(joined, batches);
  assert.deepEqual(workshop.objects.map(({ batchCount }) => batchCount), [3, 3, 2]);
});

Deno.test("what has the name of a new object already is left alone: it may be another broker's by now", async () => {
  for (const mode of ["join", "clean"] as const) {
    const workshop = new Workshop();
    await workshop.object(batchOf(0, [record("a", "1")]));
    await workshop.object(batchOf(1, [record("b", "2")]));
    const name = { baseOffset: 0, endOffset: 2, generation: 1 };
    const key = objectKey("c", PARTITION, name);
    await workshop.clock.run(workshop.store.put(key, utf8("another's")));
    assert.deepEqual(recordsOf(await workshop.compact({ mode })), ["0 a 1", "1 b 2"]);
    assert.equal(workshop.objects[0]?.generation, 2);
    assert.deepEqual(workshop.store.peek(key), utf8("another's"));
  }
});

Deno.test("a batch with times beyond all clocks stays without a horizon", async () => {
  const workshop = new Workshop();
  const batch = batchOf(0, [record("a", null)]);
  batch.fill(0x7f, BATCH_AT.baseTimestamp, BATCH_AT.baseTimestamp + 8);
  recomputeCrc(batch, 0);
  await workshop.object(batch);
  assert.deepEqual(await workshop.compact(), [batch]);
});

Deno.test("reading keeps to its rate", async () => {
  const workshop = new Workshop();
  await workshop.object(batchOf(0, [record("a", "x".repeat(10_000))]));
  const beganMs = workshop.clock.monotonicMs();
  await workshop.compact({ mode: "join", readRateBytes: 1000 });
  assert.ok(workshop.clock.monotonicMs() - beganMs >= 10_000);
});
