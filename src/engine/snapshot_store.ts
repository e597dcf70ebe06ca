import { concatBytes } from "../base/bytes.ts";
import { crc32c } from "../base/crc32c.ts";
import { KliteError } from "../base/klite_error.ts";
import type { ClusterSnapshot } from "../cluster/mod.ts";
import { readWholeFile, writeFileAtomically } from "../io/atomic_file.ts";
import type { Disk } from "../io/disk.ts";
import type { PartitionLogSnapshot } from "../log/mod.ts";

/** 3 has the objects of partitions, which 2 has none of. Others are refused: they hold less than is needed, or more than is known. */
export const SNAPSHOT_FORMAT = 3;
const FORMATS_READ: readonly number[] = [2, SNAPSHOT_FORMAT];

/** The broker's state as of an LSN: everything that replay would give up to there. */
export interface BrokerSnapshot {
  readonly format: number;
  readonly lsn: number;
  readonly cluster: ClusterSnapshot;
  readonly logs: readonly PartitionLogSnapshot[];
}

/** A snapshot as it lies on disk. */
export interface SnapshotFile {
  readonly lsn: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** The newest and one to fall back on. */
const SNAPSHOTS_KEPT = 2;
/** Eight hex digits and a line feed. */
const SUM_BYTES = 9;
/** Characters of text that are made in one go: about a millisecond. */
const TEXT_AT_A_TIME = 65_536;
/** Items of a list that become text together: partitions, groups, transactions. */
const ITEMS_AT_A_TIME = 20;
/** All that can be long lies so deep: `cluster.offsets.groups` is a list. */
const LEVELS_IN_PARTS = 4;
const UNFINISHED = /^snapshot-\d{16}\.json\.new$/;
const NAME = /^snapshot-(\d{16})\.json$/;

/**
 * Snapshots as files: a line with the CRC-32C of the rest (8 hex digits), then
 * JSON. Written beside, synced and renamed, so a file of that name is whole; the
 * sum finds one that rotted since.
 */
export class SnapshotStore {
  readonly #disk: Disk;
  readonly #directory: string;
  /** Names of files that have rotted; removed with the next save, and no reason to need less of the log. */
  readonly #unreadable = new Set<string>();

  /** `directory` is a name in the disk's root. */
  constructor(disk: Disk, directory: string) {
    this.#disk = disk;
    this.#directory = directory;
  }

  /**
   * The newest readable snapshot, `null` when there has never been one.
   * @throws KliteError DATA_DAMAGED when there are some and none can be read, INCOMPATIBLE when it is of another format.
   */
  load(): BrokerSnapshot | null {
    const names = this.#names();
    for (const name of names.toReversed()) {
      const snapshot = this.#read(`${this.#directory}/${name}`);
      if (snapshot !== null) return snapshot;
      this.#unreadable.add(name);
    }
    if (names.length === 0) return null;
    throw new KliteError(
      "DATA_DAMAGED",
      `None of the ${names.length} snapshots in ${this.#disk.root}/${this.#directory} can be read. ` +
        "Restore the data directory from a copy.",
    );
  }

