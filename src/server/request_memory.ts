import { assert } from "../base/assert.ts";
import { type ClaimKind, NO_CLAIM, SafeGrowth } from "./safe_growth.ts";

type Buffer = Uint8Array<ArrayBuffer>;

/** A buffer that connections borrow while more than a little is arriving. Frames up to this size fit. */
export const READ_AHEAD_BYTES = 256 * 1024;
/** How many of those there are: 16 MiB. Whoever finds none makes do with a claim of the frame's size. */
const READ_AHEAD_BUFFERS = 64;
/** How many of them may stay with connections that are between requests. */
const READ_AHEAD_KEPT = READ_AHEAD_BUFFERS / 2;
const SMALLEST_CLAIM_BYTES = 16 * 1024;
/** Claims are powers of two and this: a round size in a request has a header before it. */
const HEADER_BYTES = 4 * 1024;
/** Frames above 4 MiB are rare, and may not take the last {@link USUAL_BYTES} from the others. */
const LARGE_BYTES = 4 * 1024 * 1024 + HEADER_BYTES + 1;
const USUAL_BYTES = 16 * 1024 * 1024;
const NOTHING: Buffer = new Uint8Array(0);

/** One connection's share of the memory for requests: the buffer in which its current frame is gathered. */
export class FrameClaim {
  /** Empty while nothing is held. */
  buffer: Buffer = NOTHING;
  /** Kept by {@link RequestMemory}. */
  kind: ClaimKind = NO_CLAIM;
}

interface Waiter {
  readonly claim: FrameClaim;
  readonly frameBytes: number;
  readonly capacityBytes: number;
  readonly content: Uint8Array;
  readonly resolve: (grown: boolean) => void;
}

/**
 * The memory for requests on their way in, for all connections together.
 *
 * There are two kinds of buffers beyond the small one that each connection has. Read-ahead buffers are a handful,
 * of one size, borrowed by whoever is receiving something now; they only make reading faster, so nobody waits for
 * one. Claims are for frames that fit no such buffer, or find none: a claim starts small and grows as the bytes of
 * its frame arrive, all claims together stay below the limit, and one that cannot grow now waits without reading.
 * {@link SafeGrowth} sees to it that some claim can always be completed, and that large ones leave room for others.
 */
export class RequestMemory {
  readonly #sizes: readonly number[];
  readonly #growth: SafeGrowth;
  /** Claims' buffers that are free for the next one of that size; counted in {@link #freeBytes}. */
  readonly #free: Buffer[][];
  /** The fewest that were free since the last trim. */
  readonly #idle: number[];
  readonly #waiters = new Map<FrameClaim, Waiter>();
  readonly #readAhead: Buffer[] = [];
  #readAheadLent = 0;
  #readAheadKept = 0;
  #readAheadIdle = 0;
  #freeBytes = 0;

  readonly #readAheadMax: number;

