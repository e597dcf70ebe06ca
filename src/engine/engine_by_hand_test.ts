/** What tests have in common that want an engine at a moment of their choice. */
import assert from "node:assert/strict";
import { Histogram, LATENCY_BOUNDS_SECONDS } from "../base/histogram.ts";
import { KliteError } from "../base/klite_error.ts";
import {
  type ClassicLimits,
  ClusterState,
  decideCreateTopic,
  type MetadataRecord,
  type Partition,
} from "../cluster/mod.ts";
import { SimClock } from "../io/sim/clock.ts";
import { SimDisk } from "../io/sim/disk.ts";
import { SimRandom } from "../io/sim/random.ts";
import { buildBatch } from "../records/compress.ts";
import { PLAIN_PRODUCE } from "../records/mod.ts";
import {
  ENTRY_HEADER_BYTES,
  entryBytes,
  FIRST_LSN,
  type HeldSegment,
  type LsnRange,
  type Refusal,
  type Wal,
} from "../wal/mod.ts";
import { Engine } from "./engine.ts";
import type { GroupSettings } from "./groups/group_coordinator.ts";
import { decodeMetadata } from "./log_entries.ts";
import { PartitionLogs } from "./partition_logs.ts";
import { SnapshotStore } from "./snapshot_store.ts";
import { appenderOf } from "./records/mod.ts";

/** A log that is durable, in memory and readable as far as the test says. */
export class WalByHand implements Wal {
  readonly image = new Uint8Array(1 << 20);
  readonly figures = {
    diskBytes: 0,
    segmentCount: 1,
    spareCount: 0,
    commitCount: 0,
    syncedBytes: 0,
    lastSyncMs: 0,
    commitSeconds: new Histogram(LATENCY_BOUNDS_SECONDS),
    imageBytes: 0,
  };
  oldestLsn = FIRST_LSN;
  durableLsn = FIRST_LSN;
  endLsn = FIRST_LSN;
  liveBytes = 0;
  refusal: Refusal = "not_ready";
  /** What lies below has to be read from a file. */
  coldBelowLsn = 0;
  /** Reads from files wait for it. */
  readable: Promise<void> = Promise.resolve();
  /** Every append is refused with it, if it is not `null`. */
  refuses: Refusal | null = null;
  hasRoom = true;
  readonly #onDurable: (lsn: number) => void;
  #waiters: { readonly lsn: number; readonly resolve: () => void }[] = [];
  #payloadBytes = 0;

  constructor(onDurable: (lsn: number) => void) {
    this.#onDurable = onDurable;
  }

