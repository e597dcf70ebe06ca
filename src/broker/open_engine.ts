import { crc32c } from "../base/crc32c.ts";
import { ImageMemory } from "../base/image_memory.ts";
import { KliteError } from "../base/klite_error.ts";
import { Engine, EntryKind, Replay, SnapshotStore, type TierParts } from "../engine/mod.ts";
import type { Disk } from "../io/disk.ts";
import type { EventSink } from "../io/events.ts";
import { heldOffsets } from "../log/mod.ts";
import { FIRST_LSN, type LostRange, openWal, type RecoveredLog, recoverLog } from "../wal/mod.ts";
import type { Io } from "./broker.ts";
import type { Claim } from "./claim.ts";
import type { BrokerConfig } from "./config.ts";
import {
  type DataIdentity,
  isLossMarked,
  LOG_DIRECTORY,
  markLoss,
  SNAPSHOT_DIRECTORY,
  unmarkLoss,
} from "./data_directory.ts";
import { abortLostTransactions } from "./lost_transactions.ts";
import { objectHome, settleObjectHome } from "./object_home.ts";
import { groupSettings, transactionSettings } from "./settings.ts";

/** Part of a log file that is kept for records of what is stored, when the log is full. */
const RESERVE_SHARE = 8;
/** What a restart replays is at most so many segments of the log. */
const SEGMENTS_PER_SNAPSHOT = 4;

/** Rebuilds the state from the newest snapshot and the log behind it, and opens the log for more. */
export async function openEngine(
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
    await engine.checkpoints.snapshot();
    unmarkLoss(io.disk);
  }
  if (snapshots.damaged.length > 0) await engine.checkpoints.snapshot();
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
    const { logStartOffset, logEndOffset } = first.log;
    const held = heldOffsets(first.log);
    throw new KliteError(
      "DATA_DAMAGED",
      `Files of the log in ${disk.root}/${LOG_DIRECTORY} are missing or cannot be read; the oldest that can begins at ` +
        `LSN ${oldestLsn}. Records of ${incomplete.length} partitions are lost: ${first.name}, for one, has the offsets ` +
        `${logStartOffset} to ${logEndOffset - 1}, of which ${held.toOffset - held.fromOffset} are left. ` +
        "Restore the data directory from a backup; " +
        "or start once with --accept-data-loss, which gives up what cannot be read.",
    );
  }
  const lacksBeginning = incomplete.some(({ log }) => heldOffsets(log).fromOffset > log.logStartOffset);
  for (const { log } of incomplete) log.giveUpLost();
  return lacksBeginning ? [{ fromLsn: FIRST_LSN, toLsn: oldestLsn }, ...lost] : [...lost];
}