  /**
   * `maxFrameBytes` with the prefix. The limit is raised if it has no room for one such frame. Without `readAhead` there
   * are claims only.
   */
  constructor(limitBytes: number, maxFrameBytes: number, options: { readonly readAhead?: boolean } = {}) {
    this.#readAheadMax = options.readAhead === false ? 0 : READ_AHEAD_BUFFERS;
    const sizes: number[] = [];
    for (let round = SMALLEST_CLAIM_BYTES; round + HEADER_BYTES < maxFrameBytes; round *= 2) {
      sizes.push(round + HEADER_BYTES);
    }
    sizes.push(maxFrameBytes);
    this.#sizes = sizes;
    const reservedBytes = maxFrameBytes >= LARGE_BYTES ? USUAL_BYTES : 0;
    const limit = Math.max(limitBytes, maxFrameBytes + reservedBytes);
    this.#growth = new SafeGrowth(sizes, {
      limitBytes: limit,
      largeFromBytes: LARGE_BYTES,
      largeLimitBytes: limit - reservedBytes,
    });
    this.#free = sizes.map(() => []);
    this.#idle = sizes.map(() => 0);
  }

  /** Bytes that claims hold. */
  get heldBytes(): number {
    return this.#growth.heldBytes;
  }

  /** Bytes of all buffers, lent and free. */
  get totalBytes(): number {
    const readAhead = (this.#readAheadLent + this.#readAhead.length) * READ_AHEAD_BYTES;
    return this.#growth.heldBytes + this.#freeBytes + readAhead;
  }

  /** Connections that cannot read on for lack of memory. */
  get waiting(): number {
    return this.#waiters.size;
  }

  /** A read-ahead buffer, if one is left. The latest returned comes first, for it is warm. */
  borrowReadAhead(): Buffer | undefined {
    let buffer = this.#readAhead.pop();
    this.#readAheadIdle = Math.min(this.#readAheadIdle, this.#readAhead.length);
    if (buffer === undefined) {
      if (this.#readAheadLent === this.#readAheadMax) return undefined;
      buffer = new Uint8Array(READ_AHEAD_BYTES);
    }
    this.#readAheadLent++;
    return buffer;
  }

  returnReadAhead(buffer: Buffer): void {
    this.#readAheadLent--;
    assert(this.#readAheadLent >= 0, "a read-ahead buffer came back twice");
    this.#readAhead.push(buffer);
  }

  /** Whether one more borrower may keep its buffer while it has nothing in it. Ends with {@link stopKeeping}. */
  keepReadAhead(): boolean {
    if (this.#readAheadKept === READ_AHEAD_KEPT) return false;
    this.#readAheadKept++;
    return true;
  }

  stopKeeping(): void {
    this.#readAheadKept--;
    assert(this.#readAheadKept >= 0, "a buffer was kept no longer twice");
  }

  /**
   * Gives `claim` a buffer of at least `capacityBytes` (or of `frameBytes`, when that is less) that begins with
   * `content`. False, and nothing has changed, when there is no room for that now.
   */
  grow(claim: FrameClaim, frameBytes: number, capacityBytes: number, content: Uint8Array): boolean {
    const goal = this.#sizeIndex(frameBytes);
    const held = this.#sizeIndex(Math.min(frameBytes, capacityBytes));
    const kind = this.#growth.kind(goal, held);
    if (!this.#growth.change(claim.kind, kind)) return false;
    const buffer = this.#take(held);
    buffer.set(content);
    this.#giveBack(claim.buffer);
    claim.buffer = buffer;
    claim.kind = kind;
    return true;
  }

  /** The same, but waits for room. False when {@link release} came first. `content` must not change meanwhile. */
  whenGrown(
    claim: FrameClaim,
    frameBytes: number,
    capacityBytes: number,
    content: Uint8Array,
  ): Promise<boolean> {
    assert(!this.#waiters.has(claim), "a claim waits once at a time");
    if (this.grow(claim, frameBytes, capacityBytes, content)) return Promise.resolve(true);
    return new Promise((resolve) => {
      this.#waiters.set(claim, { claim, frameBytes, capacityBytes, content, resolve });
    });
  }

  /** Takes back what `claim` holds and ends its waiting. Idempotent. */
  release(claim: FrameClaim): void {
    const waiter = this.#waiters.get(claim);
    if (waiter !== undefined) {
      this.#waiters.delete(claim);
      waiter.resolve(false);
    }
    if (claim.kind === NO_CLAIM) return;
    this.#growth.end(claim.kind);
    claim.kind = NO_CLAIM;
    const buffer = claim.buffer;
    claim.buffer = NOTHING;
    this.#giveBack(buffer);
    this.#serveWaiters();
  }

  /** Frees buffers that were not needed since the last call. To be called about every second. */
  trim(): void {
    this.#free.forEach((buffers, index) => {
      for (const buffer of buffers.splice(0, this.#idle[index])) this.#drop(buffer);
      this.#idle[index] = buffers.length;
    });
    for (const buffer of this.#readAhead.splice(0, this.#readAheadIdle)) freeNow(buffer);
    this.#readAheadIdle = this.#readAhead.length;
  }

  /** In the order of arrival, but one that cannot be served does not hold up those that can. */
  #serveWaiters(): void {
    for (const waiter of this.#waiters.values()) {
      if (!this.grow(waiter.claim, waiter.frameBytes, waiter.capacityBytes, waiter.content)) continue;
      this.#waiters.delete(waiter.claim);
      waiter.resolve(true);
    }
  }

  #take(index: number): Buffer {
    const free = this.#free[index]!;
    const buffer = free.pop();
    this.#idle[index] = Math.min(this.#idle[index]!, free.length);
    if (buffer !== undefined) {
      this.#freeBytes -= buffer.length;
      return buffer;
    }
    this.#dropFreeAbove(this.#growth.limitBytes - this.#growth.heldBytes);
    return new Uint8Array(this.#sizes[index]!);
  }

  #giveBack(buffer: Buffer): void {
    if (buffer.length === 0) return;
    this.#free[this.#sizeIndex(buffer.length)]!.push(buffer);
    this.#freeBytes += buffer.length;
    this.#dropFreeAbove(this.#growth.limitBytes - this.#growth.heldBytes);
  }

  /** Frees spare buffers, the largest first, until they take at most `bytes`. */
  #dropFreeAbove(bytes: number): void {
    for (let index = this.#free.length - 1; this.#freeBytes > bytes; index--) {
      const free = this.#free[index];
      assert(free !== undefined, "spare buffers are counted");
      while (this.#freeBytes > bytes && free.length > 0) this.#drop(free.pop()!);
    }
  }

  #drop(buffer: Buffer): void {
    this.#freeBytes -= buffer.length;
    freeNow(buffer);
  }

  /** The smallest size that has room for `bytes`. */
  #sizeIndex(bytes: number): number {
    const index = this.#sizes.findIndex((size) => size >= bytes);
    assert(index >= 0, "no claim is larger than the largest frame");
    return index;
  }
}

/** Returns the memory at once; left to the garbage collector it would stay for long, outside every count. */
function freeNow(buffer: Buffer): void {
  buffer.buffer.transfer(0);
}
