import assert from "node:assert/strict";
import { ClusterState } from "../../src/cluster/mod.ts";
import { PartitionLogs, SNAPSHOT_FORMAT, SnapshotStore } from "../../src/engine/mod.ts";
import { readWholeFile } from "../../src/io/atomic_file.ts";
import { SimClock } from "../../src/io/sim/clock.ts";
import { SimDisk } from "../../src/io/sim/disk.ts";
import { SimObjectStore } from "../../src/io/sim/object_store.ts";
import { SimRandom } from "../../src/io/sim/random.ts";
import type { PartitionLog } from "../../src/log/mod.ts";
import { FooterBuilder } from "../../src/objects/object_format.ts";
import { objectKey, snapshotKey } from "../../src/objects/object_keys.ts";
import type { StoredObject } from "../../src/objects/stored_object.ts";
import { BatchHeader, buildControlBatch, EndMarker } from "../../src/records/mod.ts";
import { buildBatch } from "../../src/records/compress.ts";

export const CLUSTER = "clusterA";
export const TOPIC = { name: "orders", id: "0123456789abcdefABCDEF" };

/** Who writes a batch. */
export interface Writer {
  readonly id: number;
  readonly epoch: number;
  readonly sequence: number;
  readonly isTransactional?: boolean;
}

/** A batch that stands in the log, by its bytes. */
interface Written {
  readonly baseOffset: number;
  readonly endOffset: number;
  readonly bytes: Uint8Array;
}

/**
 * A cluster of one topic that stores its records and its metadata, step by step and without a broker: what is in the
 * log only is what a lost disk takes along.
 */
export class StoredCluster {
  readonly clock = new SimClock();
  readonly random: SimRandom;
  readonly store: SimObjectStore;
  readonly state = new ClusterState();
  readonly logs = PartitionLogs.restore([], this.state);
  readonly #written = new Map<number, Written[]>();
  readonly #disk: SimDisk;
  /** Keys of objects that the next snapshot does without. */
  #dead: string[] = [];
  #lsn = 0;

  constructor(partitions: number, seed = 1) {
    this.random = new SimRandom(seed);
    this.store = new SimObjectStore({ clock: this.clock, random: this.random.fork() });
    this.#disk = new SimDisk({ clock: this.clock, random: this.random.fork() });
    const created = { ...TOPIC, firstStream: 1, partitions, configs: { "retention.ms": "-1" } };
    this.logs.apply(this.state, { type: "topic_created", ...created }, 0);
  }

  log(index: number): PartitionLog {
    return this.logs.of(index + 1);
  }

  /** Writes a batch of so many records to the log. */
  write(index: number, recordCount: number, writer?: Writer): void {
    const value = new TextEncoder().encode(`${index}/${this.log(index).logEndOffset}`);
    const records = Array.from({ length: recordCount }, () => ({ value, timestampMs: 1000 }));
    this.#append(
      index,
      buildBatch(records, {
        baseOffset: this.log(index).logEndOffset,
        leaderEpoch: 0,
        ...(writer !== undefined && {
          producerId: writer.id,
          producerEpoch: writer.epoch,
          baseSequence: writer.sequence,
          isTransactional: writer.isTransactional ?? false,
        }),
      }),
    );
  }

  /** Ends a transaction in one partition. */
  mark(index: number, producerId: number, producerEpoch: number, isCommit: boolean): void {
    const baseOffset = this.log(index).logEndOffset;
    const marker = isCommit ? EndMarker.COMMIT : EndMarker.ABORT;
    const fields = { marker, coordinatorEpoch: 0, producerId, producerEpoch, timestampMs: 1000 };
    this.#append(index, buildControlBatch({ ...fields, baseOffset, leaderEpoch: 0 }));
  }

  /** Puts all of a partition that is not stored into the next object, and says so in the metadata. */
  async flush(index: number): Promise<StoredObject> {
    const object = await this.put(index, this.log(index).storedEnd, this.log(index).logEndOffset, 0);
    this.logs.apply(this.state, { type: "objects_stored", stream: index + 1, objects: [object] }, 0);
    return object;
  }

  /** Puts an object of these offsets, of which no metadata tells. */
  async put(index: number, baseOffset: number, endOffset: number, generation: number): Promise<StoredObject> {
    const batches = (this.#written.get(index) ?? [])
      .filter((batch) => batch.baseOffset >= baseOffset && batch.endOffset <= endOffset);
    const footer = new FooterBuilder();
    const header = new BatchHeader();
    for (const { bytes } of batches) footer.add(header.read(bytes, 0));
    const object = footer.describe({ baseOffset, endOffset, generation });
    const bytes = new Uint8Array(object.sizeBytes);
    let at = 0;
    for (const part of [...batches.map((batch) => batch.bytes), footer.build()]) {
      bytes.set(part, at);
      at += part.length;
    }
    await this.clock.run(this.store.put(this.keyOf(index, object), bytes));
    return object;
  }

  /** Says in the metadata that these objects stand for what others did. */
  replace(
    index: number,
    what: {
      readonly fromOffset: number;
      readonly toOffset: number;
      readonly objects: readonly StoredObject[];
    },
  ): void {
    this.logs.apply(this.state, { type: "objects_replaced", stream: index + 1, ...what }, 0);
  }

  /** Lets go of what is below `offset`, as retention does; it is deleted when a stored snapshot says so. */
  moveLogStart(index: number, offset: number): void {
    const { dead } = this.logs.apply(this.state, { type: "log_start_moved", stream: index + 1, offset }, 0);
    for (const object of dead.flatMap(({ objects }) => objects)) this.#dead.push(this.keyOf(index, object));
  }

  keyOf(index: number, object: Pick<StoredObject, "baseOffset" | "endOffset" | "generation">): string {
    return objectKey(CLUSTER, { topicName: TOPIC.name, topicId: TOPIC.id, index }, object);
  }

  /** Stores the metadata as it is now; answers its key. */
  async saveSnapshot(): Promise<string> {
    this.#lsn += 4096;
    const snapshot = {
      format: SNAPSHOT_FORMAT,
      lsn: this.#lsn,
      cluster: this.state.snapshot(),
      logs: this.logs.snapshot(0),
    };
    const saving = new SnapshotStore(this.#disk, "snapshots").save(snapshot, () => Promise.resolve());
    await this.clock.run(saving);
    const name = this.#disk.list("snapshots").at(-1);
    assert.ok(name !== undefined);
    const key = snapshotKey(CLUSTER, this.#lsn);
    await this.clock.run(this.store.put(key, readWholeFile(this.#disk, `snapshots/${name}`)));
    for (const dead of this.#dead.splice(0)) this.store.lose(dead);
    return key;
  }

  #append(index: number, bytes: Uint8Array): void {
    const header = new BatchHeader().read(bytes, 0);
    const log = this.log(index);
    const batches = this.#written.get(index) ?? [];
    this.#written.set(index, [...batches, {
      baseOffset: header.baseOffset,
      endOffset: header.lastOffset + 1,
      bytes,
    }]);
    if (header.isControl) this.logs.appendMark(log, header, bytes, 0, 64, 0);
    else this.logs.append(this.state, log, header, 64, 0);
  }
}
