import assert from "node:assert/strict";
import {
  ClusterState,
  decideCreateTopic,
  decideDeleteRecords,
  decideDeleteTopic,
  type Decision,
  type MetadataRecord,
  type Partition,
  type Refusal,
  type Topic,
} from "../../src/cluster/mod.ts";
import { KliteError } from "../../src/base/klite_error.ts";
import { Deadlines } from "../../src/engine/deadlines.ts";
import { PartitionLogs } from "../../src/engine/partition_logs.ts";
import { DeadObjectQueue } from "../../src/engine/tier/dead_objects.ts";
import { OrphanSweep } from "../../src/engine/tier/orphan_sweep.ts";
import { Retention } from "../../src/engine/tier/retention.ts";
import type { KliteEvent } from "../../src/io/events.ts";
import { SimClock } from "../../src/io/sim/clock.ts";
import { SimObjectStore } from "../../src/io/sim/object_store.ts";
import { SimRandom } from "../../src/io/sim/random.ts";
import type { PartitionLog } from "../../src/log/mod.ts";
import { objectKey } from "../../src/objects/object_keys.ts";
import type { StoredObject } from "../../src/objects/stored_object.ts";
import { buildBatch } from "../../src/records/compress.ts";
import { BatchHeader } from "../../src/records/mod.ts";

const CLUSTER_ID = "sim";
const DAY_MS = 24 * 3_600_000;
const TOPIC_LIMITS = { nodeId: 1, defaultPartitions: 1, maxPartitionsPerRequest: 10, maxPartitions: 100 };
/** Never deleted, so that there is always a topic. */
const LASTING = "lasting";

/** An entry of the log: metadata, or a batch of a partition. */
type Entry = { readonly record: MetadataRecord } | { readonly stream: number; readonly batch: Uint8Array };

/** What a log makes of its entries: live, and again after a crash. */
class State {
  readonly cluster = new ClusterState();
  readonly logs = new PartitionLogs();
  readonly #header = new BatchHeader();

  apply(entry: Entry, lsn: number, nowMs: number) {
    if ("record" in entry) return this.logs.apply(this.cluster, entry.record, nowMs);
    const log = this.logs.of(entry.stream);
    this.logs.append(this.cluster, log, this.#header.read(entry.batch, 0), lsn, nowMs);
    return null;
  }

  /** Keys and sizes of all objects that the metadata names. */
  liveObjects(): Map<string, number> {
    const live = new Map<string, number>();
    for (const log of this.allLogs()) {
      for (const object of log.objects) live.set(objectKey(CLUSTER_ID, log.place, object), object.sizeBytes);
    }
    return live;
  }

  *allLogs(): Generator<PartitionLog> {
    for (const topic of this.cluster.topics()) {
      for (const { stream } of topic.partitions) yield this.logs.of(stream);
    }
  }
}

/** One life of the broker, as far as its objects are concerned. Its log becomes durable some time after it is written. */
class Life {
  readonly deadlines: Deadlines;
  readonly events: KliteEvent[] = [];
  readonly dead: DeadObjectQueue;
  readonly retention: Retention;
  readonly sweep: OrphanSweep;
  readonly isClosing = false;
  durable: number;
  readonly #state = new State();
  readonly #busy = new Set<PartitionLog>();

  constructor(
    readonly clock: SimClock,
    readonly store: SimObjectStore,
    readonly random: SimRandom,
    readonly entries: Entry[],
  ) {
    this.durable = entries.length;
    for (const [lsn, entry] of entries.entries()) this.#state.apply(entry, lsn, clock.nowMs());
    this.logs.makeAllVisible();
    this.deadlines = new Deadlines(clock);
    const parts = {
      clock,
      deadlines: this.deadlines,
      events: (event: KliteEvent) => this.events.push(event),
      settledLsn: () => this.durable,
      settled: () => this.metadataDurable() ?? Promise.resolve(),
      store,
      clusterId: CLUSTER_ID,
      mayChangeObjects: () => true,
    };
    this.dead = new DeadObjectQueue(parts, { maxWaiting: random.chance(0.3) ? 3 : 1000 });
    this.retention = new Retention(this, { intervalMs: 60_000 });
    this.sweep = new OrphanSweep({
      ...parts,
      engine: this,
      dead: this.dead,
      isStoring: (log) => this.#busy.has(log),
    }, {
      // Without it, all hangs on the rules that say which names may go.
      orphanAgeMs: random.chance(0.7) ? 0 : 3_600_000,
    });
  }

