import { assert } from "../base/assert.ts";
import { ErrorCode } from "../base/error_codes.ts";
import { KliteError } from "../base/klite_error.ts";
import {
  type ClusterState,
  type Decision,
  type EndMark,
  type MetadataRecord,
  type Partition,
  type Refusal,
  refuse,
} from "../cluster/mod.ts";
import type { Clock } from "../io/clock.ts";
import type { EventSink } from "../io/events.ts";
import type { Random } from "../io/random.ts";
import { BatchReader, type PartitionLog } from "../log/mod.ts";
import { BatchHeader, buildControlBatch, EndMarker } from "../records/outside.ts";
import { ENTRY_HEADER_BYTES, type Wal } from "../wal/mod.ts";
import { Checkpoints } from "./checkpoints.ts";
import { Deadlines } from "./deadlines.ts";
import { FetchSessions } from "./fetch_sessions.ts";
import { FetchWaiters } from "./fetch_waiters.ts";
import type { GroupSettings } from "./groups/group_coordinator.ts";
import { loadGroups } from "./groups/load.ts";
import { encodeMarks, encodeMetadata, EntryKind, METADATA_STREAM } from "./log_entries.ts";
import { LogNews } from "./log_news.ts";
import { PartitionLogs } from "./partition_logs.ts";
import { PendingAppends } from "./pending_appends.ts";
import { ProducerIds } from "./producer_ids.ts";
import { RoomQueue } from "./room_queue.ts";
import type { SnapshotStore } from "./snapshot_store.ts";
import { TierGate, type TierParts } from "./tier_gate.ts";
import { TransactionCoordinator, type TransactionSettings } from "./transactions/transaction_coordinator.ts";

/** Copies of records that wait for room in the log; beyond it producers get a retriable error. */
const WAITING_BYTES_MAX = 64 * 1024 * 1024;

const NO_MARKS: readonly EndMark[] = [];

/**
 * What a full log gives for a change: nothing; its reserve, for what clients ask for as often as they like; or room
 * beyond its bound, for what is bounded by what there is to be stored or freed.
 */
type Urgency = "none" | "within_bound" | "beyond_bound";

/** What recovery found, and what the engine needs of the world. */
export interface EngineParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly events: EventSink;
  readonly state: ClusterState;
  readonly logs: PartitionLogs;
  readonly snapshots: SnapshotStore;
  /** LSN of the snapshot that recovery started from. */
  readonly snapshotLsn: number;
  /** Opens the log for writing; the engine is its one listener. */
  openWal(onDurable: (lsn: number) => void): Promise<Wal>;
  /** Log bytes after which a snapshot is due: it bounds what a restart has to replay. */
  readonly snapshotEveryBytes: number;
  /** Idempotent producers that have not written for this long are forgotten. */
  readonly producerExpiryMs: number;
  readonly groups: GroupSettings;
  readonly transactions: TransactionSettings;
  readonly tier: TierParts;
}

/**
 * The single writer. It owns the cluster's state, the partitions and the log;
 * every change goes through it, one at a time, in one order.
 */
export class Engine {
  readonly clock: Clock;
  readonly state: ClusterState;
  readonly logs: PartitionLogs;
  readonly wal: Wal;
  readonly reader: BatchReader;
  /** Where partitions tell that there is more to read, or less. */
  readonly news = new LogNews();
  readonly fetchWaiters: FetchWaiters;
  readonly fetchSessions: FetchSessions;
  readonly producerIds: ProducerIds;
  /** What is to happen at a time. */
  readonly deadlines: Deadlines;
  readonly groupSettings: GroupSettings;
  readonly transactions: TransactionCoordinator;
  /** Appends that wait for room in the log. */
  readonly room: RoomQueue;
  /** What becomes of records that the log does not keep. */
  readonly tier: TierGate;
  /** Snapshots, and what of the log can go because of them. */
  readonly checkpoints: Checkpoints;
  readonly #random: Random;
  readonly #pending = new PendingAppends();
  #metadataLsn = 0;
  #topicsLsn = 0;
  #closing = false;

  /** Opens the log and starts serving what recovery found. */
  static async open(parts: EngineParts): Promise<Engine> {
    let engine: Engine | null = null;
    // Until there is an engine, nothing waits for anything to be durable.
    const wal = await parts.openWal((lsn) => {
      if (engine !== null) engine.#durable(lsn);
    });
    engine = new Engine(parts, wal);
    if (parts.state.groups.size > 0) (await loadGroups()).groupsOf(engine).start();
    engine.transactions.start();
    return engine;
  }

