import { crc32c } from "../../base/crc32c.ts";
import { KliteError } from "../../base/klite_error.ts";
import { type BrokerSnapshot, EntryKind, Replay, SNAPSHOT_FORMAT, SnapshotStore } from "../../engine/mod.ts";
import type { Clock } from "../../io/clock.ts";
import type { Disk } from "../../io/disk.ts";
import { type RecoveredLog, recoverLog } from "../../wal/mod.ts";
import { type DataIdentity, LOG_DIRECTORY, SNAPSHOT_DIRECTORY } from "../data_directory.ts";
import type { InspectedLog } from "./report.ts";

/** What a data directory's log says, read as a start would read it. */
export interface LogFindings {
  readonly log: InspectedLog;
  /** The broker's state at the log's end. */
  readonly metadata: BrokerSnapshot;
  readonly problems: readonly string[];
}

/** A broker at work moves the log on while it is read: what then looks like damage is looked at again. */
const ATTEMPTS = 3;

/**
 * Reads the log from end to end, and changes nothing: not even the directory's lock is taken, so that a broker may be
 * at work on it. `onProgress` is told bytes.
 * @throws KliteError as a start would: DATA_DAMAGED, INCOMPATIBLE.
 */
export async function inspectLog(
  disk: Disk,
  clock: Clock,
  identity: DataIdentity,
  onProgress: (doneBytes: number, totalBytes: number) => void,
): Promise<LogFindings> {
  for (let attempt = 1;; attempt++) {
    try {
      return await readLog(disk, clock, identity, onProgress);
    } catch (error) {
      const mayPass = error instanceof KliteError &&
        (error.code === "DATA_DAMAGED" || error.code === "NOT_FOUND");
      if (!mayPass || attempt === ATTEMPTS) throw error;
    }
  }
}

async function readLog(
  disk: Disk,
  clock: Clock,
  identity: DataIdentity,
  onProgress: (doneBytes: number, totalBytes: number) => void,
): Promise<LogFindings> {
  const { replay, recovered, snapshotLsn, files, bytes } = await replayLog(disk, clock, identity, {
    onProgress,
    acceptDataLoss: false,
  });
  return {
    log: { files, bytes, oldestLsn: recovered.oldestLsn, endLsn: recovered.endLsn, snapshotLsn },
    metadata: {
      format: SNAPSHOT_FORMAT,
      lsn: recovered.endLsn,
      cluster: replay.state.snapshot(),
      logs: replay.logs.snapshot(0),
    },
    problems: replayProblems(disk, replay, recovered),
  };
}

/** What replaying a log has given. */
export interface ReplayedLog {
  readonly replay: Replay;
  readonly recovered: RecoveredLog;
  readonly snapshotLsn: number;
  readonly files: number;
  readonly bytes: number;
}

export interface ReplayOptions {
  onProgress(doneBytes: number, totalBytes: number): void;
  /** Whether to go on where a start would refuse, with what can be read. */
  readonly acceptDataLoss: boolean;
}

/**
 * The broker's state at the log's end, by the newest snapshot and the log behind it.
 * @throws KliteError as a start would.
 */
export async function replayLog(
  disk: Disk,
  clock: Clock,
  { logId, firstLsn }: DataIdentity,
  { onProgress, acceptDataLoss }: ReplayOptions,
): Promise<ReplayedLog> {
  const snapshot = new SnapshotStore(disk, SNAPSHOT_DIRECTORY).load();
  const snapshotLsn = snapshot?.lsn ?? 0;
  const replay = new Replay(snapshot, clock);
  const files = disk.list(LOG_DIRECTORY).map((name) => disk.look(`${LOG_DIRECTORY}/${name}`)?.sizeBytes ?? 0);
  const bytes = files.reduce((sum, each) => sum + each, 0);
  let fromLsn = -1;
  const recovered = await recoverLog({
    ...{ disk, directory: LOG_DIRECTORY, logId, firstLsn, snapshotLsn, checksum: crc32c, acceptDataLoss },
    wholeKind: EntryKind.MARKS,
    skipsBelowSnapshot: true,
    onEntry: (entry) => {
      if (fromLsn < 0) fromLsn = entry.lsn;
      onProgress(Math.min(entry.lsn - fromLsn, bytes), bytes);
      replay.entry(entry);
    },
  });
  onProgress(bytes, bytes);
  return { replay, recovered, snapshotLsn, files: files.length, bytes };
}

/** What cannot be read of a log, and what is missing for it, a sentence each. */
export function replayProblems(disk: Disk, replay: Replay, { damaged, lost }: RecoveredLog): string[] {
  const unreadable = damaged.map(({ path, positionBytes, fromLsn, toLsn }) =>
    `${disk.root}/${path} cannot be read at byte ${positionBytes} (LSN ${fromLsn} to ${toLsn}).`
  );
  const given = lost.map(({ fromLsn, toLsn }) => `The log cannot be read from LSN ${fromLsn} to ${toLsn}.`);
  const incomplete = replay.incomplete(damaged).map(({ name, log }) =>
    `${name} has the offsets ${log.logStartOffset} to ${
      log.logEndOffset - 1
    }, and neither log nor objects hold all of them.`
  );
  return [...unreadable, ...given, ...incomplete];
}
