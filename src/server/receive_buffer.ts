import { assert } from "../base/assert.ts";
import { framePrefixBytes, ProtocolError, readFrameSize } from "../protocol/mod.ts";
import { FrameClaim, READ_AHEAD_BYTES, type RequestMemory } from "./request_memory.ts";

type Buffer = Uint8Array<ArrayBuffer>;

/** What every connection has for itself. Most requests fit; thousands of idle connections cost little. */
const SMALL_BYTES = 4 * 1024;
/** So much of a frame must be there before it takes memory from others: announcing is not sending. */
const GROW_AFTER_BYTES = SMALL_BYTES / 4;
const FIRST_CLAIM_BYTES = 64 * 1024;
/** A claim asks for so many times what has arrived; rounded up that is at most twice as much. */
const GROWTH_FACTOR = 3;
/** So many times what has arrived may be the last step, which spares a copy of nearly all of the frame. */
const LAST_GROWTH_FACTOR = 8;
/** The most that a client gets at once because it has sent as much before. */
const PROVEN_BYTES_MAX = 4 * 1024 * 1024;
/** API key, version, correlation id: nothing shorter is a request. */
const MIN_FRAME_BYTES = 8;

/** Whether there is room to read into. */
export type Room =
  | "ready"
  /** Not before the frames that are there have been handled. */
  | "blocked"
  /** Not before {@link ReceiveBuffer.whenRoom} resolves. */
  | "no_memory";

/**
 * The bytes of one connection that were read and not yet handled.
 *
 * Reading goes to the connection's small buffer; when more comes than fits, to one of the read-ahead buffers or to
 * a claim that grows with the frame, see {@link RequestMemory}. Both go back when they are empty, but some of the
 * connections that send much may keep a read-ahead buffer, for it saves them a read. A claim holds bytes of one
 * frame only, so that nothing is left over when that frame is done.
 */
export class ReceiveBuffer {
  #memory: RequestMemory;
  #maxFrameBytes: number;
  #minFrameBytes = MIN_FRAME_BYTES;
  readonly #small: Buffer = new Uint8Array(SMALL_BYTES);
  readonly #claim = new FrameClaim();
  /** Where the bytes are: `#small`, a read-ahead buffer or the claim's. */
  #bytes: Buffer = this.#small;
  #readAhead: Buffer | undefined;
  /** What is there: [start, end) of `#bytes`. */
  #start = 0;
  #end = 0;
  /** Bytes of the frame at `#start` with its prefix; just the prefix while that is incomplete. */
  #neededBytes = framePrefixBytes;
  /** The frame at `#start` once it is complete. */
  #frame: Buffer | undefined;
  /** Size of the last frame that came through a claim: the next may have as much from the beginning. */
  #provenBytes = 0;
  /** The read-ahead buffer stays although it is empty. */
  #keeps = false;
  #waiting = false;

  constructor(memory: RequestMemory, maxFrameBytes: number) {
    this.#memory = memory;
    this.#maxFrameBytes = maxFrameBytes;
  }

  /** What comes next is no request, if `areFree`, but a message that may be shorter than any. */
  framesAreFree(areFree: boolean): void {
    this.#minFrameBytes = areFree ? 0 : MIN_FRAME_BYTES;
  }

