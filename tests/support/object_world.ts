import { SimClock } from "../../src/io/sim/clock.ts";
import { SimDisk } from "../../src/io/sim/disk.ts";
import { SimObjectStore } from "../../src/io/sim/object_store.ts";
import { SimRandom } from "../../src/io/sim/random.ts";
import { LocalObjectJobs } from "../../src/objects/local_jobs.ts";
import { PLACE_NUMBERS, type StoreJob } from "../../src/objects/mod.ts";
import { assembleBatch, type BatchFields } from "../../src/records/outside.ts";

export const PARTITION = { topicName: "orders", topicId: "AAAAAAAAAAAAAAAAAAAAAQ", index: 3 };

/** A batch of `records` offsets from `baseOffset` on with `payloadBytes` of anything in it. */
export function batchOf(
  baseOffset: number,
  records: number,
  payloadBytes: number,
  fields: BatchFields = {},
): Uint8Array {
  const payload = new Uint8Array(payloadBytes);
  for (let at = 0; at < payloadBytes; at++) payload[at] = (baseOffset * 31 + at * 7) & 0xff;
  return assembleBatch(payload, {
    baseOffset,
    lastOffsetDelta: records - 1,
    recordCount: records,
    leaderEpoch: 0,
    maxTimestampMs: 1000 + baseOffset,
    ...fields,
  });
}

/** A simulated disk and store, and the jobs on them: for tests of the object tier by itself. */
export class ObjectWorld {
  readonly clock = new SimClock();
  readonly random: SimRandom;
  readonly disk: SimDisk;
  readonly store: SimObjectStore;
  readonly jobs: LocalObjectJobs;
  /** Calls of the store so far. */
  readonly calls: string[] = [];

  constructor(
    options: {
      readonly seed?: number;
      readonly readAheadBytes?: number;
      readonly footerCacheBytes?: number;
    } = {},
  ) {
    this.random = new SimRandom(options.seed ?? 7);
    this.disk = new SimDisk({ clock: this.clock, random: this.random });
    this.store = new SimObjectStore({
      clock: this.clock,
      random: this.random,
      watch: ({ verb, key, isDone }) => {
        if (!isDone) this.calls.push(`${verb} ${key}`);
      },
    });
    this.jobs = new LocalObjectJobs({
      store: this.store,
      disk: this.disk,
      clock: this.clock,
      clusterId: "c1",
      ...options,
    });
  }

  /** How many reads of the store `work` takes. */
  async reads(work: () => Promise<unknown>): Promise<number> {
    const before = this.calls.length;
    await this.run(work());
    return this.calls.slice(before).filter((call) => call.startsWith("get ")).length;
  }

  run<T>(work: Promise<T>): Promise<T> {
    return this.clock.run(work);
  }

  /**
   * A job for these batches, which lie in files of the log with other bytes between them.
   * `perFile` batches each, `gapBytes` before each.
   */
  job(
    batches: readonly Uint8Array[],
    options: { readonly perFile?: number; readonly gapBytes?: number } = {},
  ): StoreJob {
    const { perFile = Infinity, gapBytes = 40 } = options;
    const places = new Float64Array(batches.length * PLACE_NUMBERS);
    const files: string[] = [];
    let position = 0;
    for (const [index, batch] of batches.entries()) {
      if (index === 0 || index % perFile === 0) {
        files.push(`log-${files.length}`);
        position = 64;
      }
      position += gapBytes;
      const file = this.disk.open(files.at(-1)!, { create: true });
      file.writeAtSync(batch, position);
      file.close();
      places.set([files.length - 1, position, batch.length], index * PLACE_NUMBERS);
      position += batch.length;
    }
    const header = new DataView(batches.at(-1)!.buffer);
    return {
      partition: PARTITION,
      baseOffset: Number(new DataView(batches[0]!.buffer).getBigInt64(0)),
      endOffset: Number(header.getBigInt64(0)) + header.getInt32(23) + 1,
      files,
      places,
    };
  }
}
