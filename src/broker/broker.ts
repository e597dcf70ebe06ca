import type { ApiSettings } from "../apis/mod.ts";
import { crc32c } from "../base/crc32c.ts";
import { ImageMemory } from "../base/image_memory.ts";
import { decideCreateTopic } from "../cluster/mod.ts";
import { counting, EventFigures, type ServingBroker } from "../console/mod.ts";
import {
  Engine,
  EntryKind,
  type GroupSettings,
  OffsetExpiry,
  Replay,
  SnapshotStore,
  type TierParts,
  type TransactionSettings,
} from "../engine/mod.ts";
import { KliteError } from "../base/klite_error.ts";
import { formatAddress } from "../io/address.ts";
import type { Clock } from "../io/clock.ts";
import type { Disk, DiskLock } from "../io/disk.ts";
import type { EventSink } from "../io/events.ts";
import type { Http } from "../io/http.ts";
import type { Address, Network } from "../io/network.ts";
import type { Random } from "../io/random.ts";
import type { Telemetry } from "../io/telemetry.ts";
import { Router, Server } from "../server/mod.ts";
import { FIRST_LSN, type LostRange, openWal, type RecoveredLog, recoverLog } from "../wal/mod.ts";
import type { Claim } from "./claim.ts";
import type { BrokerConfig } from "./config.ts";
import {
  type DataIdentity,
  isLossMarked,
  LOCK_FILE,
  LOG_DIRECTORY,
  markLoss,
  openDataDirectory,
  SNAPSHOT_DIRECTORY,
  unmarkLoss,
} from "./data_directory.ts";
import { HealthEndpoint } from "./health_endpoint.ts";
import { kafkaConfigs } from "./kafka_configs.ts";
import { abortLostTransactions } from "./lost_transactions.ts";
import { objectHome, settleObjectHome } from "./object_home.ts";
import { BrokerObjects, type ObjectsProvider, publicAddress, tierSettings } from "./objects.ts";

/** The world, handed in. */
export interface Io {
  /** The data directory. */
  readonly disk: Disk;
  readonly clock: Clock;
  readonly random: Random;
  readonly network: Network;
  readonly http: Http;
  readonly objects: ObjectsProvider;
  readonly telemetry: Telemetry;
}

/** Kafka's own bound of partitions made by one request. */
const PARTITIONS_PER_REQUEST_MAX = 10_000;
/** Partitions in all. One takes 1 to 4 KB, the more if it is a topic of its own and has records. */
const PARTITIONS_MAX = 100_000;
/** Part of a log file that is kept for records of what is stored, when the log is full. */
const RESERVE_SHARE = 8;
/** What a restart replays is at most so many segments of the log. */
const SEGMENTS_PER_SNAPSHOT = 4;
/** Memory for committed offsets: two million of them, or fewer with much metadata or in many topics. */
const OFFSET_BYTES_MAX = 96 * 2 ** 20;
/** Transactional ids in all: a few hundred bytes each until they expire. */
const TRANSACTIONAL_IDS_MAX = 100_000;
/** Partitions and groups of one transaction. */
const TRANSACTION_PARTITIONS_MAX = 10_000;
/** What the end of a transaction takes in the log for each of its partitions, and a little more. */
const BYTES_PER_MARK = 100;
/** As Kafka: group.consumer.regex.refresh.interval.ms. */
const PATTERN_REFRESH_INTERVAL_MS = 600_000;
/** Requests in flight get this long to finish when the broker stops. */
const STOP_DEADLINE_MS = 10_000;

/** A broker that serves: everything put together, in the order in which it must start and stop. */
export class Broker {
  /** Rejects when the broker cannot go on; never fulfilled. */
  readonly failed: Promise<never>;
  /** Where clients reach it. */
  readonly address: Address;
  readonly engine: Engine;
  readonly #server: Server;
  readonly #health: HealthEndpoint;
  readonly #lock: DiskLock;
  readonly #objects: BrokerObjects;
  /** The right to a cluster in a bucket; `null` without one. */
  readonly #claim: Claim | null;
  readonly #events: EventSink;

  private constructor(parts: {
    failed: Promise<never>;
    address: Address;
    engine: Engine;
    server: Server;
    health: HealthEndpoint;
    lock: DiskLock;
    objects: BrokerObjects;
    claim: Claim | null;
    events: EventSink;
  }) {
    this.failed = parts.failed;
    this.address = parts.address;
    this.engine = parts.engine;
    this.#server = parts.server;
    this.#health = parts.health;
    this.#lock = parts.lock;
    this.#objects = parts.objects;
    this.#claim = parts.claim;
    this.#events = parts.events;
  }

