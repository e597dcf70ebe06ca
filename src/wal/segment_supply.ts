import { KliteError } from "../base/klite_error.ts";
import type { Clock, Timer } from "../io/clock.ts";
import type { Disk } from "../io/disk.ts";
import type { Refusal } from "./contract.ts";
import { Segment, type SegmentFiles } from "./segment.ts";

/** A log at rest keeps so many freed segments, or an eighth of what it may take: making new ones is dear. */
const SPARE_COUNT_AT_REST = 2;
const SPARE_PART_AT_REST = 1 / 8;
/** What a log without a bound keeps at rest, bytes. */
const SPARE_BYTES_UNBOUNDED = 128 << 20;
/** Beyond those it keeps what is taken in so many intervals. */
const INTERVALS_AHEAD = 4;
/** How often one of the others is given back: slowly, as freeing its place keeps a disk busy. */
const GIVE_BACK_INTERVAL_MS = 1000;
/** Bytes of one write of zeros: short enough not to hold up a commit behind it. */
export const ZEROS_BYTES = 256 << 10;
/** Pause between two of them, so that few commits wait behind one. */
const ZEROS_PAUSE_MS = 3;
/** There is time for pauses while so many times as many bytes are zeroed as of the segment in use are taken. */
const ZEROS_LEAD_FACTOR = 2;
/** Bytes of one write of zeros when there is no time: fewer writes are cheaper. */
const HURRIED_ZEROS_BYTES = 512 << 10;
/** How often a full disk is tried again. */
const DISK_FULL_RETRY_MS = 1000;

export interface SupplyOptions {
  readonly disk: Disk;
  readonly directory: string;
  readonly files: SegmentFiles;
  readonly clock: Clock;
  readonly segmentBytes: number;
  readonly maxDiskBytes: number;
  /** Number in the name of the next new file. */
  readonly nextSlot: number;
  /** How much of the segment in use is taken, bytes; infinite when there is none. */
  usedBytes(): number;
  /** The header of a spare segment of that size. */
  spareHeader(capacityBytes: number): Uint8Array;
  /** A segment has become ready, or is not going to be: see `refusal`. */
  onChange(): void;
  onFailure(error: unknown): void;
}

/**
 * Makes the next segments ready in the background, so that rolling over does no I/O: new files are
 * written full of zeros, freed ones are marked as spare. One thing at a time and in order, each
 * durable before the next begins: at any moment the live segments on disk are an unbroken chain.
 */
export class SegmentSupply {
  readonly #options: SupplyOptions;
  readonly #ready: Segment[] = [];
  readonly #retiring: Segment[] = [];
  #nextSlot: number;
  #diskBytes = 0;
  #diskIsFull = false;
  /** Somebody who may exceed the bound needs a segment. */
  #isUrgent = false;
  /** The background work; true while it has not seen that there is nothing left. */
  #working = false;
  #work: Promise<void> = Promise.resolve();
  #retry: Timer | null = null;
  /** A segment was asked for and was not there: somebody waits. */
  #isAwaited = false;
  #endPause: (() => void) | null = null;
  readonly #spareAtRest: number;
  /** Runs while there are more spare segments than a log at rest keeps. */
  #giveBack: Timer | null = null;
  /** Segments taken since {@link #giveBack} was set. */
  #taken = 0;
  #hasTooMany = false;
  /** Others need the room on the disk. */
  #isShrinking = false;
  #closed = false;

  constructor(options: SupplyOptions) {
    this.#options = options;
    this.#nextSlot = options.nextSlot;
    const { maxDiskBytes, segmentBytes } = options;
    const atRestBytes = maxDiskBytes === 0 ? SPARE_BYTES_UNBOUNDED : maxDiskBytes * SPARE_PART_AT_REST;
    this.#spareAtRest = Math.max(SPARE_COUNT_AT_REST, Math.floor(atRestBytes / segmentBytes));
  }

  /** Bytes of all segment files, the live ones included. */
  get diskBytes(): number {
    return this.#diskBytes;
  }

  get readyCount(): number {
    return this.#ready.length;
  }

