import assert from "node:assert/strict";
import { crc32c } from "../../src/base/crc32c.ts";
import { SimClock } from "../../src/io/sim/clock.ts";
import { SimDisk } from "../../src/io/sim/disk.ts";
import { SimRandom } from "../../src/io/sim/random.ts";
import {
  emptyHeader,
  ENTRY_HEADER_BYTES,
  entryBytes,
  FIRST_LSN,
  openWal,
  readHeader,
  type RecoveredEntry,
  type RecoveredLog,
  recoverLog,
  SCAN_PAYLOAD_BYTES,
  type Wal,
} from "../../src/wal/mod.ts";

const DIRECTORY = "wal";
/** Payloads are cut out of so many random bytes. */
const POOL_BYTES = 128 << 10;
const pool = new SimRandom(1).bytes(POOL_BYTES);

/** An entry as it was appended. */
export interface ModelEntry {
  readonly lsn: number;
  readonly stream: number;
  readonly kind: number;
  readonly payload: Uint8Array;
  /** All of the payload's first bytes that a scan verifies. */
  readonly prefixBytes: number;
}

/** How a log is set up in one life of the process. */
export interface LifeOptions {
  readonly segmentBytes: number;
  readonly memoryBytes: number;
  readonly maxDiskBytes: number;
  readonly reserveBytes: number;
  readonly syncIntervalMs: number;
}

/**
 * A log on a simulated disk through many lives, beside a model that knows what was appended and
 * acknowledged. After each recovery the two must agree: nothing acknowledged is lost or changed,
 * nothing is invented, and what was not acknowledged survives as a prefix at most.
 */
export class WalWorld {
  readonly random: SimRandom;
  readonly logId: Uint8Array;
  clock = new SimClock();
  disk: SimDisk;
  /** Appended entries in order, from the oldest that may still be held. */
  model: ModelEntry[] = [];
  /** All below has been told to be durable. */
  durableLsn = 0;
  /** What a snapshot covers: replay begins there. */
  snapshotLsn = 0;
  /** All below may have been given up. */
  freedLsn = 0;
  /** What was told to be durable in this life, commit by commit. */
  commits: number[] = [];
  failures: unknown[] = [];
  /** Whether the disk was made to lie. */
  hasDamage = false;
  wal: Wal | null = null;
  /** LSNs of the entries that the last recovery told. */
  #told: number[] = [];

  constructor(seed: number) {
    this.random = new SimRandom(seed);
    this.logId = this.random.bytes(16);
    this.disk = new SimDisk({ clock: this.clock, random: this.random.fork() });
  }

  /** Recovers and checks against the model, without changing anything. */
  async recover(): Promise<RecoveredLog> {
    const recovered = await this.recoverUnchecked(false);
    const told = this.#told;
    const gone = this.model.find(({ lsn }) => lsn >= this.freedLsn && lsn < recovered.oldestLsn);
    assert.equal(gone, undefined, "only what was freed is gone");
    const held = this.model.filter(({ lsn }) => lsn >= recovered.oldestLsn);
    assert.deepEqual(
      told,
      held.slice(0, told.length).map(({ lsn }) => lsn),
      "told in order, and none left out",
    );
    const next = held[told.length];
    if (next !== undefined) {
      assert.ok(next.lsn >= this.durableLsn, `entry ${next.lsn} is lost: durable was ${this.durableLsn}`);
    }
    return recovered;
  }

  /** Recovers and checks only that what is told was appended. */
  recoverUnchecked(acceptDataLoss: boolean): Promise<RecoveredLog> {
    this.#told = [];
    const byLsn = new Map(this.model.map((entry) => [entry.lsn, entry]));
    return recoverLog({
      ...this.#logOptions(),
      snapshotLsn: this.snapshotLsn,
      acceptDataLoss,
      onEntry: (entry) => {
        this.#checkEntry(entry, byLsn.get(entry.lsn));
        this.#told.push(entry.lsn);
      },
    });
  }

