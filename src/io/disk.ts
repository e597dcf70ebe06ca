/**
 * One open file. Positions and lengths are bytes.
 *
 * Failures are {@link KliteError}s: `DISK_FULL` when there is no room,
 * `DISK_FAILED` for anything else.
 */
export interface DiskFile {
  /** Path below the disk's root, for messages. */
  readonly path: string;
  sizeBytes(): number;
  /** Writes all of `bytes` at `position`, synchronously. Not durable until {@link sync}. */
  writeAtSync(bytes: Uint8Array, position: number): void;
  /** The same off the event loop; `bytes` must not change meanwhile. */
  writeAt(bytes: Uint8Array, position: number): Promise<void>;
  /** Writes `length` zeros at `position`, off the event loop: the same as {@link writeAt}, for less. */
  writeZeros(length: number, position: number): Promise<void>;
  /**
   * Writes all of `bytes` at `position` and makes them durable, off the event loop: cheapest when position and length
   * are multiples of 4096 and the file has that place already. Bytes may change meanwhile: each 4096 of them are
   * written as they are at some moment. No other write may touch the same place, nor one by {@link writeAtSync}.
   */
  writeThrough(bytes: Uint8Array, position: number): Promise<void>;
  /** Fills `into` from `position`; answers the bytes read, short only at the end of the file. */
  readAtSync(into: Uint8Array, position: number): number;
  /** The same off the event loop. Calls may overlap. */
  readAt(into: Uint8Array, position: number): Promise<number>;
  /**
   * Makes every write that returned before this call durable (fdatasync), off the
   * event loop. After a failure the file's unsynced content is unknown.
   */
  sync(): Promise<void>;
  close(): void;
}

/** How a file is opened. */
export interface OpenOptions {
  /** Makes it when absent; else absence is `NOT_FOUND`. */
  readonly create?: boolean;
  /** What is read will not be wanted again soon, so it need not be kept in the system's memory. */
  readonly isReadOnce?: boolean;
}

/** What a disk knows of a file without opening it. */
export interface DiskEntry {
  readonly isDirectory: boolean;
  readonly sizeBytes: number;
  /** When its content was last written: wall clock, ms since the epoch. */
  readonly modifiedMs: number;
  /** Another one than that of any other file that exists at the same time; stays over renames. */
  readonly fileId: number;
}

/** A held lock on a data directory. */
export interface DiskLock {
  release(): void;
}

/**
 * A directory tree of files below one root (the data directory). Paths are
 * relative and use `/`; the root itself is `.`.
 */
export interface Disk {
  /** Where this is, for messages to the operator. */
  readonly root: string;
  /** Opens for reading and writing. */
  open(path: string, options?: OpenOptions): DiskFile;
  exists(path: string): boolean;
  /** `null` when there is nothing of that name. */
  look(path: string): DiskEntry | null;
  /** Names (not paths) of the entries in a directory, sorted; empty when there is no directory of that name. */
  list(path: string): string[];
  /** With the directories above it; one that exists is no error. */
  makeDir(path: string): void;
  /** Removes a directory unless something is in it; answers whether it is gone. Durable after {@link syncDir} of the one above. */
  removeDir(path: string): boolean;
  /** Atomically replaces `to`. Durable after {@link syncDir} of the directory. */
  rename(from: string, to: string): void;
  /** Deletes a file; absence is not an error. */
  remove(path: string): void;
  /** The same off the event loop: to free the place of a large file takes a system milliseconds. Absence is no error here, either. */
  discard(path: string): Promise<void>;
  /** Makes creations, renames and removals in a directory durable. */
  syncDir(path: string): Promise<void>;
  /** Takes the exclusive lock on the file `path`, made when absent; `LOCKED` when another process holds it. */
  lock(path: string): DiskLock;
}