  /** All that was appended is durable now. */
  sync(): void {
    this.durableLsn = this.endLsn;
    this.#onDurable(this.durableLsn);
    for (const { resolve } of this.#waiters.splice(0)) resolve();
  }

  begin(payloadBytes: number): number {
    this.#payloadBytes = payloadBytes;
    this.refusal = this.refuses ?? this.refusal;
    return this.refuses === null ? this.endLsn + ENTRY_HEADER_BYTES : -1;
  }

  hasReserve(): boolean {
    return this.refuses === null;
  }

  end(): number {
    const lsn = this.endLsn;
    this.endLsn += entryBytes(this.#payloadBytes);
    return lsn;
  }

  append(_stream: number, _kind: number, payload: Uint8Array): number {
    const at = this.begin(payload.length);
    if (at < 0) return -1;
    this.image.set(payload, at);
    return this.end();
  }

  async whenDurable(lsn: number): Promise<void> {
    if (lsn <= this.durableLsn) return;
    await new Promise<void>((resolve) => this.#waiters.push({ lsn, resolve }));
  }

  write(): number {
    return this.endLsn;
  }

  whenRoom(): Promise<void> {
    return Promise.resolve();
  }

  view(lsn: number, length: number): Uint8Array | null {
    return lsn < this.coldBelowLsn ? null : this.image.subarray(lsn, lsn + length);
  }

  async read(lsn: number, into: Uint8Array): Promise<number> {
    if (lsn < this.oldestLsn) throw new KliteError("NOT_FOUND", `LSN ${lsn} has been freed`);
    await this.readable;
    into.set(this.image.subarray(lsn, lsn + into.length));
    return into.length;
  }

  hold(lsn: number): HeldSegment {
    if (lsn < this.oldestLsn) throw new KliteError("NOT_FOUND", `LSN ${lsn} has been freed`);
    const { oldestLsn: baseLsn, endLsn } = this;
    return { path: "by-hand.wal", baseLsn, endLsn, positionOf: (each) => each, release: () => {} };
  }

  coldSegments(): readonly LsnRange[] {
    return [];
  }

  shrink(): void {}

  free(lsn: number): void {
    this.oldestLsn = Math.max(this.oldestLsn, lsn);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

const LIMITS = { nodeId: 1, defaultPartitions: 1, maxPartitionsPerRequest: 10, maxPartitions: 10 };

const GROUPS = {
  classic: {
    minSessionTimeoutMs: 6000,
    maxSessionTimeoutMs: 1_800_000,
    maxSize: 2 ** 31 - 1,
    initialRebalanceDelayMs: 0,
  },
  consumer: {
    sessionTimeoutMs: 45_000,
    heartbeatIntervalMs: 5000,
    maxSize: 100,
    assignmentIntervalMs: 0,
    patternRefreshIntervalMs: 600_000,
    assignors: "uniform" as const,
    migration: "bidirectional" as const,
    classicMaxSize: 100,
  },
};

/** Of a tier that has nothing to do. */
const IDLE_TIER = {
  isRemote: false,
  flushIntervalMs: 60_000,
  flushCheckIntervalMs: 5000,
  targetObjectBytes: 2 ** 26,
  logBytesMax: 0,
  logCacheBytes: 2 ** 29,
  retentionCheckIntervalMs: 300_000,
  compactionCheckIntervalMs: 30_000,
  compactionMinDirtyObjects: 4,
  compactionReadRateBytes: 0,
  scrubIntervalMs: 0,
};

/** An engine that takes a snapshot whenever something has become durable, on a log whose syncs are the test's. */
export async function openEngine(
  options: {
    readonly classic?: Partial<ClassicLimits>;
    readonly consumer?: Partial<GroupSettings["consumer"]>;
  } = {},
) {
  const clock = new SimClock();
  const random = new SimRandom(1);
  let wal: WalByHand | undefined;
  const engine = await Engine.open({
    clock,
    random,
    events: () => {},
    state: new ClusterState(),
    logs: new PartitionLogs(),
    snapshots: new SnapshotStore(new SimDisk({ clock, random }), "snapshots"),
    snapshotLsn: 0,
    snapshotEveryBytes: 1,
    producerExpiryMs: 1000,
    groups: {
      classic: { ...GROUPS.classic, ...options.classic },
      consumer: { ...GROUPS.consumer, ...options.consumer },
    },
    transactions: { maxTimeoutMs: 900_000, maxIds: 10, maxPartitions: 10, idExpirationMs: 604_800_000 },
    tier: {
      settings: IDLE_TIER,
      clusterId: "c",
      openJobs: () => assert.fail("nothing is stored"),
      mayChangeObjects: () => false,
      confirmLease: () => Promise.resolve(false),
    },
    openWal: (onDurable) => Promise.resolve(wal = new WalByHand(onDurable)),
  });
  assert.ok(wal !== undefined);
  return { clock, engine, wal };
}

/** From now on the log holds nothing: what is written to it as metadata is kept here. */
export function keepRecords(wal: WalByHand): readonly MetadataRecord[] {
  const records: MetadataRecord[] = [];
  wal.append = (_stream, _kind, payload) => {
    if (wal.refuses !== null) {
      wal.refusal = wal.refuses;
      return -1;
    }
    records.push(...decodeMetadata(payload));
    return wal.endLsn++;
  };
  return records;
}

/** The first partition of a new topic. */
export async function createTopic(engine: Engine, name: string, partitions = 1): Promise<Partition> {
  const command = { name, partitions, replicationFactor: -1, assignments: [], configs: [] };
  const id = engine.newTopicId();
  assert.equal(await engine.execute((state) => decideCreateTopic(state, command, LIMITS, id)), null);
  const partition = engine.state.topic(name)?.partitions[0];
  assert.ok(partition !== undefined);
  return partition;
}

export function append(engine: Engine, partition: Partition): void {
  const records = buildBatch([{ value: new Uint8Array(10), timestampMs: engine.clock.nowMs() }]);
  const request = { ...PLAIN_PRODUCE, transactionalId: null };
  assert.equal(appenderOf(engine).append(partition, records, false, request)?.errorCode, 0);
}

/** An engine of the test's own, what it writes kept as records; a stage for what is tested on it. */
export class EngineStage {
  readonly records: readonly MetadataRecord[];
  readonly #opened: OpenedEngine;

  constructor(opened: OpenedEngine) {
    this.#opened = opened;
    this.records = keepRecords(opened.wal);
  }

  get clock(): OpenedEngine["clock"] {
    return this.#opened.clock;
  }

  get wal(): OpenedEngine["wal"] {
    return this.#opened.wal;
  }

  get engine(): OpenedEngine["engine"] {
    return this.#opened.engine;
  }
}

type OpenedEngine = Awaited<ReturnType<typeof openEngine>>;