  /**
   * Makes `snapshot` the newest, durably, and removes those that are no longer kept. `pause` is awaited now and then
   * while it becomes text: with thousands of partitions or groups that is too long a time to let others wait.
   */
  async save(snapshot: BrokerSnapshot, pause: () => Promise<void>): Promise<void> {
    const bytes = await textOf(snapshot, pause);
    await this.#makeDirectory();
    this.#removeUnfinished();
    const name = `snapshot-${String(snapshot.lsn).padStart(16, "0")}.json`;
    await writeFileAtomically(this.#disk, this.#directory, name, bytes);
    this.#unreadable.delete(name);
    const outdated = [...this.#unreadable, ...this.#names().slice(0, -SNAPSHOTS_KEPT)];
    for (const old of outdated) this.#disk.remove(`${this.#directory}/${old}`);
    this.#unreadable.clear();
  }

  /** Replay may have to start here: the log below is not needed. 0 while there is nothing to fall back on. */
  oldestLsn(): number {
    const names = this.#names();
    return names.length < SNAPSHOTS_KEPT ? 0 : Number(NAME.exec(names[0] ?? "")?.[1] ?? 0);
  }

  /** Files that were found damaged, and have not been replaced yet. */
  get damaged(): string[] {
    return Array.from(this.#unreadable, (name) => `${this.#disk.root}/${this.#directory}/${name}`);
  }

  /** The newest whole one as it lies on disk; `null` when there is none. */
  newestFile(): SnapshotFile | null {
    for (const name of this.#names().toReversed()) {
      const bytes = readWholeFile(this.#disk, `${this.#directory}/${name}`);
      if (isWholeSnapshot(bytes)) return { lsn: Number(NAME.exec(name)?.[1]), bytes };
      this.#unreadable.add(name);
    }
    return null;
  }

  /** Reads all of them; answers which are damaged. */
  check(): string[] {
    for (const name of this.#names()) {
      if (!isWholeSnapshot(readWholeFile(this.#disk, `${this.#directory}/${name}`))) {
        this.#unreadable.add(name);
      }
    }
    return this.damaged;
  }

  /** A new directory has a name only once its parent, the root, is durable. */
  async #makeDirectory(): Promise<void> {
    if (this.#disk.exists(this.#directory)) return;
    this.#disk.makeDir(this.#directory);
    await this.#disk.syncDir(".");
  }

  /** What a crash in the middle of a save has left: of another name than this one's, so nobody would. */
  #removeUnfinished(): void {
    for (const name of this.#disk.list(this.#directory)) {
      if (UNFINISHED.test(name)) this.#disk.remove(`${this.#directory}/${name}`);
    }
  }

  #names(): string[] {
    return this.#disk.list(this.#directory).filter((name) => NAME.test(name) && !this.#unreadable.has(name));
  }

  #read(path: string): BrokerSnapshot | null {
    return parseSnapshot(readWholeFile(this.#disk, path), `${this.#disk.root}/${path}`);
  }
}

/**
 * A snapshot from the bytes of its file or object, `null` when they are damaged. `where` is for messages.
 * @throws KliteError INCOMPATIBLE when it is of another format.
 */
export function parseSnapshot(bytes: Uint8Array, where: string): BrokerSnapshot | null {
  if (!isWholeSnapshot(bytes)) return null;
  const snapshot: BrokerSnapshot = JSON.parse(new TextDecoder().decode(bytes.subarray(SUM_BYTES)));
  if (FORMATS_READ.includes(snapshot.format)) return snapshot;
  throw new KliteError(
    "INCOMPATIBLE",
    `${where} is a snapshot of format ${snapshot.format}, and this klite reads the formats ` +
      `${FORMATS_READ.join(" and ")}. Start the version of klite that wrote it.`,
  );
}

/** Whether a snapshot's bytes are those that were written. */
export function isWholeSnapshot(bytes: Uint8Array): boolean {
  const sum = new TextDecoder().decode(bytes.subarray(0, SUM_BYTES));
  return bytes.length >= SUM_BYTES && sum === sumLine(bytes);
}

function sumLine(bytes: Uint8Array): string {
  return `${crc32c(bytes, SUM_BYTES, bytes.length).toString(16).padStart(8, "0")}\n`;
}

/** The sum's line and the JSON behind it. */
async function textOf(
  snapshot: BrokerSnapshot,
  pause: () => Promise<void>,
): Promise<Uint8Array<ArrayBuffer>> {
  const encoder = new TextEncoder();
  // Room for the sum first, which the sum does not cover.
  const pieces = [encoder.encode("00000000\n")];
  let text = "";
  for (const part of jsonParts(snapshot, LEVELS_IN_PARTS)) {
    text += part;
    if (text.length < TEXT_AT_A_TIME) continue;
    pieces.push(encoder.encode(text));
    text = "";
    await pause();
  }
  pieces.push(encoder.encode(text));
  const bytes = concatBytes(pieces);
  bytes.set(encoder.encode(sumLine(bytes)));
  return bytes;
}

/** What `JSON.stringify` makes of plain data, in parts: lists and objects are taken apart so many levels deep. */
function* jsonParts(value: unknown, levels: number): Generator<string> {
  if (levels === 0 || typeof value !== "object" || value === null) {
    yield JSON.stringify(value);
  } else if (Array.isArray(value)) {
    for (let from = 0; from < value.length; from += ITEMS_AT_A_TIME) {
      const items = JSON.stringify(value.slice(from, from + ITEMS_AT_A_TIME)).slice(1, -1);
      yield from === 0 ? `[${items}` : `,${items}`;
    }
    yield value.length === 0 ? "[]" : "]";
  } else {
    let before = "{";
    for (const [key, inner] of Object.entries(value)) {
      yield `${before}${JSON.stringify(key)}:`;
      yield* jsonParts(inner, levels - 1);
      before = ",";
    }
    yield before === "{" ? "{}" : "}";
  }
}