  get state(): ClusterState {
    return this.#state.cluster;
  }

  get logs(): PartitionLogs {
    return this.#state.logs;
  }

  log({ stream }: Partition): PartitionLog {
    return this.logs.of(stream);
  }

  allLogs(): PartitionLog[] {
    return [...this.#state.allLogs()];
  }

  liveObjects(): Map<string, number> {
    return this.#state.liveObjects();
  }

  /** As `Engine.execute`; now and then there is no room at first. */
  async execute(rule: (state: ClusterState) => Decision): Promise<Refusal | null> {
    if (this.random.chance(0.1)) await this.#pass(this.random.below(1000));
    const decision = rule(this.state);
    if ("error" in decision) return decision;
    for (const record of decision.records) this.#append({ record });
    return null;
  }

  async metadataDurable(): Promise<void> {
    const lsn = this.entries.length;
    while (this.durable < lsn) await this.#pass(10);
  }

  async create(name: string, configs: Readonly<Record<string, string>>): Promise<void> {
    const command = {
      name,
      partitions: 1 + this.random.below(2),
      replicationFactor: -1,
      assignments: [],
      configs: Object.entries(configs).map(([name, value]) => ({ name, value })),
    };
    const id = this.random.bytes(16).toBase64({ alphabet: "base64url", omitPadding: true });
    await this.execute((state) => decideCreateTopic(state, command, TOPIC_LIMITS, id));
  }

  async remove({ id }: Topic): Promise<void> {
    await this.execute((state) => decideDeleteTopic(state, { id }));
  }

  produce(log: PartitionLog): void {
    const records = Array.from({ length: 1 + this.random.below(4) }, () => ({
      timestampMs: this.random.chance(0.1) ? -1 : this.clock.nowMs(),
      value: this.random.bytes(20),
    }));
    const batch = buildBatch(records);
    new DataView(batch.buffer, batch.byteOffset).setBigInt64(0, BigInt(log.logEndOffset));
    this.#append({ stream: log.stream, batch });
  }

  async deleteRecords(log: PartitionLog): Promise<void> {
    const offset = this.random.chance(0.2) ? -1 : this.random.below(log.highWatermark + 1);
    await this.execute((state) => {
      const partition = [...state.topics()].flatMap(({ partitions }) => partitions)
        .find(({ stream }) => stream === log.stream);
      return partition === undefined ? { records: [] } : decideDeleteRecords(partition, log, offset);
    });
  }

  /** Stores what is durable of a partition, or its beginning, as the next object. */
  flush(log: PartitionLog): Promise<void> {
    return this.#alone(log, async () => {
      const { batches, storedEnd, highWatermark } = log;
      const row = batches.rowOf(storedEnd);
      const lastRow = Math.min(batches.rows, row + 1 + this.random.below(5)) - 1;
      if (lastRow < row || batches.lastOffset(lastRow) >= highWatermark) return;
      const object = objectOf(log, storedEnd, batches.lastOffset(lastRow) + 1, 0, this.clock.nowMs());
      await this.#put(log, object, true);
      await this.execute(() => {
        if (this.logs.find(log.stream) !== log) return { records: [] };
        return { records: [{ type: "objects_stored", stream: log.stream, objects: [object] }] };
      });
    });
  }

