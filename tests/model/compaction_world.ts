import assert from "node:assert/strict";
import { KliteError } from "../../src/base/klite_error.ts";
import { SimClock } from "../../src/io/sim/clock.ts";
import { SimObjectStore } from "../../src/io/sim/object_store.ts";
import { SimRandom } from "../../src/io/sim/random.ts";
import { compact } from "../../src/objects/compaction/mod.ts";
import type { CompactJob, CompactResult } from "../../src/objects/contract.ts";
import { FooterBuilder } from "../../src/objects/object_format.ts";
import { objectKey } from "../../src/objects/object_keys.ts";
import type { StoredObject } from "../../src/objects/stored_object.ts";
import {
  assembleBatch,
  BatchHeader,
  buildControlBatch,
  type Compression,
  EndMarker,
  TimestampType,
} from "../../src/records/mod.ts";
import { buildBatch } from "../../src/records/compress.ts";
import { cleaned, expired, type PlainBatch } from "./compaction_model.ts";
import { plainBatches } from "./plain_batches.ts";

const CLUSTER = "c";
const PARTITION = { topicName: "t", topicId: "AAAAAAAAAAAAAAAAAAAAAA", index: 0 };
const DELETE_RETENTION_MS = 10_000;
const KEYS = 6;
const PRODUCERS = 4;

const encoder = new TextEncoder();
const bytesOf = (text: string | null) => text === null ? null : encoder.encode(text);

interface Producer {
  readonly id: number;
  epoch: number;
  sequence: number;
  /** First offset of the open transaction. */
  openFrom: number | null;
  lastOffset: number;
}

/**
 * A partition with plain, idempotent and transactional producers, its objects in a simulated store, and beside them
 * what a plain model makes of the same.
 */
export class CompactionWorld {
  readonly random: SimRandom;
  readonly clock = new SimClock();
  readonly #producers: Producer[] = [];
  readonly #aborted: { producerId: number; firstOffset: number; markerOffset: number }[] = [];
  #store: SimObjectStore;
  #endOffset = 0;
  #objects: StoredObject[] = [];
  /** What the objects must have. */
  #model: PlainBatch[] = [];
  #unflushed: Uint8Array[] = [];
  /** All records that were ever written to keys, and are decided. */
  readonly #history: PlainBatch[] = [];

  constructor(seed: number) {
    this.random = new SimRandom(seed);
    this.#store = new SimObjectStore({ clock: this.clock, random: this.random.fork() });
    for (let id = 1; id <= PRODUCERS; id++) {
      this.#producers.push({ id, epoch: 0, sequence: 0, openFrom: null, lastOffset: -1 });
    }
  }