  private constructor(parts: EngineParts, wal: Wal) {
    this.clock = parts.clock;
    this.state = parts.state;
    this.logs = parts.logs;
    this.#random = parts.random;
    this.fetchWaiters = new FetchWaiters(parts.clock, this.news);
    this.fetchSessions = new FetchSessions(() => Math.floor(parts.random.unit() * 0x7fffffff), this.news);
    this.producerIds = new ProducerIds(this);
    this.deadlines = new Deadlines(parts.clock);
    this.wal = wal;
    this.tier = new TierGate(this, parts.tier, parts.events);
    this.reader = new BatchReader({ wal, stored: this.tier, events: parts.events, clock: parts.clock });
    this.room = new RoomQueue(this.wal, this.deadlines, WAITING_BYTES_MAX);
    this.checkpoints = new Checkpoints(this, parts);
    this.groupSettings = parts.groups;
    this.transactions = new TransactionCoordinator(this, parts.transactions);
  }

  /** Whether nothing new is to begin. */
  get isClosing(): boolean {
    return this.#closing;
  }

  /** The records of a partition that exists. */
  log(partition: Partition): PartitionLog {
    return this.logs.of(partition.stream);
  }

  /** Fresh ones that nobody can guess. */
  randomBytes(count: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#random.bytes(count));
  }

  /** A random UUID as Kafka's coordinators write it in member ids: `xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx`. */
  newUuid(): string {
    const bytes = this.#random.bytes(16);
    bytes[6] = (bytes[6]! & 0x0f) | 0x40;
    bytes[8] = (bytes[8]! & 0x3f) | 0x80;
    return bytes.toHex().replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  }