  /** Writes neighbours anew, as one object or two. */
  compact(log: PartitionLog, isWhole = false): Promise<void> {
    return this.#alone(log, async () => {
      const all = [...log.objects];
      const from = isWhole ? 0 : this.random.below(all.length);
      const chosen = all.slice(from, isWhole ? all.length : from + 1 + this.random.below(3));
      const [first, last] = [chosen[0], chosen.at(-1)];
      if (first === undefined || last === undefined) return;
      const [fromOffset, toOffset] = [first.baseOffset, last.endOffset];
      const generation = Math.max(...chosen.map((object) => object.generation)) + 1;
      const cut = this.random.chance(0.3) && toOffset - fromOffset > 1
        ? fromOffset + 1 + this.random.below(toOffset - fromOffset - 1)
        : toOffset;
      const bounds = cut === toOffset ? [[fromOffset, toOffset]] : [[fromOffset, cut], [cut, toOffset]];
      const objects = bounds.map(([base = 0, end = 0]) =>
        objectOf(log, base, end, generation, last.maxTimestampMs)
      );
      for (const object of objects) await this.#put(log, object, false);
      await this.execute(() => {
        const isStill = this.logs.find(log.stream) === log && log.objects.hasBounds(fromOffset, toOffset);
        if (!isStill) return { records: [] };
        return {
          records: [{ type: "objects_replaced", stream: log.stream, fromOffset, toOffset, objects }],
        };
      });
    });
  }

  async #alone(log: PartitionLog, work: () => Promise<void>): Promise<void> {
    if (this.#busy.has(log)) return;
    this.#busy.add(log);
    try {
      await work();
    } catch (error) {
      if (!(error instanceof KliteError)) throw error;
    } finally {
      this.#busy.delete(log);
    }
  }

  async #put(log: PartitionLog, object: StoredObject, isNew: boolean): Promise<void> {
    const key = objectKey(CLUSTER_ID, log.place, object);
    const bytes = new Uint8Array(object.sizeBytes);
    try {
      await this.store.put(key, bytes, isNew ? { ifAbsent: true } : undefined);
    } catch (error) {
      if (!(error instanceof KliteError) || error.code !== "CONFLICT") throw error;
      // What an attempt before a crash has left: it is written over.
      const found = await this.store.head(key);
      await this.store.put(key, bytes, found === null ? { ifAbsent: true } : { ifMatch: found.etag });
    }
  }

  #append(entry: Entry): void {
    const lsn = this.entries.push(entry);
    const applied = this.#state.apply(entry, lsn, this.clock.nowMs());
    if (applied !== null && "record" in entry) this.dead.died(entry.record, applied.dead, lsn);
    const ends = this.allLogs().map((log) => [log, log.logEndOffset] as const);
    const syncMs = this.random.chance(0.01) ? 200_000 : 1 + this.random.below(50);
    this.clock.setTimer(syncMs, () => {
      if (this.durable >= lsn) return;
      this.durable = lsn;
      for (const [log, end] of ends) log.raiseHighWatermark(end);
    });
  }

  #pass(ms: number): Promise<void> {
    return new Promise((resolve) => void this.clock.setTimer(ms, resolve));
  }
}

/**
 * Random histories of produces, flushes, compactions, retention, deletions and crashes, over a store that fails. No
 * object may ever be missing that the metadata names, or would name after a crash at this moment; and in the end the
 * store holds just what is live.
 */
export class DeletionWorld {
  readonly #random: SimRandom;
  readonly #entries: Entry[] = [];
  #life: Life;
  #topicNumber = 0;

  constructor(seed: number) {
    this.#random = new SimRandom(seed);
    this.#life = this.#begin(new SimClock());
  }