  /** One thing that happens to a partition. */
  async step(): Promise<void> {
    const dice = this.random.unit();
    if (dice < 0.5) { for (let count = 1 + this.random.below(6); count > 0; count--) this.#write(); }
    else if (dice < 0.65) await this.flush();
    else if (dice < 0.72) await this.clock.advance(this.random.below(2 * DELETE_RETENTION_MS));
    else if (dice < 0.87) await this.#clean();
    else if (dice < 0.95) await this.#expire();
    else await this.#join();
  }

  /** Everything written is in objects. */
  async flush(): Promise<void> {
    const batches = this.#unflushed.splice(0);
    if (batches.length === 0) return;
    const footer = new FooterBuilder();
    const baseOffset = this.#objects.at(-1)?.endOffset ?? 0;
    for (const batch of batches) footer.add(new BatchHeader().read(batch, 0));
    const object = footer.describe({ baseOffset, endOffset: this.#endOffset, generation: 0 });
    const bytes = new Uint8Array(await new Blob([...batches, footer.build()] as BlobPart[]).arrayBuffer());
    const key = objectKey(CLUSTER, PARTITION, object);
    await this.clock.run(this.#store.put(key, bytes, { ifAbsent: true }));
    this.#objects.push(object);
    const plain = plainBatches(bytes, key);
    this.#model.push(...plain);
    this.#history.push(...plain);
  }

  /** The objects have what the model has, and each key its last value. */
  check(): void {
    const found = this.#objects.flatMap((object) => this.#read(object));
    const comparable = (batches: readonly PlainBatch[]) =>
      batches.map((batch) =>
        batch.records?.length === 0 ? { ...batch, control: batch.control !== null } : batch
      );
    assert.deepEqual(comparable(found), comparable(this.#model));
    let offset = 0;
    for (const { baseOffset, endOffset } of this.#objects) {
      assert.equal(baseOffset, offset);
      offset = endOffset;
    }
    const firstDirty = this.#objects.findIndex(({ isClean }) => !isClean);
    assert.ok(firstDirty < 0 || this.#objects.slice(firstDirty).every(({ isClean }) => !isClean));
    assert.deepEqual(this.#lastValues(found), this.#lastValues(this.#history));
  }

  #read(object: StoredObject): PlainBatch[] {
    const key = objectKey(CLUSTER, PARTITION, object);
    const bytes = this.#store.peek(key);
    assert.ok(bytes !== undefined && bytes.length === object.sizeBytes, key);
    const batches = plainBatches(bytes, key);
    assert.equal(batches.length, object.batchCount);
    assert.ok(batches.every(({ baseOffset }) => baseOffset >= object.baseOffset));
    assert.ok(batches.every(({ lastOffset }) => lastOffset < object.endOffset));
    return batches;
  }

  /** What a reader of committed records ends up with for each key. */
  #lastValues(batches: readonly PlainBatch[]): Map<string, string> {
    const values = new Map<string, string>();
    for (const batch of batches) {
      if (batch.control !== null || this.#isAborted(batch) || batch.lastOffset >= this.#stableOffset) {
        continue;
      }
      for (const { key, value } of batch.records ?? []) {
        if (key === null) continue;
        if (value === null) values.delete(key);
        else values.set(key, value);
      }
    }
    return new Map([...values].sort());
  }

  get #stableOffset(): number {
    const open = this.#producers.map(({ openFrom }) => openFrom ?? Infinity);
    return Math.min(this.#endOffset, ...open);
  }

  #isAborted({ producerId, baseOffset, isTransactional }: PlainBatch): boolean {
    return isTransactional &&
      this.#aborted.some((row) =>
        row.producerId === producerId && row.firstOffset <= baseOffset && baseOffset < row.markerOffset
      );
  }

  #isRemembered(batch: PlainBatch): boolean {
    const producer = this.#producers.find(({ id }) => id === batch.producerId);
    if (producer === undefined) return false;
    if (producer.lastOffset >= 0) return producer.lastOffset === batch.lastOffset;
    return batch.control !== null && batch.producerEpoch === producer.epoch;
  }

  #write(): void {
    const { random } = this;
    const dice = random.unit();
    if (dice < 0.35) return this.#append(null, false);
    const producer = random.pick(this.#producers);
    if (producer.id <= PRODUCERS / 2) return this.#append(producer, false);
    if (producer.openFrom === null || dice < 0.75) {
      producer.openFrom ??= this.#endOffset;
      return this.#append(producer, true);
    }
    this.#end(producer, random.chance(0.5));
  }

  #append(producer: Producer | null, isTransactional: boolean): void {
    const { random } = this;
    const nowMs = this.clock.nowMs();
    const count = 1 + random.below(4);
    const fields = {
      baseOffset: this.#endOffset,
      leaderEpoch: 3,
      compression: random.below(5) as Compression,
      lastOffsetDelta: count - 1,
      isTransactional,
      ...(random.chance(0.2) && { timestampType: TimestampType.LOG_APPEND_TIME, maxTimestampMs: nowMs }),
      ...(producer !== null && {
        producerId: producer.id,
        producerEpoch: producer.epoch,
        baseSequence: producer.sequence,
      }),
    };
    const records = Array.from({ length: count }, (_, index) => ({
      key: random.chance(0.05) ? null : bytesOf(`key ${random.below(KEYS)}`),
      value: random.chance(0.3)
        ? null
        : bytesOf(`value ${this.#endOffset + index} `.repeat(1 + random.below(5))),
      headers: [{ key: "h", value: bytesOf(`${this.#endOffset + index}`) }],
      timestampMs: random.chance(0.1) ? -1 : nowMs - random.below(20_000),
    }));
    const isOpaque = fields.compression !== 0 && random.chance(0.03);
    const junk = { ...fields, recordCount: count, baseTimestampMs: nowMs, maxTimestampMs: nowMs };
    this.#push(isOpaque ? assembleBatch(random.bytes(20), junk) : buildBatch(records, fields), count);
    if (producer === null) return;
    producer.sequence += count;
    producer.lastOffset = this.#endOffset - 1;
  }

  #end(producer: Producer, isCommit: boolean): void {
    const markerOffset = this.#endOffset;
    if (!isCommit) {
      this.#aborted.push({ producerId: producer.id, firstOffset: producer.openFrom!, markerOffset });
    }
    producer.openFrom = null;
    const bumpsEpoch = this.random.chance(0.5);
    if (bumpsEpoch) Object.assign(producer, { epoch: producer.epoch + 1, sequence: 0, lastOffset: -1 });
    this.#push(
      buildControlBatch({
        marker: isCommit ? EndMarker.COMMIT : EndMarker.ABORT,
        coordinatorEpoch: 0,
        producerId: producer.id,
        producerEpoch: producer.epoch,
        timestampMs: this.clock.nowMs(),
        baseOffset: markerOffset,
        leaderEpoch: 3,
      }),
      1,
    );
  }

