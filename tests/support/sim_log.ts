import { crc32c } from "../../src/base/crc32c.ts";
import { SimClock } from "../../src/io/sim/clock.ts";
import { SimDisk } from "../../src/io/sim/disk.ts";
import { SimRandom } from "../../src/io/sim/random.ts";
import {
  ENTRY_HEADER_BYTES,
  openWal,
  type RecoveredEntry,
  type RecoveredLog,
  recoverLog,
  type RecoverOptions,
  type Wal,
  type WalOptions,
} from "../../src/wal/mod.ts";

export const SEGMENT_BYTES = 64 << 10;

/** The payload of an entry that leaves no room for another in its segment. */
export const NEARLY_A_SEGMENT = SEGMENT_BYTES - 64 - ENTRY_HEADER_BYTES;

export function bytes(length: number, fill = 7): Uint8Array {
  return new Uint8Array(length).fill(fill);
}

/** An entry as recovery told it, kept. */
export type ToldEntry = RecoveredEntry;

/** A write-ahead log on a simulated disk, for tests of single behaviours. */
export class SimLog {
  readonly random = new SimRandom(7);
  readonly clock = new SimClock();
  readonly durable: number[] = [];
  readonly failures: unknown[] = [];
  disk = new SimDisk({ clock: this.clock, random: this.random });
  logId = new Uint8Array(16).fill(1);

  async recover(options: Partial<RecoverOptions> = {}): Promise<{ log: RecoveredLog; told: ToldEntry[] }> {
    const told: ToldEntry[] = [];
    const log = await this.clock.run(recoverLog({
      ...this.#logOptions(),
      snapshotLsn: 0,
      onEntry: (entry) => told.push({ ...entry, payload: entry.payload.slice() }),
      ...options,
    }));
    return { log, told };
  }

  /** Recovers and opens. */
  async open(options: Partial<WalOptions> = {}, recovering: Partial<RecoverOptions> = {}): Promise<Wal> {
    const { log } = await this.recover(recovering);
    return await this.clock.run(openWal(log, {
      ...this.#logOptions(),
      clock: this.clock,
      random: this.random,
      segmentBytes: SEGMENT_BYTES,
      memoryBytes: 0,
      maxDiskBytes: 0,
      reserveBytes: 0,
      syncIntervalMs: 0,
      onDurable: (lsn) => this.durable.push(lsn),
      onFailure: (error) => this.failures.push(error),
      ...options,
    }));
  }

  /** Appends and waits until that is durable, also for room when the next segment is just being made. */
  async append(wal: Wal, payload: Uint8Array, kind = 1): Promise<number> {
    let lsn = wal.append(0, kind, payload);
    while (lsn === -1 && wal.refusal === "not_ready") {
      await this.clock.run(wal.whenRoom());
      lsn = wal.append(0, kind, payload);
    }
    if (lsn !== -1) await this.clock.run(wal.whenDurable(wal.endLsn));
    return lsn;
  }

  /** Appends entries that fill a segment each, until refused; answers their LSNs. */
  async fill(wal: Wal, countMax = 20): Promise<number[]> {
    const lsns: number[] = [];
    while (lsns.length < countMax) {
      const lsn = await this.append(wal, bytes(NEARLY_A_SEGMENT));
      if (lsn === -1) break;
      lsns.push(lsn);
    }
    return lsns;
  }

  async powerCut(keep: number): Promise<void> {
    await this.clock.settle();
    this.disk = this.disk.powerCut({ clock: this.clock, random: this.random }, keep);
  }

  /** All bytes of a file as they are now. */
  readFile(path: string): Uint8Array {
    const file = this.disk.open(path);
    const content = new Uint8Array(file.sizeBytes());
    file.readAtSync(content, 0);
    file.close();
    return content;
  }

  #logOptions() {
    return { disk: this.disk, directory: "wal", logId: this.logId, checksum: crc32c };
  }
}