  /**
   * Recovers the data directory and starts to serve.
   * @throws KliteError LOCKED, INCOMPATIBLE, DATA_DAMAGED or ADDRESS_UNAVAILABLE; with a bucket LEASE_HELD and the store's.
   */
  static async open(config: BrokerConfig, io: Io, sink: EventSink): Promise<Broker> {
    const startedMs = io.clock.monotonicMs();
    const figures = new EventFigures();
    const { failed, fail, events } = watchFailure(counting(sink, figures, io.clock));
    const health = HealthEndpoint.open(config.healthAddress, { ...io, figures }, events);
    const objects = new BrokerObjects(io.objects, config);
    let lock: DiskLock | undefined;
    let claim: Claim | null = null;
    let engine: Engine | undefined;
    try {
      io.disk.makeDir(".");
      lock = io.disk.lock(LOCK_FILE);
      if (config.s3Bucket !== null) {
        health.waitFor("the bucket");
        claim = await claimBucket(config, io, objects, events, fail);
      }
      const identity = claim?.identity ??
        await openDataDirectory(io.disk, io.random, config.clusterId, objectHome(config));
      health.waitFor("the log's replay");
      const tier: TierParts = {
        settings: tierSettings(config),
        clusterId: identity.clusterId,
        openJobs: () => objects.open(identity.clusterId),
        mayChangeObjects: () => claim?.lease.isConfirmed ?? true,
        confirmLease: () => claim?.lease.renew() ?? Promise.resolve(true),
      };
      engine = await openEngine(config, io, identity, claim, tier, telling(claim, events), fail);
      await createDeclaredTopics(engine, config);
      new OffsetExpiry(engine, {
        retentionMs: config.offsetsRetentionMs,
        intervalMs: config.offsetsCheckIntervalMs,
      });

      const services = { engine, settings: apiSettings(config, identity.clusterId, io.telemetry) };
      const router = new Router(services, { tracer: io.telemetry.tracer });
      const server = new Server({ ...io, events, handler: router, onFatal: fail });
      const address = server.listen(config.listen);
      health.ready(engine, observedBroker(config, identity, engine, server, router));
      engine.tier.start();
      events({
        type: "broker_started",
        listen: formatAddress(address),
        clusterId: identity.clusterId,
        startMs: io.clock.monotonicMs() - startedMs,
      });
      return new Broker({ failed, address, engine, server, health, lock, objects, claim, events });
    } catch (error) {
      await engine?.close();
      await claim?.release();
      await objects.close();
      lock?.release();
      await health.close();
      throw error;
    }
  }

  /** Finishes what is in flight, makes it durable and lets everything go. */
  async stop(reason: string): Promise<void> {
    this.#events({ type: "broker_stopping", reason });
    this.#health.waitFor("the last requests");
    this.engine.fetchWaiters.close();
    await this.#server.stop(STOP_DEADLINE_MS);
    this.#health.waitFor("the last records to be stored");
    await this.#claim?.lease.confirm();
    await this.engine.tier.flushAll();
    await this.engine.close();
    await this.#claim?.release();
    await this.#objects.close();
    this.#lock.release();
    await this.#health.close();
    this.#events({ type: "broker_stopped" });
  }
}

/** What metrics are made of. */
function observedBroker(
  config: BrokerConfig,
  { clusterId }: DataIdentity,
  engine: Engine,
  server: Server,
  router: Router,
): ServingBroker {
  return {
    engine,
    clusterId,
    nodeId: config.nodeId,
    logBytesMax: config.walMaxDiskBytes,
    network: () => server.stats,
    requests: () => router.requestCounts(),
  };
}

/** What ends a broker is said once, by whoever waits for `failed`, and not for each request that it ends, too. */
function watchFailure(sink: EventSink) {
  const { promise: failed, reject } = Promise.withResolvers<never>();
  // Whoever opened the broker listens; until then a failure must not count as nobody's.
  failed.catch(() => {});
  let cause: unknown = null;
  const fail = (error: unknown): void => {
    cause ??= error;
    reject(error);
  };
  const events: EventSink = (event) => {
    if (!("error" in event && event.error === cause)) sink(event);
  };
  return { failed, fail, events };
}

/** Takes the cluster in the bucket for this broker, and fills an empty data directory with what is there. */
async function claimBucket(
  config: BrokerConfig,
  io: Io,
  objects: BrokerObjects,
  events: EventSink,
  onLost: (error: unknown) => void,
): Promise<Claim> {
  const { claimCluster } = await import("./claim.ts");
  return await claimCluster({
    ...io,
    openStore: async (clusterId) => (await objects.open(clusterId)).store,
    events,
    clusterId: config.clusterId,
    acceptDataLoss: config.acceptDataLoss,
    objectHome: objectHome(config),
    times: config,
    address: publicAddress(config),
    onLost,
  });
}