  /** A fresh topic id: 16 random bytes in Kafka's text form, none of the reserved ones. */
  newTopicId(): string {
    for (;;) {
      const text = btoa(String.fromCharCode(...this.#random.bytes(16)));
      const id = text.replaceAll("+", "-").replaceAll("/", "_").slice(0, 22);
      if (!id.startsWith("-") && !id.startsWith("AAAAAAAAAAA") && this.state.topicById(id) === undefined) {
        return id;
      }
    }
  }

  /**
   * Runs a rule and makes what it decides so: decide, append and apply are one
   * step that nothing comes between, and `applied` is called at the end of it.
   * Where the log has room, all of that has happened when this returns. Answers
   * the refusal, or `null` when done; {@link metadataDurable} tells when the
   * change will survive. With `urgency` a full log takes it all the same: for what leads to room in it.
   */
  async execute(
    rule: (state: ClusterState) => Decision,
    applied?: () => void,
    options: { readonly urgency?: Urgency } = {},
  ): Promise<Refusal | null> {
    const { urgency = "none" } = options;
    for (;;) {
      const decision = rule(this.state);
      if ("error" in decision) return decision;
      const { records, marks = NO_MARKS } = decision;
      if (marks.length === 0 ? this.#record(records, urgency) : this.#recordMarked(records, marks)) {
        applied?.();
        return null;
      }
      const { refusal } = this.wal;
      if (refusal !== "not_ready") {
        const error = refusal === "too_large" ? ErrorCode.MESSAGE_TOO_LARGE : ErrorCode.KAFKA_STORAGE_ERROR;
        return refuse(error, `The change cannot be written: ${refusal}.`);
      }
      await this.wal.whenRoom();
    }
  }

  /**
   * Tells clients that visible records may be gone, so that they check their positions (KIP-320).
   * @throws KliteError DISK_FULL when that cannot be written.
   */
  async raiseLeaderEpoch(): Promise<void> {
    const refusal = await this.execute(
      (state) => ({ records: [{ type: "leader_epoch_raised", epoch: state.leaderEpoch + 1 }] }),
      undefined,
      { urgency: "beyond_bound" },
    );
    if (refusal !== null) throw new KliteError("DISK_FULL", refusal.message);
    await this.metadataDurable();
  }

  /** Resolves once every metadata change made so far is durable: then it may be told of. */
  metadataDurable(): Promise<void> | null {
    return this.#metadataLsn <= this.wal.durableLsn ? null : this.wal.whenDurable(this.#metadataLsn);
  }

  /**
   * Resolves once every change of topics, partitions and leader epoch made so far is durable. That is all that a
   * fetch may tell of: records, and where transactions ended, are visible only when they are durable.
   */
  topicsDurable(): Promise<void> | null {
    return this.#topicsLsn <= this.wal.durableLsn ? null : this.wal.whenDurable(this.#topicsLsn);
  }

  /**
   * Ends an append that `wal.begin` started: the batch in the image becomes an
   * entry of `partition` and gets its place. Answers the LSN that must be
   * durable before it may be acknowledged.
   *
   * `header` is the batch's, base offset and leader epoch already those in the image.
   */
  appendBatch(partition: Partition, header: BatchHeader): number {
    const log = this.log(partition);
    assert(header.baseOffset === log.logEndOffset, "a batch goes to the end of its partition");
    const lsn = this.wal.end(
      partition.stream,
      EntryKind.BATCH,
      BATCH_PREFIX_BYTES,
      header.crc,
      BATCH_BODY_START,
    );
    if (this.logs.append(this.state, log, header, lsn, this.clock.nowMs())) this.transactions.watch();
    const endLsn = lsn + ENTRY_HEADER_BYTES + header.lengthBytes;
    this.#pending.push(log, log.logEndOffset, endLsn, header.lengthBytes);
    return endLsn;
  }

  /** Stops serving waits, writes all down with a last snapshot, and lets the log go. */
  async close(): Promise<void> {
    this.#closing = true;
    this.fetchWaiters.close();
    this.deadlines.close();
    await this.tier.close();
    // The log has it all: without a last snapshot the next start only replays more of it.
    await this.checkpoints.snapshot();
    await this.wal.close();
  }

  #record(records: readonly MetadataRecord[], urgency: Urgency): boolean {
    if (records.length === 0) return true;
    const payload = encodeMetadata(records);
    const isUrgent = urgency === "beyond_bound" ||
      (urgency === "within_bound" && this.wal.hasReserve(payload.length));
    const lsn = this.wal.append(METADATA_STREAM, EntryKind.METADATA, payload, isUrgent);
    if (lsn < 0) return false;
    this.#apply(records);
    return true;
  }

  /** Records and the ends of transactions, in one entry: either all of it survives a crash, or nothing. */
  #recordMarked(records: readonly MetadataRecord[], marks: readonly EndMark[]): boolean {
    const timestampMs = this.clock.nowMs();
    const { payload, places } = encodeMarks(
      records,
      marks.map((mark) => ({ stream: mark.stream, bytes: this.#controlBatch(mark, timestampMs) })),
    );
    const lsn = this.wal.append(METADATA_STREAM, EntryKind.MARKS, payload);
    if (lsn < 0) return false;
    const header = new BatchHeader();
    for (const { stream, at } of places) {
      const log = this.logs.of(stream);
      // As if an entry of its own began so far before it that it would be the payload.
      this.logs.appendMark(log, header.read(payload, at), payload, at, lsn + at, timestampMs);
      this.#pending.push(log, log.logEndOffset, this.wal.endLsn, header.lengthBytes);
    }
    this.#apply(records);
    return true;
  }

  #controlBatch(mark: EndMark, timestampMs: number): Uint8Array {
    return buildControlBatch({
      marker: mark.isCommit ? EndMarker.COMMIT : EndMarker.ABORT,
      coordinatorEpoch: mark.coordinatorEpoch,
      producerId: mark.producerId,
      producerEpoch: mark.producerEpoch,
      timestampMs,
      baseOffset: this.logs.of(mark.stream).logEndOffset,
      leaderEpoch: this.state.leaderEpoch,
    });
  }

  #apply(records: readonly MetadataRecord[]): void {
    const { topicsVersion, leaderEpoch } = this.state;
    this.#metadataLsn = this.wal.endLsn;
    const nowMs = this.clock.nowMs();
    for (const record of records) {
      const { gone, moved, dead } = this.logs.apply(this.state, record, nowMs);
      for (const log of gone) {
        this.news.changed(log);
        this.tier.unstored.delete(log);
      }
      for (const log of moved) this.news.tell(log, 0);
      if (dead.length > 0) this.tier.died(record, dead, this.#metadataLsn);
    }
    const isOfTopics = this.state.topicsVersion !== topicsVersion || this.state.leaderEpoch !== leaderEpoch;
    if (isOfTopics) this.#topicsLsn = this.#metadataLsn;
    this.transactions.watch();
  }

  #durable(lsn: number): void {
    this.#pending.release(lsn, this.#makeVisible);
    this.tier.committed();
    this.checkpoints.noteDurable(lsn);
  }

  readonly #makeVisible = (log: PartitionLog, endOffset: number, lengthBytes: number): void => {
    const stableOffset = log.lastStableOffset;
    if (!log.raiseHighWatermark(endOffset)) return;
    this.tier.visible(log);
    const stableBytes = log.hasTransactions
      ? log.batches.bytesBetween(stableOffset, log.lastStableOffset)
      : lengthBytes;
    this.news.tell(log, lengthBytes, stableBytes);
  };
}

/** All of a batch's header, so that a scan of the log can trust it. */
const BATCH_PREFIX_BYTES = 61;
/** A batch's own CRC covers it from here on. */
const BATCH_BODY_START = 21;