  /** Why there is no segment to take. */
  get refusal(): Refusal {
    if (this.#diskIsFull) return "disk_full";
    const isAtWork = this.#working || this.#retiring.length > 0;
    return isAtWork || this.#isUrgent || this.#budgetAllows() ? "not_ready" : "log_full";
  }

  /** Whether there is more on disk than there may be: then only what is urgent is written. */
  get isBeyondBound(): boolean {
    const { maxDiskBytes } = this.#options;
    return maxDiskBytes !== 0 && this.#diskBytes > maxDiskBytes;
  }

  /** Counts a live file that exists since before the start. */
  adoptLive(segment: Segment): void {
    this.#diskBytes += segment.capacityBytes;
  }

  /** Takes over a spare file that was found, whose mark may not be durable yet: it is marked again. */
  adoptSpare(segment: Segment): void {
    this.#diskBytes += segment.capacityBytes;
    this.#retiring.push(segment);
  }

  /** The next segment, empty and allocated, or `null`: see {@link refusal}. One is made beyond the bound if it is urgent. */
  take(isUrgent: boolean): Segment | null {
    // What was used last is the likeliest to be open, and in the system's memory.
    const segment = this.#ready.pop() ?? null;
    this.#taken++;
    this.#isAwaited = segment === null;
    this.#isUrgent = isUrgent && this.#isAwaited;
    this.kick();
    return segment;
  }

  /** Takes back a live segment, always the oldest, once nobody reads it. */
  retire(segment: Segment): void {
    segment.onIdle = () => this.kick();
    this.#retiring.push(segment);
    this.kick();
  }

  /** Gives back at once what is not in use, but for a few segments. */
  shrink(): void {
    this.#isShrinking = this.#ready.length > SPARE_COUNT_AT_REST;
    this.kick();
  }

  /** Starts background work if there is any and none is running. */
  kick(): void {
    if (!this.#hasTime()) this.#endPause?.();
    if (this.#closed || this.#working || !this.#hasWork()) return;
    // What is freed can be used again at once, however full the disk is.
    if (this.#retry !== null && !this.#canRecycle()) return;
    this.#retry?.cancel();
    this.#retry = null;
    this.#working = true;
    this.#work = this.#run();
  }

  /**
   * Makes one segment ready now, for a start that finds none. It may exceed the bound: what is to be
   * freed can only be freed by a log that has started. Rejects with `DISK_FULL`.
   */
  async prepareNow(): Promise<void> {
    if (this.#canRecycle()) await this.#recycle();
    if (this.#ready.length === 0) await this.#prepare();
  }

  /** Starts nothing more. */
  halt(): void {
    this.#closed = true;
    this.#retry?.cancel();
    this.#retry = null;
    this.#giveBack?.cancel();
    this.#giveBack = null;
    this.#endPause?.();
  }

  /** Resolves when the background work has stopped, for good. */
  async close(): Promise<void> {
    this.halt();
    await this.#work;
  }

  #budgetAllows(): boolean {
    const { maxDiskBytes, segmentBytes } = this.#options;
    return maxDiskBytes === 0 || this.#diskBytes + segmentBytes <= maxDiskBytes;
  }

  #canRecycle(): boolean {
    const oldest = this.#retiring[0];
    return oldest !== undefined && !oldest.inUse;
  }

  #canPrepare(): boolean {
    return this.#ready.length === 0 && (this.#isUrgent || this.#budgetAllows());
  }

  #hasWork(): boolean {
    return this.#canRecycle() || this.#canPrepare() || this.#hasTooMany || this.#isShrinking;
  }

  async #run(): Promise<void> {
    try {
      while (!this.#closed && this.#hasWork()) {
        if (this.#canRecycle()) await this.#recycle();
        else if (this.#canPrepare()) await this.#prepare();
        else await this.#giveOneBack();
        this.#diskIsFull = false;
      }
    } catch (error) {
      this.#onTrouble(error);
    } finally {
      this.#working = false;
    }
    // Whoever waits learns also that nothing more comes.
    this.#options.onChange();
  }

  #onTrouble(error: unknown): void {
    const { clock, onFailure } = this.#options;
    if (!(error instanceof KliteError && error.code === "DISK_FULL")) {
      this.#closed = true;
      return onFailure(error);
    }
    this.#diskIsFull = true;
    this.#isUrgent = false;
    if (!this.#closed) this.#retry = clock.setTimer(DISK_FULL_RETRY_MS, () => this.#tryAgain());
  }

  #tryAgain(): void {
    this.#retry = null;
    this.kick();
  }

  /** Marks the oldest freed segment as spare, durably, before anything else happens to its bytes. */
  async #recycle(): Promise<void> {
    const { segmentBytes, spareHeader } = this.#options;
    const segment = this.#retiring[0]!;
    const file = segment.hold();
    try {
      file.writeAtSync(spareHeader(segment.capacityBytes), 0);
      await file.sync();
    } finally {
      segment.onIdle = null;
      segment.release();
    }
    this.#retiring.shift();
    const isSpare = segment.capacityBytes === segmentBytes;
    if (!isSpare || (this.isBeyondBound && !this.#isUrgent)) return await this.#discard(segment);
    this.#addReady(segment);
  }

  #addReady(segment: Segment): void {
    this.#isUrgent = false;
    this.#isAwaited = false;
    this.#ready.push(segment);
    this.#lookAtSpares();
    this.#options.onChange();
  }

  /** Sees to it that what is not going to be needed soon is given back in time. */
  #lookAtSpares(): void {
    if (this.#closed || this.#giveBack !== null || this.#ready.length <= this.#spareAtRest) return;
    this.#taken = 0;
    this.#giveBack = this.#options.clock.setTimer(GIVE_BACK_INTERVAL_MS, () => {
      this.#giveBack = null;
      this.#hasTooMany = this.#ready.length > this.#spareAtRest + INTERVALS_AHEAD * this.#taken;
      if (this.#hasTooMany) this.kick();
      else this.#lookAtSpares();
    });
  }

  async #giveOneBack(): Promise<void> {
    this.#hasTooMany = false;
    const kept = this.#isShrinking ? SPARE_COUNT_AT_REST : this.#spareAtRest;
    const segment = this.#ready.length > kept ? this.#ready.shift() : undefined;
    this.#isShrinking &&= this.#ready.length > kept;
    if (segment !== undefined) await this.#discard(segment);
    this.#lookAtSpares();
  }

