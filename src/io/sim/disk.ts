import { assert } from "../../base/assert.ts";
import { KliteError } from "../../base/klite_error.ts";
import type { Disk, DiskEntry, DiskFile, DiskLock, OpenOptions } from "../disk.ts";
import type { SimClock } from "./clock.ts";
import { FileTree } from "./file_tree.ts";
import type { Inode } from "./inode.ts";
import type { SimRandom } from "./random.ts";

/** What is going to go wrong. May be changed at any time. */
export interface DiskFaults {
  /** Sum of all file sizes that the disk takes. */
  quotaBytes: number;
  /** That many syncs from now on fail, and forget some of what they were to make durable. */
  syncFailures: number;
  /** That many writes from now on fail. */
  writeFailures: number;
}

export interface SimDiskOptions {
  readonly clock: SimClock;
  readonly random: SimRandom;
}

/**
 * A disk in memory that forgets: what was not synced when the power goes is kept, dropped or torn by
 * chance. Calls off the event loop take simulated time and end in an order that chance decides.
 *
 * One object is one life of the machine: {@link powerCut} and {@link restart} end it and give the
 * next one. Whatever still waits for the old one waits for ever, as in a process that is gone.
 */
export class SimDisk implements Disk {
  readonly root = "sim";
  readonly faults: DiskFaults = { quotaBytes: Infinity, syncFailures: 0, writeFailures: 0 };
  readonly #clock: SimClock;
  readonly #random: SimRandom;
  readonly #tree: FileTree;
  readonly #locks = new Set<string>();
  #alive = true;

  constructor(options: SimDiskOptions, tree = new FileTree()) {
    this.#clock = options.clock;
    this.#random = options.random;
    this.#tree = tree;
  }