/** What is stored goes into the lease: a data directory that is older is known by it. */
function telling(claim: Claim | null, events: EventSink): EventSink {
  if (claim === null) return events;
  return (event) => {
    if (event.type === "snapshot_stored") claim.lease.noteStored(event.lsn);
    events(event);
  };
}

/** Rebuilds the state from the newest snapshot and the log behind it, and opens the log for more. */
async function openEngine(
  config: BrokerConfig,
  io: Io,
  identity: DataIdentity,
  claim: Claim | null,
  tier: TierParts,
  events: EventSink,
  onFailure: (error: unknown) => void,
): Promise<Engine> {
  const snapshots = new SnapshotStore(io.disk, SNAPSHOT_DIRECTORY);
  const snapshot = snapshots.load();
  for (const path of snapshots.damaged) events({ type: "snapshot_damaged", path });
  const replay = new Replay(snapshot, io.clock);
  const snapshotLsn = snapshot?.lsn ?? 0;
  const log = { disk: io.disk, directory: LOG_DIRECTORY, logId: identity.logId, checksum: crc32c };
  const recovered = await recoverLog({
    ...log,
    snapshotLsn,
    firstLsn: identity.firstLsn,
    wholeKind: EntryKind.MARKS,
    acceptDataLoss: config.acceptDataLoss,
    skipsBelowSnapshot: true,
    onEntry: (entry) => replay.entry(entry),
  });
  claim?.lease.requireLog(recovered.startLsn, config.acceptDataLoss);
  const lost = giveUpMissing(replay, recovered, io.disk, config.acceptDataLoss);
  await settleObjectHome({
    ...{ disk: io.disk, identity, logs: replay.logs, acceptDataLoss: config.acceptDataLoss },
    home: objectHome(config),
    openStore: async () => (await tier.openJobs()).store,
  });
  for (const { fromLsn, toLsn } of lost) events({ type: "data_lost", fromLsn, toLsn });
  for (const { path, positionBytes, fromLsn, toLsn } of recovered.damaged) {
    events({ type: "log_damage_bypassed", path, positionBytes, fromLsn, toLsn });
  }
  // Opening gives it up for good: a start that is cut short behind that must not be the end of it.
  if (lost.length > 0) await markLoss(io.disk);
  const images = new ImageMemory(config.tailMemoryBytes);
  const engine = await Engine.open({
    ...io,
    events,
    state: replay.state,
    logs: replay.logs,
    snapshots,
    snapshotLsn,
    snapshotEveryBytes: SEGMENTS_PER_SNAPSHOT * config.walSegmentBytes,
    producerExpiryMs: config.producerIdExpirationMs,
    groups: groupSettings(config),
    transactions: transactionSettings(config),
    tier,
    openWal: (onDurable) =>
      openWal(recovered, {
        ...log,
        clock: io.clock,
        random: io.random,
        segmentBytes: config.walSegmentBytes,
        memoryBytes: config.tailMemoryBytes,
        allocateImage: (bytes) => images.allocate(bytes),
        maxDiskBytes: config.walMaxDiskBytes,
        tracer: io.telemetry.tracer,
        reserveBytes: Math.floor(config.walSegmentBytes / RESERVE_SHARE),
        syncIntervalMs: config.walSyncIntervalMs,
        onDurable,
        onFailure,
      }),
  });
  // Opening has synced what recovery read, so all of it may be seen.
  replay.logs.makeAllVisible();
  if (isLossMarked(io.disk)) {
    await engine.raiseLeaderEpoch();
    await abortLostTransactions(engine);
    await engine.snapshot();
    unmarkLoss(io.disk);
  }
  if (snapshots.damaged.length > 0) await engine.snapshot();
  const { replayedBatches } = replay;
  events({ type: "log_recovered", snapshotLsn, endLsn: recovered.endLsn, replayedBatches });
  return engine;
}

/**
 * Gives up records that the snapshot tells of and the log lacks.
 * @throws KliteError DATA_DAMAGED when that was not allowed.
 */
