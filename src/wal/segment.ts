import { assert } from "../base/assert.ts";
import type { Disk, DiskFile } from "../io/disk.ts";
import { SEGMENT_HEADER_BYTES } from "./segment_header.ts";

/** Most segment files kept open while nobody uses them. */
const IDLE_FILES_MAX = 16;

/** Opens segment files when they are needed and keeps the ones used last open. */
export class SegmentFiles {
  readonly #disk: Disk;
  /** Segments whose file is open and not used, the longest idle first. */
  readonly #idle = new Set<Segment>();
  #idleMax = IDLE_FILES_MAX;

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  open(path: string, create: boolean): DiskFile {
    return this.#disk.open(path, { create });
  }

  noteUse(segment: Segment): void {
    this.#idle.delete(segment);
  }

  noteIdle(segment: Segment): void {
    this.#idle.add(segment);
    if (this.#idle.size > this.#idleMax) this.#idle.values().next().value?.closeFile();
  }

  /** Closes what is idle, and from now on whatever becomes idle. */
  closeAll(): void {
    this.#idleMax = 0;
    for (const segment of [...this.#idle]) segment.closeFile();
  }
}

/**
 * One segment: its file, its place in the log, and its image while that is in memory.
 *
 * Positions count from the file's start and are the same in file and image. They grow in this
 * order: `durablePosition <= endPosition <= capacityBytes`.
 */
export class Segment {
  baseLsn = 0;
  /** Behind the last entry. */
  endPosition = SEGMENT_HEADER_BYTES;
  /** All before is durable; 0 while not even the header is. */
  durablePosition = 0;
  /** All before has been handed to the system, if more than what is durable. */
  writtenPosition = 0;
  /** Where the newest entry begins, 0 when there is none since the start. */
  lastEntryPosition = 0;
  image: Uint8Array | null = null;
  imageData: DataView | null = null;
  /** The image is filled from here on. */
  imageStart = 0;
  /** Called when the last user lets go of the file. */
  onIdle: (() => void) | null = null;

  readonly #files: SegmentFiles;
  #file: DiskFile | null = null;
  #users = 0;

  constructor(readonly path: string, readonly capacityBytes: number, files: SegmentFiles) {
    this.#files = files;
  }

  get endLsn(): number {
    return this.lsnAt(this.endPosition);
  }

  get inUse(): boolean {
    return this.#users > 0;
  }

  get wholeIsDurable(): boolean {
    return this.durablePosition === this.endPosition;
  }

  positionOf(lsn: number): number {
    return SEGMENT_HEADER_BYTES + (lsn - this.baseLsn);
  }

  lsnAt(position: number): number {
    return this.baseLsn + (position - SEGMENT_HEADER_BYTES);
  }

  setImage(image: Uint8Array | null, start = 0): void {
    this.image = image;
    this.imageData = image === null ? null : new DataView(image.buffer, image.byteOffset, image.length);
    this.imageStart = start;
  }

  /** The file, which stays open and is not recycled until {@link release}. */
  hold(create = false): DiskFile {
    this.#file ??= this.#files.open(this.path, create);
    if (this.#users++ === 0) this.#files.noteUse(this);
    return this.#file;
  }

  release(): void {
    assert(this.#users > 0, "a segment is released as often as it is held");
    if (--this.#users > 0) return;
    this.#files.noteIdle(this);
    this.onIdle?.();
  }

  closeFile(): void {
    assert(this.#users === 0, "a segment's file is closed while it is used");
    this.#files.noteUse(this);
    this.#file?.close();
    this.#file = null;
  }
}