  /** The power goes and comes back. `keep` is how likely an unsynced write has reached the platter. */
  powerCut(options: SimDiskOptions, keep = this.#random.unit()): SimDisk {
    this.#alive = false;
    return new SimDisk(options, this.#tree.afterPowerCut(this.#random, keep));
  }

  /** The process is killed; the system lives on, with all that is in its cache. */
  restart(options: SimDiskOptions): SimDisk {
    this.#alive = false;
    return new SimDisk(options, this.#tree);
  }

  open(path: string, options: OpenOptions = {}): DiskFile {
    this.#check();
    const inode = this.#tree.file(path) ?? (options.create ? this.#create(path) : null);
    if (inode === null) throw new KliteError("NOT_FOUND", `cannot open ${this.root}/${path}: no such file`);
    return new SimFile(path, inode, this);
  }

  exists(path: string): boolean {
    this.#check();
    return this.#tree.has(path);
  }

  look(path: string): DiskEntry | null {
    this.#check();
    const inode = this.#tree.file(path);
    if (inode !== null) {
      const { sizeBytes, modifiedMs, id } = inode;
      return { isDirectory: false, sizeBytes, modifiedMs, fileId: id };
    }
    if (!this.#tree.hasDirectory(path)) return null;
    return { isDirectory: true, sizeBytes: 0, modifiedMs: 0, fileId: 0 };
  }

  list(path: string): string[] {
    this.#check();
    return this.#tree.list(path);
  }

  makeDir(path: string): void {
    this.#check();
    this.#tree.makeDir(path);
  }

  removeDir(path: string): boolean {
    this.#check();
    return this.#tree.removeDir(path);
  }

  rename(from: string, to: string): void {
    this.#check();
    const inode = this.#tree.file(from);
    if (inode === null) throw new KliteError("NOT_FOUND", `cannot rename ${this.root}/${from}: no such file`);
    this.#tree.rename(from, to, inode);
  }

  remove(path: string): void {
    this.#check();
    this.#tree.remove(path);
  }

  discard(path: string): Promise<void> {
    this.#check();
    return this.later(this.transferDelayMs(), () => this.#tree.remove(path));
  }

  syncDir(path: string): Promise<void> {
    this.#check();
    const { changes } = this.#tree;
    return this.later(this.syncDelayMs(), () => this.#tree.sync(path, changes));
  }

  lock(path: string): DiskLock {
    this.#check();
    if (this.#locks.has(path)) throw new KliteError("LOCKED", `${this.root}/${path} is locked`);
    this.#locks.add(path);
    return { release: () => void this.#locks.delete(path) };
  }

  /** Turns one bit of a file, synced or not. */
  flipBit(path: string, position: number, bit: number): void {
    const inode = this.#tree.file(path);
    assert(inode !== null, `there is no ${path}`);
    inode.flipBit(position, bit);
  }

  /** Does `action` after a while, unless this life has ended by then. For the disk's files. */
  later<T>(delayMs: number, action: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#clock.setTimer(delayMs, () => {
        if (!this.#alive) return;
        try {
          resolve(action());
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  syncDelayMs(): number {
    return 0.1 + this.#random.unit() * (this.#random.chance(0.05) ? 60 : 4);
  }

  transferDelayMs(): number {
    return 0.02 + this.#random.unit() * 0.5;
  }

  /** Lets a write through, or throws what hinders it; part of it may have happened then. */
  write(inode: Inode, path: string, bytes: Uint8Array, position: number): void {
    this.#check();
    if (this.faults.writeFailures > 0) {
      this.faults.writeFailures--;
      throw new KliteError("DISK_FAILED", `cannot write ${this.root}/${path}: input/output error`);
    }
    const growthBytes = Math.max(0, position + bytes.length - inode.sizeBytes);
    const freeBytes = this.faults.quotaBytes - this.#tree.usedBytes;
    if (growthBytes > 0 && growthBytes > freeBytes) {
      const fittingBytes = bytes.length - growthBytes + Math.max(0, freeBytes);
      if (this.#random.chance(0.5) && fittingBytes > 0) {
        inode.write(bytes.subarray(0, fittingBytes), position, this.#clock.nowMs());
      }
      throw new KliteError("DISK_FULL", `cannot write ${this.root}/${path}: no space left`, {
        retriable: true,
      });
    }
    inode.write(bytes, position, this.#clock.nowMs());
  }

  /** A sync of a file: of what was written before it was called. */
  sync(inode: Inode, path: string): Promise<void> {
    this.#check();
    const mark = inode.writtenCount;
    return this.later(this.syncDelayMs(), () => {
      if (this.faults.syncFailures === 0) return inode.sync(mark);
      this.faults.syncFailures--;
      inode.forgetSome(this.#random);
      throw new KliteError("DISK_FAILED", `cannot sync ${this.root}/${path}: input/output error`);
    });
  }

  #create(path: string): Inode {
    const slash = path.lastIndexOf("/");
    const parent = slash === -1 ? "." : path.slice(0, slash);
    if (this.#tree.hasDirectory(parent)) return this.#tree.create(path, this.#clock.nowMs());
    throw new KliteError("NOT_FOUND", `cannot create ${this.root}/${path}: no such directory`);
  }

  #check(): void {
    assert(this.#alive, "a disk is used after its life has ended");
  }
}

class SimFile implements DiskFile {
  readonly path: string;
  readonly #inode: Inode;
  readonly #disk: SimDisk;
  #isOpen = true;

  constructor(path: string, inode: Inode, disk: SimDisk) {
    this.path = path;
    this.#inode = inode;
    this.#disk = disk;
  }

  sizeBytes(): number {
    return this.#use().sizeBytes;
  }

  writeAtSync(bytes: Uint8Array, position: number): void {
    this.#disk.write(this.#use(), this.path, bytes, position);
  }

  writeAt(bytes: Uint8Array, position: number): Promise<void> {
    const inode = this.#use();
    return this.#disk.later(
      this.#disk.transferDelayMs(),
      () => this.#disk.write(inode, this.path, bytes, position),
    );
  }

  writeZeros(length: number, position: number): Promise<void> {
    return this.writeAt(new Uint8Array(length), position);
  }

  async writeThrough(bytes: Uint8Array, position: number): Promise<void> {
    await this.writeAt(bytes, position);
    await this.sync();
  }

  readAtSync(into: Uint8Array, position: number): number {
    return this.#use().read(into, position);
  }

  readAt(into: Uint8Array, position: number): Promise<number> {
    const inode = this.#use();
    return this.#disk.later(this.#disk.transferDelayMs(), () => inode.read(into, position));
  }

  sync(): Promise<void> {
    return this.#disk.sync(this.#use(), this.path);
  }

  close(): void {
    this.#use();
    this.#isOpen = false;
  }

  #use(): Inode {
    assert(this.#isOpen, "a closed file is used");
    return this.#inode;
  }
}