  async run(steps: number): Promise<void> {
    await this.#life.clock.run(this.#life.create(LASTING, {}));
    await this.#life.clock.run(this.#life.metadataDurable());
    for (let step = 0; step < steps; step++) {
      await this.#act();
      if (this.#random.chance(0.5)) await this.#life.clock.step();
      if (this.#random.chance(0.02)) await this.#life.clock.advance(this.#random.below(DAY_MS));
      if (this.#random.chance(0.02)) await this.#crash();
    }
    await this.#comeToRest();
  }

  async #act(): Promise<void> {
    const life = this.#life;
    const log = this.#random.pick(life.allLogs());
    const dice = this.#random.below(100);
    if (dice < 40) life.produce(log);
    else if (dice < 65) void life.flush(log);
    else if (dice < 80) void life.compact(log);
    else if (dice < 86) void life.deleteRecords(log);
    else if (dice < 90) await this.#create();
    else if (dice < 92) await this.#removeOne();
    else if (dice < 94) {
      life.store.faults.failChance = life.store.faults.lostAnswerChance = this.#random.unit() / 3;
    } else await life.clock.advance(this.#random.below(2000));
  }

  async #create(): Promise<void> {
    const configs = this.#random.pick([
      {},
      { "retention.ms": "7200000" },
      { "retention.bytes": "500" },
      { "retention.ms": "-1", "cleanup.policy": "compact" },
    ]);
    await this.#life.clock.run(this.#life.create(`topic-${this.#topicNumber++}`, configs));
  }

  async #removeOne(): Promise<void> {
    const topic = this.#random.pick([...this.#life.state.topics()]);
    if (topic.name !== LASTING) await this.#life.clock.run(this.#life.remove(topic));
  }

  /** What was not durable may be there or not. */
  async #crash(): Promise<void> {
    // Of what has its answer, nothing goes on in the next life.
    await this.#life.clock.settle();
    const { durable, clock, store, deadlines } = this.#life;
    deadlines.close();
    this.#entries.length = durable + this.#random.below(this.#entries.length - durable + 1);
    this.#life = this.#begin(new SimClock(clock.monotonicMs()), store);
    this.#check(this.#life.liveObjects());
  }

  #begin(clock: SimClock, before?: SimObjectStore): Life {
    const watch = ({ verb, isDone }: { readonly verb: string; readonly isDone: boolean }) => {
      if (verb === "delete" && isDone) this.#checkAfterDelete();
    };
    const options = { clock, random: this.#random.fork(), watch };
    const store = before === undefined ? new SimObjectStore(options) : before.restart(options);
    return new Life(clock, store, this.#random.fork(), this.#entries);
  }

  #checkAfterDelete(): void {
    this.#check(this.#life.liveObjects());
    const durable = new State();
    for (const [lsn, entry] of this.#entries.slice(0, this.#life.durable).entries()) {
      durable.apply(entry, lsn, this.#life.clock.nowMs());
    }
    this.#check(durable.liveObjects());
  }

  #check(live: ReadonlyMap<string, number>): void {
    for (const [key, sizeBytes] of live) {
      assert.equal(this.#life.store.peek(key)?.length, sizeBytes, `the live object ${key} is whole`);
    }
  }

  /** Nothing fails any more, what is stored moves past all that crashes have left, and sweeps come by. */
  async #comeToRest(): Promise<void> {
    const life = this.#life;
    Object.assign(life.store.faults, { failChance: 0, lostAnswerChance: 0, slowChance: 0 });
    await life.clock.advance(300_000);
    for (let round = 0; round < 5; round++) {
      for (const log of life.allLogs()) life.produce(log);
      await life.clock.advance(300_000);
      for (let i = 0; i < 100; i++) {
        for (const log of life.allLogs()) await life.clock.run(life.flush(log));
      }
      for (const log of life.allLogs()) await life.clock.run(life.compact(log, true));
    }
    await life.clock.advance(3 * DAY_MS);
    assert.equal(life.dead.waiting, 0, "nothing is left to delete");
    assert.deepEqual(
      life.store.keys(),
      [...life.liveObjects().keys()].sort(),
      "the store holds what is live",
    );
  }
}

/** Of a size of its own, so that no two of one name are taken for each other. */
function objectOf(
  log: PartitionLog,
  baseOffset: number,
  endOffset: number,
  generation: number,
  maxTimestampMs: number,
): StoredObject {
  const dataBytes = 50 + (endOffset - baseOffset) * 10 + generation;
  return {
    baseOffset,
    endOffset,
    generation,
    sizeBytes: dataBytes + 32 + log.stream % 7,
    dataBytes,
    batchCount: 1,
    maxTimestampMs,
    isClean: generation > 0,
    deleteHorizonMs: -1,
  };
}
