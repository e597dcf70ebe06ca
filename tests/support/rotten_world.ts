/** A small cluster with records in log and bucket, of which any number of copies can be damaged and started. */
import assert from "node:assert/strict";
import type { BrokerConfig } from "../../src/broker/mod.ts";
import { readWholeFile } from "../../src/io/atomic_file.ts";
import type { KliteEvent } from "../../src/io/events.ts";
import { SimClock } from "../../src/io/sim/clock.ts";
import { SimDisk } from "../../src/io/sim/disk.ts";
import { SimObjectStore } from "../../src/io/sim/object_store.ts";
import type { PartitionLog } from "../../src/log/mod.ts";
import { createTopic, fetch, offsetOf, produce, readRecords, textBatch, type TopicRef } from "./requests.ts";
import { SEGMENT_BYTES, SimBroker } from "./sim_broker.ts";
import type { WireClient } from "./wire_client.ts";

export const PARTITIONS = 2;
const BATCHES = 80;
const RECORDS_PER_BATCH = 2;
const RECORD_BYTES = 2000;

export const CONFIG: Partial<BrokerConfig> = {
  s3Bucket: "bucket",
  s3FlushIntervalMs: 1000,
  s3FlushCheckIntervalMs: 500,
  s3TargetObjectBytes: 30_000,
  walMaxDiskBytes: 9 * SEGMENT_BYTES,
};

/** What was there when the broker was killed. */
export interface Template {
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly objects: ReadonlyMap<string, Uint8Array>;
  readonly topic: TopicRef;
  readonly nowMs: number;
}

/** What a consumer found in a partition. */
export interface PartitionFound {
  /** Values by offset. */
  readonly values: ReadonlyMap<number, string | null>;
  /** Offsets at which reads failed. */
  readonly failedAt: readonly number[];
  readonly endOffset: number;
}

/** The value that was produced at an offset. */
export function valueAt(partition: number, offset: number): string {
  return `${partition}/${offset} `.padEnd(RECORD_BYTES, ".");
}

/** Records of each partition in the template. */
export const RECORDS = BATCHES * RECORDS_PER_BATCH;

/** One copy, with a broker on it. */
export class RottenWorld {
  readonly sim: SimBroker;
  store: SimObjectStore;
  topic!: TopicRef;

  private constructor(seed: number, template?: Template) {
    this.sim = new SimBroker(seed);
    if (template !== undefined) {
      this.sim.clock = new SimClock(template.nowMs);
      this.sim.disk = new SimDisk({ clock: this.sim.clock, random: this.sim.random.fork() });
    }
    this.store = new SimObjectStore({ clock: this.sim.clock, random: this.sim.random.fork() });
    this.store.faults.slowChance = 0;
    if (template === undefined) return;
    this.topic = template.topic;
    for (const [path, bytes] of template.files) this.write(path, bytes);
  }

  static async of(template: Template): Promise<RottenWorld> {
    const world = new RottenWorld(7, template);
    const puts = Array.from(template.objects, ([key, bytes]) => world.store.put(key, bytes.slice()));
    await world.sim.run(Promise.all(puts));
    return world;
  }

  /** Produces all records and kills the broker: some are in objects alone, some in both tiers, some in the log alone. */
  static async template(): Promise<Template> {
    const world = new RottenWorld(11);
    const { sim } = world;
    await world.start();
    const client = sim.connect();
    world.topic = await sim.run(createTopic(client, "rotten", { partitions: PARTITIONS }));
    for (let batch = 0; batch < BATCHES; batch++) {
      for (let partition = 0; partition < PARTITIONS; partition++) {
        const base = batch * RECORDS_PER_BATCH;
        const values = Array.from({ length: RECORDS_PER_BATCH }, (_, i) => valueAt(partition, base + i));
        const { errorCode } = await sim.run(
          produce(client, world.topic, textBatch(values, sim.clock.nowMs()), { partition }),
        );
        assert.equal(errorCode, 0);
      }
      if (batch % 20 !== 19 || batch === BATCHES - 1) continue;
      await sim.clock.advance(10_000);
      for (let times = 0; times < 2; times++) {
        await sim.run(createTopic(client, `filler-${batch}-${times}`));
        await sim.run(sim.running.engine.checkpoints.snapshot());
      }
    }
    sim.kill();
    return world.copy();
  }

  copy(): Template {
    const files = new Map<string, Uint8Array>();
    for (const folder of ["", "wal/", "snapshots/"]) {
      for (const name of this.sim.disk.list(folder === "" ? "." : folder.slice(0, -1))) {
        const path = `${folder}${name}`;
        if (this.sim.disk.look(path)?.isDirectory === false) {
          files.set(path, readWholeFile(this.sim.disk, path));
        }
      }
    }
    const objects = new Map(this.store.keys().map((key) => [key, this.store.peek(key)!.slice()]));
    return { files, objects, topic: this.topic, nowMs: this.sim.clock.monotonicMs() };
  }

  write(path: string, bytes: Uint8Array): void {
    const { disk } = this.sim;
    const slash = path.lastIndexOf("/");
    if (slash > 0) disk.makeDir(path.slice(0, slash));
    if (disk.exists(path)) disk.remove(path);
    const file = disk.open(path, { create: true });
    file.writeAtSync(bytes, 0);
    file.close();
  }

  async start(config: Partial<BrokerConfig> = {}): Promise<void> {
    this.sim.store = this.store;
    await this.sim.start({ ...CONFIG, ...config });
  }

  /** Starts, or answers why that was refused. */
  async tryStart(config: Partial<BrokerConfig> = {}): Promise<string | null> {
    this.sim.store = this.store;
    const [result] = await this.sim.run(Promise.allSettled([this.sim.open({ ...CONFIG, ...config })]));
    if (result?.status !== "rejected") return null;
    assert.equal(result.reason.name, "KliteError", String(result.reason.stack));
    return result.reason.message;
  }

  log(partition = 0): PartitionLog {
    const { engine } = this.sim.running;
    return engine.log(engine.state.topic("rotten")!.partitions[partition]!);
  }

  eventsOf<Type extends KliteEvent["type"]>(type: Type): Extract<KliteEvent, { readonly type: Type }>[] {
    return this.sim.events.filter((event): event is Extract<KliteEvent, { readonly type: Type }> =>
      event.type === type
    );
  }

  /** Reads a partition from end to end; where that fails, goes on behind the batch that cannot be read. */
  async read(partition: number): Promise<PartitionFound> {
    const client: WireClient = this.sim.connect();
    const { run } = { run: <T>(work: Promise<T>) => this.sim.run(work) };
    const { offset: endOffset } = await run(offsetOf(client, this.topic, -1, { partition }));
    let { offset } = await run(offsetOf(client, this.topic, -2, { partition }));
    const values = new Map<number, string | null>();
    const failedAt: number[] = [];
    while (offset < endOffset) {
      const result = await run(fetch(client, this.topic, offset, { partition }));
      if (result.errorCode !== 0) {
        failedAt.push(offset++);
        continue;
      }
      const got = readRecords(result.records).filter((record) => record.offset >= offset);
      assert.ok(got.length > 0, `something is at ${offset} below ${endOffset}`);
      for (const record of got) values.set(record.offset, record.value);
      offset = got.at(-1)!.offset + 1;
    }
    return { values, failedAt, endOffset };
  }
}