function giveUpMissing(
  replay: Replay,
  { oldestLsn, lost, damaged }: RecoveredLog,
  disk: Disk,
  isAllowed: boolean,
): LostRange[] {
  const incomplete = replay.incomplete(damaged);
  const [first] = incomplete;
  if (first === undefined) return [...lost];
  const [place] = damaged;
  if (place !== undefined) {
    throw new KliteError(
      "DATA_DAMAGED",
      `${disk.root}/${place.path}, byte ${place.positionBytes}: the log cannot be read at LSN ${place.fromLsn}, yet ` +
        `${place.reason}. Records of ${incomplete.length} partitions were there and nowhere else, of ${first.name}, ` +
        "for one. Restore the data directory from a backup; " +
        "or start once with --accept-data-loss, which gives up what cannot be read.",
    );
  }
  if (!isAllowed) {
    const { logStartOffset, logEndOffset, held } = first.log;
    throw new KliteError(
      "DATA_DAMAGED",
      `Files of the log in ${disk.root}/${LOG_DIRECTORY} are missing or cannot be read; the oldest that can begins at ` +
        `LSN ${oldestLsn}. Records of ${incomplete.length} partitions are lost: ${first.name}, for one, has the offsets ` +
        `${logStartOffset} to ${logEndOffset - 1}, of which ${held.toOffset - held.fromOffset} are left. ` +
        "Restore the data directory from a backup; " +
        "or start once with --accept-data-loss, which gives up what cannot be read.",
    );
  }
  const lacksBeginning = incomplete.some(({ log }) => log.held.fromOffset > log.logStartOffset);
  for (const { log } of incomplete) log.giveUpLost();
  return lacksBeginning ? [{ fromLsn: FIRST_LSN, toLsn: oldestLsn }, ...lost] : [...lost];
}

/** Makes the topics of `--topic` that do not exist yet. Those that do keep their partitions. */
async function createDeclaredTopics(engine: Engine, config: BrokerConfig): Promise<void> {
  for (const { name, partitions } of config.topics) {
    if (engine.state.topic(name) !== undefined) continue;
    const command = { name, partitions, replicationFactor: -1, assignments: [], configs: [] };
    const id = engine.newTopicId();
    const refusal = await engine.execute((state) =>
      decideCreateTopic(state, command, topicLimits(config), id)
    );
    if (refusal !== null) {
      throw new KliteError("BAD_CONFIG", `The topic ${name} of --topic cannot be made: ${refusal.message}`);
    }
  }
  await engine.metadataDurable();
}

function topicLimits(config: BrokerConfig): ApiSettings["topicLimits"] {
  return {
    nodeId: config.nodeId,
    defaultPartitions: config.defaultPartitions,
    maxPartitionsPerRequest: PARTITIONS_PER_REQUEST_MAX,
    maxPartitions: PARTITIONS_MAX,
  };
}

function groupSettings(config: BrokerConfig): GroupSettings {
  return {
    classic: {
      minSessionTimeoutMs: config.groupMinSessionTimeoutMs,
      maxSessionTimeoutMs: config.groupMaxSessionTimeoutMs,
      maxSize: config.groupMaxSize,
      initialRebalanceDelayMs: config.groupInitialRebalanceDelayMs,
    },
    consumer: {
      sessionTimeoutMs: config.groupConsumerSessionTimeoutMs,
      heartbeatIntervalMs: config.groupConsumerHeartbeatIntervalMs,
      maxSize: config.groupConsumerMaxSize,
      assignmentIntervalMs: config.groupConsumerAssignmentIntervalMs,
      patternRefreshIntervalMs: PATTERN_REFRESH_INTERVAL_MS,
      assignors: config.groupConsumerAssignors,
      migration: config.groupConsumerMigrationPolicy,
      classicMaxSize: config.groupMaxSize,
    },
  };
}

/** The end of a transaction is one entry of the log, and must fit into half of a file of it. */
function transactionSettings(config: BrokerConfig): TransactionSettings {
  const marksMax = Math.floor(config.walSegmentBytes / 2 / BYTES_PER_MARK);
  return {
    maxTimeoutMs: config.transactionMaxTimeoutMs,
    maxIds: TRANSACTIONAL_IDS_MAX,
    maxPartitions: Math.min(TRANSACTION_PARTITIONS_MAX, marksMax),
    idExpirationMs: config.transactionalIdExpirationMs,
  };
}

function apiSettings(config: BrokerConfig, clusterId: string, { logThreshold }: Telemetry): ApiSettings {
  return {
    clusterId,
    nodeId: config.nodeId,
    advertised: config.advertised,
    autoCreateTopics: config.autoCreateTopics,
    topicLimits: topicLimits(config),
    offsetLimits: { metadataMax: config.offsetMetadataMax, heldBytesMax: OFFSET_BYTES_MAX },
    ackBeforeSync: config.ackBeforeSync,
    strictBatches: config.batchValidation === "strict",
    logThreshold,
    kafkaConfigs: () => kafkaConfigs(config),
  };
}
