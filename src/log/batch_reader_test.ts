import assert from "node:assert/strict";
import { plainObject } from "../../tests/support/plain_object.ts";
import { KliteError } from "../base/klite_error.ts";
import { WalByHand } from "../engine/engine_by_hand_test.ts";
import type { KliteEvent } from "../io/events.ts";
import { SimClock } from "../io/sim/clock.ts";
import type { ReadJob } from "../objects/contract.ts";
import type { StoredObject } from "../objects/stored_object.ts";
import { buildBatch } from "../records/compress.ts";
import { BatchHeader, patchBaseOffset, patchLeaderEpoch } from "../records/mod.ts";
import { ENTRY_HEADER_BYTES } from "../wal/mod.ts";
import { BatchReader } from "./batch_reader.ts";
import { leaveToObjects } from "./held_records.ts";
import type { PartitionLog } from "./partition_log.ts";
import { emptyLog } from "./testing/test_log.ts";

const RECORDS = 10;

/** Ten batches of ten records in a log that is on disk, and objects that say what a test makes them say. */
class Scene {
  readonly wal = new WalByHand(() => {});
  readonly log: PartitionLog = emptyLog();
  readonly batches: Uint8Array[] = [];
  readonly events: KliteEvent[] = [];
  readonly jobs: ReadJob[] = [];
  /** Batches that compaction has left out of objects, by number. */
  readonly compacted = new Set<number>();
  /** Called before an object is read. */
  beforeRead: (job: ReadJob) => void = () => {};
  readonly reader = new BatchReader({
    wal: this.wal,
    clock: new SimClock(),
    events: (event) => this.events.push(event),
    stored: {
      read: (job) => this.#readObject(job),
      find: () => assert.fail("nothing is looked for"),
      logDamaged: (log, offset) => {
        this.damagedAt.push(offset);
        leaveToObjects(log, offset);
      },
    },
  });

  /** Where the log was said to be damaged. */
  readonly damagedAt: number[] = [];

  constructor() {
    for (let index = 0; index < 10; index++) {
      const values = Array.from({ length: RECORDS }, (_, i) => new TextEncoder().encode(`${index}-${i}`));
      const bytes = buildBatch(values.map((value) => ({ value, timestampMs: 1000 + index })));
      patchBaseOffset(bytes, 0, index * RECORDS);
      patchLeaderEpoch(bytes, 0, 0);
      const at = this.wal.begin(bytes.length);
      this.wal.image.set(bytes, at);
      this.log.append(new BatchHeader().read(bytes, 0), this.wal.end(), 0);
      this.batches.push(bytes);
    }
    this.wal.sync();
    this.wal.coldBelowLsn = this.wal.endLsn;
    this.log.raiseHighWatermark(this.log.logEndOffset);
  }

  /** Says that the batches up to `end` are stored, in objects of two. */
  store(end: number, generation = 0): void {
    const objects: StoredObject[] = [];
    for (let from = this.log.storedEnd / RECORDS; from < end; from += 2) {
      objects.push(object(from, from + 2, generation));
    }
    this.log.objectsStored(objects, 0);
  }

  /** The log lets go of the batches below `batch`. */
  free(batch: number): void {
    const lsn = this.lsnOf(batch);
    this.wal.free(lsn);
    this.log.dropFreed(lsn);
  }

  lsnOf(batch: number): number {
    return this.log.batches.lsn(this.log.batches.rowOf(batch * RECORDS));
  }

  /** Flips a bit of a batch in the log. */
  damage(batch: number, at: number): void {
    const position = this.lsnOf(batch) + ENTRY_HEADER_BYTES + at;
    this.wal.image[position] = this.wal.image[position]! ^ 4;
  }

  /** The numbers of the batches that one read gives, each just as it was written. */
  async read(fromOffset: number, maxBytes?: number, endOffset = this.log.logEndOffset): Promise<number[]> {
    const found = await this.reader.read(this.log, fromOffset, endOffset, maxBytes);
    return found.batches.map((bytes) => {
      const index = new BatchHeader().read(bytes, 0).baseOffset / RECORDS;
      assert.deepEqual(new Uint8Array(bytes), this.batches[index]);
      return index;
    });
  }

  // deno-lint-ignore require-await
  async #readObject(job: ReadJob) {
    this.jobs.push(job);
    this.beforeRead(job);
    const { object, fromOffset, endOffset, maxBytes } = job;
    const found: Uint8Array[] = [];
    let bytes = 0;
    for (let index = object.baseOffset / RECORDS; index < object.endOffset / RECORDS; index++) {
      const batch = this.batches[index]!;
      if ((index + 1) * RECORDS <= fromOffset || index * RECORDS >= endOffset || this.compacted.has(index)) {
        continue;
      }
      if (found.length > 0 && bytes + batch.length > maxBytes) break;
      bytes += batch.length;
      found.push(batch);
    }
    const all = new Uint8Array(bytes);
    let at = 0;
    for (const batch of found) {
      all.set(batch, at);
      at += batch.length;
    }
    const last = found.at(-1);
    const nextOffset = last === undefined ? object.endOffset : new BatchHeader().read(last, 0).lastOffset + 1;
    return { bytes: all, nextOffset };
  }
}