  /** From now on frames may be as large, and take of that memory. To be called while none is under way. */
  changeBounds(memory: RequestMemory, maxFrameBytes: number): void {
    assert(!this.holdsMemory && !this.#waiting && this.#readAhead === undefined, "no frame is under way");
    this.#memory = memory;
    this.#maxFrameBytes = maxFrameBytes;
  }

  /** Whether a frame is under way in memory that others could use. */
  get holdsMemory(): boolean {
    return this.#claim.buffer.length > 0;
  }

  /** Whether others have all the memory that the frame under way needs. */
  get waitsForMemory(): boolean {
    return this.#waiting;
  }

  /** Whether {@link frame} has found one that was not consumed. */
  get hasFrame(): boolean {
    return this.#frame !== undefined;
  }

  /**
   * The next complete frame, without its prefix, in place; `undefined` when there is none. The same one until
   * {@link consume}.
   *
   * @throws {ProtocolError} when what is there cannot be the start of a request.
   */
  frame(): Buffer | undefined {
    if (this.#frame !== undefined) return this.#frame;
    const held = this.#end - this.#start;
    if (held < framePrefixBytes) {
      this.#neededBytes = framePrefixBytes;
      return undefined;
    }
    const size = readFrameSize(this.#bytes, this.#start, this.#maxFrameBytes);
    if (size < this.#minFrameBytes) {
      throw new ProtocolError(`a frame of ${size} bytes, too short for a request`);
    }
    this.#neededBytes = framePrefixBytes + size;
    if (held < this.#neededBytes) return undefined;
    this.#frame = this.#bytes.subarray(this.#start + framePrefixBytes, this.#start + this.#neededBytes);
    return this.#frame;
  }

  /** The first bytes that are there, at most as many as a prefix has. */
  firstBytes(): Uint8Array {
    return this.#bytes.subarray(this.#start, Math.min(this.#end, this.#start + framePrefixBytes));
  }

  /** Drops the frame that {@link frame} answered. */
  consume(): void {
    assert(this.#frame !== undefined, "there is a frame to consume");
    this.#frame = undefined;
    this.#start += this.#neededBytes;
    if (!this.holdsMemory) return;
    this.#provenBytes = Math.min(this.#neededBytes, PROVEN_BYTES_MAX);
    // No read is under way into a claim that is complete, so it can go back at once.
    this.#settle();
  }

  /**
   * Makes room to read into. To be called only while no read is under way, and after {@link frame} has looked at
   * all that is there. Without `mayGrow` it makes do with the buffer that it has.
   */
  prepare(mayGrow: boolean): Room {
    if (this.#start === this.#end) {
      this.#rest();
      return "ready";
    }
    const held = this.#end - this.#start;
    const capacity = this.#bytes.length;
    if (this.#frame === undefined && this.#neededBytes > capacity && mayGrow) {
      if (held >= GROW_AFTER_BYTES && (!this.holdsMemory || this.#end === capacity)) return this.#grow();
    }
    // A full small buffer: more is waiting to be read.
    if (this.#end === SMALL_BYTES && this.#bytes === this.#small && mayGrow && this.#readAheadInstead(held)) {
      return "ready";
    }
    if (this.holdsMemory) return this.#frame === undefined && this.#end < capacity ? "ready" : "blocked";
    if (this.#start + this.#neededBytes > capacity || capacity - this.#end < capacity / 8) this.#compact();
    return this.#end < capacity ? "ready" : "blocked";
  }

  /** Waits for the memory that {@link prepare} could not get, or for {@link stopWaiting}. */
  async whenRoom(): Promise<void> {
    const held = this.#end - this.#start;
    this.#waiting = true;
    const capacity = this.#nextCapacity();
    const grown = await this.#memory.whenGrown(this.#claim, this.#neededBytes, capacity, this.#content());
    this.#waiting = false;
    if (grown) this.#adopt(this.#claim.buffer, held);
  }

  /** Where the next bytes go. Not empty after {@link prepare} said `ready`. */
  room(): Buffer {
    const limit = this.holdsMemory ? Math.min(this.#neededBytes, this.#bytes.length) : this.#bytes.length;
    return this.#end === 0 && limit === this.#bytes.length
      ? this.#bytes
      : this.#bytes.subarray(this.#end, limit);
  }

  /** `count` bytes were read into {@link room}. */
  received(count: number): void {
    this.#end += count;
  }

  /** Forgets all bytes and gives back what is borrowed. To be called only while no read is under way. */
  dispose(): void {
    this.#frame = undefined;
    this.#neededBytes = framePrefixBytes;
    this.#settle();
  }

  /** Ends a {@link whenRoom} that is under way, and forgets all bytes then. */
  stopWaiting(): void {
    if (this.#waiting) this.dispose();
  }

  #grow(): Room {
    const held = this.#end - this.#start;
    const fits = this.#bytes === this.#small && this.#neededBytes <= READ_AHEAD_BYTES;
    if (fits && this.#readAheadInstead(held)) return "ready";
    const capacity = this.#nextCapacity();
    if (!this.#memory.grow(this.#claim, this.#neededBytes, capacity, this.#content())) return "no_memory";
    this.#adopt(this.#claim.buffer, held);
    return "ready";
  }

  /** Goes on in a read-ahead buffer, if there is one. */
  #readAheadInstead(heldBytes: number): boolean {
    const buffer = this.#memory.borrowReadAhead();
    if (buffer === undefined) return false;
    buffer.set(this.#content());
    this.#adopt(buffer, heldBytes);
    this.#readAhead = buffer;
    return true;
  }

  #nextCapacity(): number {
    const heldBytes = this.#end - this.#start;
    if (this.#neededBytes <= LAST_GROWTH_FACTOR * heldBytes) return this.#neededBytes;
    return Math.max(
      FIRST_CLAIM_BYTES,
      GROWTH_FACTOR * heldBytes,
      this.#provenBytes,
    );
  }

  #content(): Buffer {
    return this.#bytes.subarray(this.#start, this.#end);
  }

  /** Goes on in `buffer`, which begins with the bytes held. */
  #adopt(buffer: Buffer, heldBytes: number): void {
    this.#returnReadAhead();
    this.#bytes = buffer;
    this.#start = 0;
    this.#end = heldBytes;
  }

  /** Nothing is held: what is borrowed goes back, unless it was needed now and so will be again. */
  #rest(): void {
    const needed = this.#readAhead !== undefined && this.#end > SMALL_BYTES;
    if (needed) this.#keeps ||= this.#memory.keepReadAhead();
    if (!needed || !this.#keeps) return this.#settle();
    this.#start = 0;
    this.#end = 0;
  }

  /** Back to the small buffer, with nothing in it. */
  #settle(): void {
    this.#memory.release(this.#claim);
    this.#returnReadAhead();
    this.#bytes = this.#small;
    this.#start = 0;
    this.#end = 0;
  }

  #returnReadAhead(): void {
    if (this.#readAhead === undefined) return;
    if (this.#keeps) this.#memory.stopKeeping();
    this.#keeps = false;
    this.#memory.returnReadAhead(this.#readAhead);
    this.#readAhead = undefined;
  }

  /** A frame that was looked at stays where it is: its view must not move. */
  #compact(): void {
    if (this.#start === 0 || this.#frame !== undefined) return;
    this.#bytes.copyWithin(0, this.#start, this.#end);
    this.#end -= this.#start;
    this.#start = 0;
  }
}
