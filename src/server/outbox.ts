import { assert } from "../base/assert.ts";
import type { Socket } from "../io/network.ts";
import { MERGE_BYTES, type MergeBuffers } from "./merge_buffers.ts";
import type { ResponseReply } from "./request_handler.ts";
import type { UnsentBytes } from "./unsent_bytes.ts";

/** A long response is written in pieces of this size, so that a slow reader can be told from a dead one. */
const PIECE_BYTES = 1024 * 1024;
/** Replies that wait; a bound of its own, for a tiny one costs more memory than it has bytes. */
const QUEUED_MAX = 64;

/** What becomes of the writes. */
export interface OutboxOutcomes {
  /** Bytes were taken by the system; `count` of them. */
  written(count: number): void;
  /** All that was to be written is. */
  drained(): void;
  failed(error: unknown): void;
}

/**
 * Writes the responses of one connection. While a write is under way more gather, and small ones then go out
 * together.
 */
export class Outbox {
  readonly #socket: Socket;
  readonly #mergeBuffers: MergeBuffers;
  readonly #total: UnsentBytes;
  readonly #outcomes: OutboxOutcomes;
  readonly #maxUnsentBytes: number;
  /** What waits: [next, end). Places are used again, for an empty queue is the rule. */
  readonly #queue: (ResponseReply | undefined)[] = [];
  #next = 0;
  #end = 0;
  #unsentBytes = 0;
  #heldBytes = 0;
  #writing: Promise<void> | undefined;
  #closed = false;

  constructor(
    socket: Socket,
    mergeBuffers: MergeBuffers,
    total: UnsentBytes,
    outcomes: OutboxOutcomes,
    options: { readonly maxUnsentBytes: number },
  ) {
    this.#socket = socket;
    this.#maxUnsentBytes = options.maxUnsentBytes;
    this.#mergeBuffers = mergeBuffers;
    this.#total = total;
    this.#outcomes = outcomes;
  }

  /** Bytes not yet taken by the system, those being written among them. */
  get unsentBytes(): number {
    return this.#unsentBytes;
  }

  /** Bytes of the responses that are in memory, each whole until its last byte is taken. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Whether the client should take something before there is more. */
  get isFull(): boolean {
    return this.#unsentBytes >= this.#maxUnsentBytes || this.#end - this.#next >= QUEUED_MAX;
  }

  get isIdle(): boolean {
    return this.#writing === undefined && this.#end === 0;
  }

  /** Resolves when no write is under way. */
  get settled(): Promise<void> {
    return this.#writing ?? Promise.resolve();
  }

  /** Takes `reply` behind those before it, to be written by {@link flush}, and releases it in the end. */
  push(reply: ResponseReply): void {
    assert(!this.#closed, "nothing is written to a closed connection");
    this.#queue[this.#end++] = reply;
    this.#unsentBytes += reply.bytes.length;
    this.#heldBytes += reply.bytes.length;
    this.#total.add(reply.bytes.length);
  }

  /** Starts to write what was pushed, unless a write is under way, which goes on with it. */
  flush(): void {
    if (this.#writing === undefined && this.#end > 0) this.#writing = this.#run();
  }

  /** Gives up what was not written. The socket must be closed too, which ends the write that is under way. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    while (this.#next < this.#end) this.#release(this.#taken());
    this.#unsentBytes = 0;
  }

  /** Writes what waits, small replies together. One function: a call that is awaited costs as much as the rest. */
  async #run(): Promise<void> {
    try {
      while (this.#next < this.#end) {
        const first = this.#queue[this.#next]!;
        const buffer = this.#mergesWith(first) ? this.#mergeBuffers.take() : undefined;
        const bytes = buffer === undefined ? this.#taken().bytes : this.#mergeInto(buffer);
        try {
          for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
            const piece = bytes.length <= PIECE_BYTES ? bytes : bytes.subarray(at, at + PIECE_BYTES);
            await this.#socket.write(piece);
            this.#written(piece.length);
          }
        } finally {
          if (buffer === undefined) this.#release(first);
          else this.#mergeBuffers.giveBack(buffer);
        }
      }
      this.#writing = undefined;
      if (!this.#closed) this.#outcomes.drained();
    } catch (error) {
      this.#writing = undefined;
      this.#outcomes.failed(error);
    }
  }

  /** Whether the reply behind `first` goes out in one write with it. */
  #mergesWith(first: ResponseReply): boolean {
    const second = this.#queue[this.#next + 1];
    return second !== undefined && first.bytes.length + second.bytes.length <= MERGE_BYTES;
  }

  /** Copies replies into `buffer` as long as they fit; what they fill. */
  #mergeInto(buffer: Uint8Array): Uint8Array {
    let length = 0;
    while (this.#next < this.#end) {
      const { bytes } = this.#queue[this.#next]!;
      if (length + bytes.length > buffer.length) break;
      buffer.set(bytes, length);
      length += bytes.length;
      this.#release(this.#taken());
    }
    return buffer.subarray(0, length);
  }

  /** Takes the next reply off the queue. */
  #taken(): ResponseReply {
    const reply = this.#queue[this.#next]!;
    this.#queue[this.#next++] = undefined;
    if (this.#next === this.#end || this.#next === QUEUED_MAX) this.#moveToFront();
    return reply;
  }

  #moveToFront(): void {
    const count = this.#end - this.#next;
    if (count > 0) this.#queue.copyWithin(0, this.#next, this.#end).fill(undefined, count);
    this.#next = 0;
    this.#end = count;
  }

  #written(count: number): void {
    if (this.#closed) return;
    this.#unsentBytes -= count;
    this.#outcomes.written(count);
  }

  /** All of a reply stays in memory until its last byte is taken, so all of it counts until then. */
  #release(reply: ResponseReply): void {
    const { length } = reply.bytes;
    reply.release();
    this.#heldBytes -= length;
    this.#total.remove(length);
  }
}