function object(from: number, to: number, generation: number): StoredObject {
  return plainObject(from * RECORDS, to * RECORDS, { generation });
}

Deno.test("a reader that goes on where each read ended gets every batch once, from objects and log alike", async () => {
  const scene = new Scene();
  scene.store(8);
  scene.free(5);
  const got: number[] = [];
  for (let offset = 0; offset < 100;) {
    const batches = await scene.read(offset, 1);
    got.push(...batches);
    offset = (batches.at(-1)! + 1) * RECORDS;
  }
  assert.deepEqual(got, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assert.ok(scene.jobs.every(({ fromOffset }) => fromOffset < 50), "what the log has is read from there");
  assert.deepEqual(await scene.read(44, 1), [4], "from inside a batch the whole of it");
  assert.deepEqual(await scene.read(55, 1 << 20, 80), [5, 6, 7], "nothing at or behind the end");
});

Deno.test("where compaction has left nothing, the next batch is the answer, in the next objects or in the log", async () => {
  const scene = new Scene();
  scene.store(8);
  scene.free(8);
  for (const batch of [1, 2, 3, 4, 7]) scene.compacted.add(batch);
  assert.deepEqual(await scene.read(10), [5]);
  assert.deepEqual(await scene.read(70), [8, 9]);
  assert.deepEqual(await scene.read(70, 100, 80), []);
});

Deno.test("a damaged batch of the log is read from its object, and never served where there is none", async () => {
  for (const at of [3, 8, 13, 16, 18, 30, 70]) {
    const scene = new Scene();
    scene.store(4);
    scene.damage(2, at);
    scene.damage(6, at);
    assert.deepEqual(await scene.read(0), [0, 1], "what lies before it comes from the log");
    assert.deepEqual(await scene.read(20), [2, 3], `byte ${at}`);
    assert.deepEqual(await scene.read(40), [4, 5]);
    await assert.rejects(scene.read(60), (error: KliteError) => {
      assert.equal(error.code, "DATA_DAMAGED");
      assert.match(error.message, /by-hand\.wal, bytes \d+ to \d+: the batch at offset 60/);
      return true;
    });
    const told = scene.events.flatMap((event) => event.type === "read_failed" ? [event] : []);
    assert.deepEqual(told.map(({ offset, hasOther }) => [offset, hasOther]), [[20, true], [60, false]]);
  }
});

Deno.test("objects that are replaced, and log that is freed, while they are read are looked for anew", async () => {
  const scene = new Scene();
  scene.store(4);
  scene.free(4);
  scene.beforeRead = ({ object: read }) => {
    if (read.generation > 0) return;
    scene.log.objectsReplaced(0, 40, [object(0, 4, 1)]);
    throw new KliteError("NOT_FOUND", "the object is deleted");
  };
  assert.deepEqual(await scene.read(10), [1, 2, 3]);
  assert.deepEqual(scene.events, []);

  scene.beforeRead = () => {};
  scene.store(8);
  const reading = Promise.withResolvers<void>();
  scene.wal.readable = reading.promise.then(() => {
    scene.free(8);
    throw new KliteError("NOT_FOUND", "the segment is freed");
  });
  const read = scene.read(40);
  reading.resolve();
  assert.deepEqual(await read, [4, 5]);
  assert.deepEqual(scene.events, []);
});

Deno.test("a log start that passes a reader ends its read with nothing", async () => {
  const scene = new Scene();
  scene.store(4);
  scene.free(4);
  scene.beforeRead = () => {
    scene.log.moveLogStart(40);
    throw new KliteError("NOT_FOUND", "the object is deleted");
  };
  assert.deepEqual(await scene.read(10), []);
});

Deno.test("damage in an object keeps nobody from what lies before it, and a store that is away says so", async () => {
  const scene = new Scene();
  scene.store(4);
  scene.free(4);
  scene.beforeRead = ({ fromOffset, maxBytes }) => {
    if (fromOffset >= 30 || maxBytes > 1) throw new KliteError("DATA_DAMAGED", "the object at byte 100");
  };
  assert.deepEqual(await scene.read(20), [2]);
  await assert.rejects(scene.read(30), { code: "DATA_DAMAGED" });
  scene.beforeRead = () => {
    throw new KliteError("STORE_UNAVAILABLE", "no answer", { retriable: true });
  };
  await assert.rejects(scene.read(20), { code: "STORE_UNAVAILABLE" });
  assert.equal(scene.events.length, 2);
});
