import { assert } from "../base/assert.ts";
import { KliteError } from "../base/klite_error.ts";
import { Committer, PAGE_BYTES } from "./committer.ts";
import type { HeldSegment, LsnRange, Refusal, Wal, WalFigures, WalOptions } from "./contract.ts";
import {
  emptyHeader,
  ENTRY_HEADER_BYTES,
  entryBytes,
  EntrySeal,
  KIND_RUN,
  MAX_PREFIX_BYTES,
  RUN_PAYLOAD_BYTES,
} from "./entry.ts";
import { ImagePool } from "./image_pool.ts";
import type { Segment, SegmentFiles } from "./segment.ts";
import { SEGMENT_HEADER_BYTES, type SegmentHeader, writeSegmentHeader } from "./segment_header.ts";
import { SegmentList } from "./segment_list.ts";
import { SegmentSupply } from "./segment_supply.ts";

/** `#pendingBytes` when no entry has been begun. */
const NONE = -1;

/** Everything the writer takes over from the log as it was found, already made durable. */
export interface WriterStart {
  readonly files: SegmentFiles;
  /** Segments with entries, oldest first. */
  readonly live: Segment[];
  readonly spare: Segment[];
  /** Number in the name of the next new file. */
  readonly nextSlot: number;
  readonly secret: number;
  /** The run in force at the end, and the one to begin. */
  readonly previousRun: number;
  readonly run: number;
  /** Where the log ends, and where it goes on: the same unless a loss was accepted. */
  readonly endLsn: number;
  readonly startLsn: number;
}

/** The writing side of the log: appends in memory, rolls over, answers reads of what it holds. */
export class LogWriter implements Wal {
  readonly #options: WalOptions;
  readonly #start: WriterStart;
  readonly #seal: EntrySeal;
  readonly #supply: SegmentSupply;
  readonly #committer: Committer;
  readonly #images: ImagePool;
  readonly #segments: SegmentList;
  readonly #header = emptyHeader();
  #run: number;
  #current: Segment | null = null;
  #pendingBytes = NONE;
  #refusal: Refusal = "not_ready";
  #stopped = false;
  #room: PromiseWithResolvers<void> | null = null;