  /** Begins to write to the recovered log; from then on the model is what was told. */
  async open(recovered: RecoveredLog, options: LifeOptions): Promise<Wal> {
    this.failures = [];
    const told = new Set(this.#told);
    this.commits = [];
    let begun = false;
    const wal = await openWal(recovered, {
      ...this.#logOptions(),
      ...options,
      clock: this.clock,
      random: this.random.fork(),
      onDurable: (lsn) => {
        assert.deepEqual(this.failures, [], "nothing is acknowledged after a failure");
        assert.ok(!begun || lsn > this.durableLsn, "the durable LSN only grows");
        if (!begun) this.model = this.model.filter(({ lsn }) => lsn < recovered.oldestLsn || told.has(lsn));
        begun = true;
        this.durableLsn = lsn;
        this.commits.push(lsn);
      },
      onFailure: (error) => this.failures.push(error),
    });
    assert.ok(begun && wal.durableLsn >= recovered.startLsn, "what recovery told is durable");
    this.wal = wal;
    return wal;
  }

  /** Appends in one of the ways there are, or begins and thinks better of it; false when refused. */
  append(payload: Uint8Array): boolean {
    const { wal, random } = this;
    assert.ok(wal !== null);
    const stream = random.below(1000);
    const kind = 1 + random.below(255);
    let prefixBytes = 0;
    let lsn: number;
    const isUrgent = random.chance(0.1);
    if (random.chance(0.3)) lsn = wal.append(stream, kind, payload, isUrgent);
    else {
      const position = wal.begin(payload.length, isUrgent);
      if (position === -1) return false;
      wal.image.set(payload, position);
      if (random.chance(0.05)) return true;
      prefixBytes = Math.min(payload.length, random.below(80));
      const bodyStart = random.below(prefixBytes + 1);
      lsn = wal.end(stream, kind, prefixBytes, crc32c(payload, bodyStart, payload.length), bodyStart);
    }
    if (lsn === -1) return false;
    assert.equal(wal.endLsn, lsn + entryBytes(payload.length));
    assert.ok(lsn > (this.model.at(-1)?.lsn ?? 0), "LSNs grow");
    this.model.push({ lsn, stream, kind, payload, prefixBytes });
    return true;
  }

  someBytes(length: number): Uint8Array {
    const start = this.random.below(POOL_BYTES - length);
    return pool.subarray(start, start + length);
  }

  pause(durationMs: number): Promise<void> {
    return new Promise((resolve) => void this.clock.setTimer(durationMs, resolve));
  }

  /** Reads a held entry back, from memory or from the disk. */
  async checkRead(entry: ModelEntry): Promise<void> {
    const { wal } = this;
    assert.ok(wal !== null);
    const length = ENTRY_HEADER_BYTES + entry.payload.length;
    const view = wal.view(entry.lsn, length);
    if (view !== null) this.#checkBytes(view, entry);
    const into = new Uint8Array(length);
    assert.equal(await wal.read(entry.lsn, into), length);
    // A body below the snapshot is verified by whoever reads it.
    if (this.hasDamage) return;
    this.#checkBytes(into, entry);
  }

  /** A snapshot of the durable state: replay begins there from now on. */
  takeSnapshot(): void {
    this.snapshotLsn = Math.max(this.durableLsn, FIRST_LSN);
  }

  free(lsn: number): void {
    this.freedLsn = Math.max(this.freedLsn, lsn);
    this.wal?.free(lsn);
  }

  /** The process and perhaps the machine stop at once. */
  async crash(powerCut: boolean): Promise<void> {
    await this.clock.settle();
    this.clock = new SimClock(this.clock.monotonicMs());
    const options = { clock: this.clock, random: this.random.fork() };
    this.disk = powerCut ? this.disk.powerCut(options) : this.disk.restart(options);
    this.wal = null;
  }

  /** A sum over the time and all bytes on the disk: two runs of one seed agree in it. */
  digest(): string {
    const sums = this.disk.list(DIRECTORY).map((name) => {
      const file = this.disk.open(`${DIRECTORY}/${name}`);
      const bytes = new Uint8Array(file.sizeBytes());
      file.readAtSync(bytes, 0);
      file.close();
      return `${name}:${crc32c(bytes, 0, bytes.length)}`;
    });
    return `${this.clock.monotonicMs()} ms, ${sums.join(" ")}`;
  }

  #logOptions() {
    return { disk: this.disk, directory: DIRECTORY, logId: this.logId, checksum: crc32c };
  }

  #checkEntry(entry: RecoveredEntry, model: ModelEntry | undefined): void {
    assert.ok(model !== undefined, `entry ${entry.lsn} was never appended, or had been lost before`);
    assert.equal(entry.lsn, model.lsn);
    assert.equal(entry.stream, model.stream);
    assert.equal(entry.kind, model.kind);
    assert.equal(entry.payloadLength, model.payload.length);
    assert.equal(entry.replay, entry.lsn >= this.snapshotLsn);
    const length = entry.replay ? model.payload.length : Math.min(model.payload.length, SCAN_PAYLOAD_BYTES);
    assert.equal(entry.payload.length, length);
    const verified = entry.replay ? length : Math.min(length, model.prefixBytes);
    assertSameBytes(entry.payload.subarray(0, verified), model.payload.subarray(0, verified), entry.lsn);
  }

  #checkBytes(bytes: Uint8Array, entry: ModelEntry): void {
    const header = emptyHeader();
    readHeader(new DataView(bytes.buffer, bytes.byteOffset), 0, header);
    assert.equal(header.lsn, entry.lsn);
    assert.equal(header.payloadLength, entry.payload.length);
    assertSameBytes(bytes.subarray(ENTRY_HEADER_BYTES), entry.payload, entry.lsn);
  }
}

function assertSameBytes(actual: Uint8Array, expected: Uint8Array, lsn: number): void {
  let same = 0;
  if (actual.length === expected.length) {
    while (same < actual.length && actual[same] === expected[same]) same++;
  }
  assert.ok(same === expected.length, `the bytes of entry ${lsn} are not what was appended`);
}