  #push(batch: Uint8Array, offsets: number): void {
    this.#unflushed.push(batch);
    this.#endOffset += offsets;
    // A gap, as an earlier compaction or another broker may have left it.
    if (this.random.chance(0.05)) this.#endOffset += this.random.below(3);
  }

  async #clean(): Promise<void> {
    const { random } = this;
    const dirty = this.#objects.find(({ isClean }) => !isClean);
    if (dirty === undefined) return;
    const dirtyFrom = dirty.baseOffset;
    const uncleanableOffset = random.chance(0.6)
      ? this.#stableOffset
      : Math.min(this.#stableOffset, dirtyFrom + random.below(30));
    const isAmple = random.chance(0.5);
    const keyMemoryBytes = isAmple ? 1 << 16 : random.below(400);
    const job = this.#job({ mode: "clean", objects: this.#objects, uncleanableOffset, keyMemoryBytes });
    const result = await this.#run(job);
    if (result === null) return;
    const cleanable = this.#model.filter(({ baseOffset, lastOffset }) =>
      baseOffset >= dirtyFrom && lastOffset < uncleanableOffset
    );
    if (cleanable.length === 0) return assert.equal(result.replaced, 0);
    const endOffset = result.objects.findLast(({ isClean }) => isClean)!.endOffset;
    const last = this.#model.findLast(({ lastOffset }) => lastOffset < endOffset);
    assert.ok(last !== undefined && last.baseOffset >= dirtyFrom, "each pass comes further");
    if (isAmple) assert.equal(last.baseOffset, cleanable.at(-1)!.baseOffset);
    this.#replace(0, job.objects, result, cleaned(this.#model, { ...this.#pass(job), dirtyFrom, endOffset }));
  }

  async #expire(): Promise<void> {
    const nowMs = this.clock.nowMs();
    const isDue = ({ isClean, deleteHorizonMs: horizonMs }: StoredObject) =>
      isClean && horizonMs >= 0 && horizonMs <= nowMs;
    const from = this.#objects.findIndex(isDue);
    if (from < 0) return;
    let to = from;
    while (to < this.#objects.length && isDue(this.#objects[to]!)) to++;
    const job = this.#job({ mode: "expire", objects: this.#objects.slice(from, to) });
    const result = await this.#run(job);
    if (result === null) return;
    const [before, among, behind] = this.#split(job.objects);
    const after = expired(among, { ...this.#pass(job), endOffset: Infinity });
    this.#replace(from, job.objects, result, [...before, ...after, ...behind]);
    assert.ok(!result.objects.some(isDue), "what has expired does not expire again");
  }

  async #join(): Promise<void> {
    const count = this.#objects.length;
    if (count < 2) return;
    const from = this.random.below(count - 1);
    const { isClean } = this.#objects[from]!;
    let to = from;
    while (to < count && this.#objects[to]!.isClean === isClean) to++;
    const job = this.#job({ mode: "join", objects: this.#objects.slice(from, to) });
    const result = await this.#run(job);
    if (result !== null) this.#replace(from, job.objects, result, this.#model);
  }

  #job(changes: Partial<CompactJob> & Pick<CompactJob, "mode" | "objects">): CompactJob {
    return {
      partition: PARTITION,
      uncleanableOffset: Infinity,
      nowMs: this.clock.nowMs(),
      deleteRetentionMs: DELETE_RETENTION_MS,
      aborted: Float64Array.from(this.#aborted.flatMap((row) => Object.values(row))),
      targetBytes: this.random.pick([200, 1000, 1 << 20]),
      readRateBytes: this.random.chance(0.1) ? 100_000 : 0,
      keyMemoryBytes: 0,
      keySecret: this.random.bytes(16) as Uint8Array<ArrayBuffer>,
      producers: Float64Array.from(
        this.#producers.flatMap(({ id, lastOffset, epoch }) => [id, lastOffset, epoch]),
      ),
      ...changes,
    };
  }

  #pass({ nowMs, deleteRetentionMs }: CompactJob) {
    return {
      nowMs,
      deleteRetentionMs,
      isAborted: (batch: PlainBatch) => this.#isAborted(batch),
      isRemembered: (batch: PlainBatch) => this.#isRemembered(batch),
    };
  }

  #split(objects: readonly StoredObject[]): [PlainBatch[], PlainBatch[], PlainBatch[]] {
    const [from, to] = [objects[0]!.baseOffset, objects.at(-1)!.endOffset];
    return [
      this.#model.filter(({ baseOffset }) => baseOffset < from),
      this.#model.filter(({ baseOffset }) => baseOffset >= from && baseOffset < to),
      this.#model.filter(({ baseOffset }) => baseOffset >= to),
    ];
  }

  /** Does a job, at times with a store that fails, or until the broker dies: then nothing has changed. */
  async #run(job: CompactJob): Promise<CompactResult | null> {
    const { random } = this;
    const store = this.#store;
    if (random.chance(0.15)) return await this.#dieWithin(job);
    store.faults.failChance = random.chance(0.2) ? 0.1 : 0;
    store.faults.lostAnswerChance = store.faults.failChance;
    try {
      return await this.clock.run(compact(job, { store, clusterId: CLUSTER, clock: this.clock }));
    } catch (error) {
      assert.ok(error instanceof KliteError && error.code === "STORE_UNAVAILABLE", String(error));
      return null;
    } finally {
      store.faults.failChance = store.faults.lostAnswerChance = 0;
    }
  }

  async #dieWithin(job: CompactJob): Promise<null> {
    const calls = { left: this.random.below(12) };
    const { clock } = this;
    const died = Promise.withResolvers<void>();
    const options = { clock, random: this.random.fork() };
    // The life that ends has a watch of its own.
    const store = this.#store.restart({
      ...options,
      watch: () => {
        if (calls.left-- === 0) died.resolve();
      },
    });
    const working = compact(job, { store, clusterId: CLUSTER, clock });
    await clock.run(Promise.race([died.promise, working]));
    this.#store = store.restart(options);
    return null;
  }

  #replace(
    from: number,
    objects: readonly StoredObject[],
    result: CompactResult,
    model: PlainBatch[],
  ): void {
    const replaced = objects.slice(0, result.replaced);
    assert.ok(replaced.length > 0);
    assert.equal(result.objects[0]?.baseOffset, replaced[0]!.baseOffset);
    assert.equal(result.objects.at(-1)?.endOffset, replaced.at(-1)!.endOffset);
    this.#objects.splice(from, replaced.length, ...result.objects);
    const live = new Set(this.#objects.map((object) => objectKey(CLUSTER, PARTITION, object)));
    for (const object of replaced) {
      const key = objectKey(CLUSTER, PARTITION, object);
      assert.ok(!live.has(key), "no name is given twice");
      this.#store.lose(key);
    }
    this.#model = model;
  }
}
