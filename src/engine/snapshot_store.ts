import { crc32c } from "../base/crc32c.ts";
import { KliteError } from "../base/klite_error.ts";
import type { ClusterSnapshot } from "../cluster/mod.ts";
import type { Disk } from "../io/disk.ts";
import type { PartitionLogSnapshot } from "../log/mod.ts";

/** The broker's state as of an LSN: everything that replay would give up to there. */
export interface BrokerSnapshot {
  readonly format: 1;
  readonly lsn: number;
  readonly cluster: ClusterSnapshot;
  readonly logs: readonly PartitionLogSnapshot[];
}

/** The newest and one to fall back on. */
const SNAPSHOTS_KEPT = 2;
const NAME = /^snapshot-(\d{16})\.json$/;

/**
 * Snapshots as files: a line with the CRC-32C of the rest (8 hex digits), then
 * JSON. Written beside, synced and renamed, so a file of that name is whole; the
 * sum finds one that rotted since.
 */
export class SnapshotStore {
  readonly #disk: Disk;
  readonly #directory: string;

  constructor(disk: Disk, directory: string) {
    this.#disk = disk;
    this.#directory = directory;
  }

  /**
   * The newest readable snapshot, `null` when there has never been one.
   * @throws KliteError DATA_DAMAGED when there are some and none can be read.
   */
  load(): BrokerSnapshot | null {
    const names = this.#names();
    for (const name of names.toReversed()) {
      const snapshot = this.#read(`${this.#directory}/${name}`);
      if (snapshot !== null) return snapshot;
    }
    if (names.length === 0) return null;
    throw new KliteError(
      "DATA_DAMAGED",
      `None of the ${names.length} snapshots in ${this.#disk.root}/${this.#directory} can be read. ` +
        "Restore the data directory from a copy.",
    );
  }

  /** Makes `snapshot` the newest, durably, and removes those that are no longer kept. */
  async save(snapshot: BrokerSnapshot): Promise<void> {
    const body = new TextEncoder().encode(JSON.stringify(snapshot));
    const sum = crc32c(body, 0, body.length).toString(16).padStart(8, "0");
    const name = `snapshot-${String(snapshot.lsn).padStart(16, "0")}.json`;
    const written = `${this.#directory}/${name}.new`;
    this.#disk.makeDir(this.#directory);
    this.#disk.remove(written);
    const file = this.#disk.open(written, { create: true });
    try {
      await file.writeAt(new TextEncoder().encode(`${sum}\n`), 0);
      await file.writeAt(body, sum.length + 1);
      await file.sync();
    } finally {
      file.close();
    }
    this.#disk.rename(written, `${this.#directory}/${name}`);
    await this.#disk.syncDir(this.#directory);
    for (const old of this.#names().slice(0, -SNAPSHOTS_KEPT)) this.#disk.remove(`${this.#directory}/${old}`);
  }

  /** Replay may have to start here: the log below is not needed. 0 while there is nothing to fall back on. */
  oldestLsn(): number {
    const names = this.#names();
    return names.length < SNAPSHOTS_KEPT ? 0 : Number(NAME.exec(names[0] ?? "")?.[1] ?? 0);
  }

  #names(): string[] {
    return this.#disk.list(this.#directory).filter((name) => NAME.test(name));
  }

  #read(path: string): BrokerSnapshot | null {
    const file = this.#disk.open(path);
    try {
      const bytes = new Uint8Array(file.sizeBytes());
      if (file.readAtSync(bytes, 0) !== bytes.length) return null;
      const sum = parseInt(new TextDecoder().decode(bytes.subarray(0, 8)), 16);
      if (bytes[8] !== 0x0a || crc32c(bytes, 9, bytes.length) !== sum) return null;
      return JSON.parse(new TextDecoder().decode(bytes.subarray(9)));
    } finally {
      file.close();
    }
  }
}