  async #discard(segment: Segment): Promise<void> {
    segment.closeFile();
    await this.#options.disk.discard(segment.path);
    this.#diskBytes -= segment.capacityBytes;
  }

  async #prepare(): Promise<void> {
    const { directory, files, segmentBytes } = this.#options;
    const name = String(this.#nextSlot).padStart(8, "0");
    const segment = new Segment(`${directory}/${name}.wal`, segmentBytes, files);
    this.#diskBytes += segmentBytes;
    let done = false;
    try {
      done = await this.#allocate(segment);
    } finally {
      if (!done) await this.#discard(segment);
    }
    if (!done) return;
    this.#nextSlot++;
    this.#addReady(segment);
  }

  /** Whether nothing and nobody waits for the segment that is being made. */
  #hasTime(): boolean {
    return !this.#closed && !this.#isAwaited && !this.#isShrinking && !this.#canRecycle();
  }

  async #pause(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = this.#options.clock.setTimer(ZEROS_PAUSE_MS, resolve);
    this.#endPause = resolve;
    await promise;
    this.#endPause = null;
    timer.cancel();
  }

  /** Writes zeros, then the header: a file with a header has all its blocks. False when closed meanwhile. */
  async #allocate(segment: Segment): Promise<boolean> {
    const { disk, directory, spareHeader, usedBytes } = this.#options;
    const file = segment.hold(true);
    try {
      for (let position = 0; position < segment.capacityBytes;) {
        const leads = position > 0 && position >= ZEROS_LEAD_FACTOR * usedBytes();
        const hasTime = leads && this.#hasTime();
        if (hasTime) await this.#pause();
        if (this.#closed) return false;
        const pieceBytes = hasTime ? ZEROS_BYTES : HURRIED_ZEROS_BYTES;
        const length = Math.min(pieceBytes, segment.capacityBytes - position);
        await file.writeZeros(length, position);
        position += length;
      }
      await file.sync();
      file.writeAtSync(spareHeader(segment.capacityBytes), 0);
      await file.sync();
      await disk.syncDir(directory);
      return true;
    } finally {
      segment.release();
    }
  }
}