  constructor(options: WalOptions, start: WriterStart) {
    this.#options = options;
    this.#start = start;
    this.#seal = new EntrySeal(options.checksum, start.secret);
    this.#segments = new SegmentList(start.live);
    this.#run = start.previousRun;
    const { segmentBytes, memoryBytes } = options;
    const allocate = (bytes: number) => options.allocateImage?.(bytes) ?? new Uint8Array(bytes);
    this.#images = new ImagePool(segmentBytes, Math.max(2, Math.floor(memoryBytes / segmentBytes)), allocate);
    const onFailure = (error: unknown) => this.#fail(error);
    this.#supply = new SegmentSupply({
      disk: options.disk,
      directory: options.directory,
      clock: options.clock,
      segmentBytes,
      maxDiskBytes: options.maxDiskBytes,
      files: start.files,
      nextSlot: start.nextSlot,
      usedBytes: () => this.#current?.endPosition ?? Infinity,
      spareHeader: (capacityBytes) => this.#spareHeader(capacityBytes),
      onChange: () => this.#announceRoom(),
      onFailure,
    });
    for (const segment of start.live) this.#supply.adoptLive(segment);
    for (const segment of start.spare) this.#supply.adoptSpare(segment);
    this.#committer = new Committer({
      clock: options.clock,
      seal: this.#seal,
      syncIntervalMs: options.syncIntervalMs,
      tracer: options.tracer ?? null,
      durableLsn: start.startLsn,
      onDurable: (durableLsn) => {
        options.onDurable(durableLsn);
        this.#announceRoom();
      },
      onFailure,
    });
  }

  get oldestLsn(): number {
    return this.#segments.oldest?.baseLsn ?? this.#start.startLsn;
  }

  get durableLsn(): number {
    return this.#committer.durableLsn;
  }

  get endLsn(): number {
    return this.#current === null ? this.#start.startLsn : this.#current.endLsn;
  }

  get image(): Uint8Array {
    assert(this.#current !== null && this.#current.image !== null, "the image is asked for after begin");
    return this.#current.image;
  }

  get refusal(): Refusal {
    return this.#refusal;
  }

  get liveBytes(): number {
    return this.#segments.bytes;
  }

  get figures(): WalFigures {
    return {
      diskBytes: this.#supply.diskBytes,
      segmentCount: this.#segments.count,
      spareCount: this.#supply.readyCount,
      commitCount: this.#committer.commitCount,
      syncedBytes: this.#committer.syncedBytes,
      lastSyncMs: this.#committer.lastSyncMs,
      commitSeconds: this.#committer.commitSeconds,
      imageBytes: this.#images.bytes,
    };
  }

  /** Opens the run, durably: from here on nothing that lies behind the end counts. To be called first. */
  async open(): Promise<void> {
    const newest = this.#segments.newest;
    const goesOn = this.#start.startLsn === this.#start.endLsn;
    if (goesOn && newest?.capacityBytes === this.#options.segmentBytes) this.#resume(newest);
    if (!this.#fits(entryBytes(RUN_PAYLOAD_BYTES), true) && this.#supply.readyCount === 0) {
      await this.#supply.prepareNow();
    }
    const position = this.begin(RUN_PAYLOAD_BYTES, true);
    assert(position !== -1, "there is room to open a run");
    const payload = new DataView(this.image.buffer, this.image.byteOffset + position, RUN_PAYLOAD_BYTES);
    payload.setUint32(0, this.#run, true);
    payload.setUint32(4, 0, true);
    this.#run = this.#start.run;
    this.#put(0, KIND_RUN, RUN_PAYLOAD_BYTES, 0, RUN_PAYLOAD_BYTES);
    await this.whenDurable(this.endLsn);
    this.#supply.kick();
  }

  begin(payloadBytes: number, isUrgent = false): number {
    this.#pendingBytes = NONE;
    if (this.#stopped) return this.#refuse("failed");
    if (!isUrgent && this.#supply.isBeyondBound) return this.#refuse(this.#supply.refusal);
    const bytes = entryBytes(payloadBytes);
    if (!this.#fits(bytes, isUrgent)) {
      const { segmentBytes, reserveBytes } = this.#options;
      if (bytes > segmentBytes - SEGMENT_HEADER_BYTES - reserveBytes) return this.#refuse("too_large");
      if (!this.#images.available) return this.#refuse("not_ready");
      const next = this.#supply.take(isUrgent);
      if (next === null) return this.#refuse(this.#supply.refusal);
      this.#rollOver(next);
    }
    this.#pendingBytes = payloadBytes;
    return this.#current!.endPosition + ENTRY_HEADER_BYTES;
  }

  end(stream: number, kind: number, prefixBytes: number, bodyCrc: number, bodyStart = prefixBytes): number {
    assert(kind > KIND_RUN && kind <= 255, "an entry's kind is 1 to 255");
    return this.#put(stream, kind, prefixBytes, bodyCrc, bodyStart);
  }

  append(stream: number, kind: number, payload: Uint8Array, isUrgent = false): number {
    const position = this.begin(payload.length, isUrgent);
    if (position === -1) return -1;
    this.image.set(payload, position);
    return this.end(stream, kind, 0, this.#options.checksum(this.image, position, position + payload.length));
  }

  whenDurable(lsn: number): Promise<void> {
    return this.#committer.whenDurable(lsn);
  }

  write(): number {
    return this.#committer.write();
  }

  hasReserve(payloadBytes: number): boolean {
    return !this.#supply.isBeyondBound && this.#fits(entryBytes(payloadBytes), true);
  }

  get hasRoom(): boolean {
    if (this.#stopped || this.#supply.isBeyondBound) return false;
    return this.#hasNext || this.#fits(this.#options.segmentBytes / 2, false);
  }

  whenRoom(): Promise<void> {
    if (this.#stopped || (this.#hasNext && !this.#supply.isBeyondBound)) return Promise.resolve();
    this.#room ??= Promise.withResolvers();
    return this.#room.promise;
  }

  view(lsn: number, length: number): Uint8Array | null {
    return this.#segments.view(lsn, length);
  }

  read(lsn: number, into: Uint8Array): Promise<number> {
    return this.#segments.read(lsn, into);
  }

  hold(lsn: number): HeldSegment {
    return this.#segments.hold(lsn);
  }

  coldSegments(): readonly LsnRange[] {
    return this.#segments.cold();
  }

  free(lsn: number): void {
    assert(lsn <= this.durableLsn, "only what is durable can be freed");
    for (;;) {
      const segment = this.#segments.shiftBelow(lsn);
      if (segment === null) return;
      this.#images.takeBack(segment);
      this.#supply.retire(segment);
    }
  }

  shrink(): void {
    this.#supply.shrink();
  }

  async close(): Promise<void> {
    await this.#committer.flush();
    this.#stop(new KliteError("DISK_FAILED", "the log is closed"));
    await this.#supply.close();
    this.#start.files.closeAll();
  }

  /** Whether a segment can begin at once. */
  get #hasNext(): boolean {
    return this.#supply.readyCount > 0 && this.#images.available;
  }

  #fits(bytes: number, isUrgent: boolean): boolean {
    const current = this.#current;
    if (current === null) return false;
    const reserved = isUrgent || this.#supply.readyCount > 0 ? 0 : this.#options.reserveBytes;
    return current.endPosition + bytes + reserved <= current.capacityBytes;
  }

  #refuse(refusal: Refusal): -1 {
    this.#refusal = refusal;
    return -1;
  }

  #put(stream: number, kind: number, prefixBytes: number, bodyCrc: number, bodyStart: number): number {
    const segment = this.#current;
    assert(this.#pendingBytes !== NONE && segment !== null, "an entry ends that was begun");
    assert(prefixBytes <= MAX_PREFIX_BYTES, "a prefix has at most 255 bytes");
    const header = this.#header;
    const position = segment.endPosition;
    header.payloadLength = this.#pendingBytes;
    header.stream = stream;
    header.lsn = segment.lsnAt(position);
    header.durableLsn = this.durableLsn;
    header.run = this.#run;
    header.kind = kind;
    header.prefixBytes = prefixBytes;
    header.bodyStart = bodyStart;
    header.bodyCrc = bodyCrc;
    this.#seal.write(segment.image!, segment.imageData!, position, header);
    segment.lastEntryPosition = position;
    segment.endPosition = position + entryBytes(this.#pendingBytes);
    this.#pendingBytes = NONE;
    this.#committer.request();
    return header.lsn;
  }

  /**
   * Goes on in the newest segment: what shares a page with the next entry is read back into its image, to be written
   * with it again. Whoever reads those bytes gets them from the file all the same, where they are checked.
   */
  #resume(segment: Segment): void {
    const from = Math.floor(segment.endPosition / PAGE_BYTES) * PAGE_BYTES;
    const image = this.#images.give(segment, segment.endPosition);
    const file = segment.hold();
    file.readAtSync(image.subarray(from, segment.endPosition), from);
    segment.release();
    this.#current = segment;
    this.#committer.follow(segment);
  }

  #rollOver(next: Segment): void {
    const previousEndLsn = this.#current === null ? this.#start.endLsn : this.#current.endLsn;
    next.baseLsn = this.endLsn;
    next.endPosition = SEGMENT_HEADER_BYTES;
    next.durablePosition = 0;
    next.writtenPosition = 0;
    next.lastEntryPosition = 0;
    const image = this.#images.give(next, 0);
    writeSegmentHeader(image, this.#segmentHeader(true, next, previousEndLsn), this.#options.checksum);
    this.#segments.push(next);
    this.#current = next;
    this.#committer.follow(next);
  }

  #segmentHeader(
    live: boolean,
    segment: Pick<Segment, "baseLsn" | "capacityBytes">,
    previousEndLsn: number,
  ): SegmentHeader {
    return {
      live,
      baseLsn: segment.baseLsn,
      previousEndLsn,
      logId: this.#options.logId,
      secret: this.#start.secret,
      run: this.#run,
      capacityBytes: segment.capacityBytes,
    };
  }

  #spareHeader(capacityBytes: number): Uint8Array {
    const bytes = new Uint8Array(SEGMENT_HEADER_BYTES);
    writeSegmentHeader(
      bytes,
      this.#segmentHeader(false, { baseLsn: 0, capacityBytes }, 0),
      this.#options.checksum,
    );
    return bytes;
  }

  #announceRoom(): void {
    this.#room?.resolve();
    this.#room = null;
  }

  #stop(reason: unknown): void {
    this.#stopped = true;
    this.#pendingBytes = NONE;
    this.#committer.fail(reason);
    this.#announceRoom();
  }

  #fail(error: unknown): void {
    if (this.#stopped) return;
    this.#stop(error);
    this.#supply.halt();
    this.#options.onFailure(error);
  }
}
