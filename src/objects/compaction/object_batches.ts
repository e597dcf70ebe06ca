import type { KliteError } from "../../base/klite_error.ts";
import type { Clock } from "../../io/clock.ts";
import type { ObjectStore } from "../../io/object_store.ts";
import {
  BATCH_AT,
  BATCH_HEADER_BYTES,
  BatchHeader,
  LOG_OVERHEAD_BYTES,
  readInt32,
} from "../../records/outside.ts";
import { objectDamage } from "../object_format.ts";
import type { StoredObject } from "../stored_object.ts";
import { batchFault } from "../../records/whole_batch.ts";

/** Objects are read in pieces of this size, larger batches at once. */
const PIECE_BYTES = 4 * 1024 * 1024;

/** A batch that was read and found whole. The header is overwritten with the next one. */
export interface SeenBatch {
  readonly bytes: Uint8Array;
  /** Where the batch begins in `bytes`. */
  readonly at: number;
  readonly header: BatchHeader;
}

/** Holds reading to a rate: after each read, waits until that much may have been read. */
export class ReadPace {
  readonly #clock: Clock;
  readonly #bytesPerSecond: number;
  readonly #sinceMs: number;
  #readBytes = 0;

  /** 0 bytes a second is no limit. */
  constructor(clock: Clock, bytesPerSecond: number) {
    this.#clock = clock;
    this.#bytesPerSecond = bytesPerSecond;
    this.#sinceMs = clock.monotonicMs();
  }

  async read(bytes: number): Promise<void> {
    if (this.#bytesPerSecond === 0) return;
    this.#readBytes += bytes;
    const dueMs = this.#sinceMs + this.#readBytes / this.#bytesPerSecond * 1000;
    const waitMs = dueMs - this.#clock.monotonicMs();
    if (waitMs > 0) await new Promise<void>((resolve) => this.#clock.setTimer(waitMs, resolve));
  }
}

/**
 * All batches of an object, in order, each checked as a whole. Holds one piece in memory.
 * @throws KliteError DATA_DAMAGED, with the object and the position, when they are not what they must be.
 */
export async function* objectBatches(
  store: ObjectStore,
  key: string,
  object: StoredObject,
  pace: ReadPace,
): AsyncGenerator<SeenBatch> {
  const header = new BatchHeader();
  const window = new ObjectWindow(store, key, object, pace);
  let nextOffset = object.baseOffset;
  for (let count = 0; count < object.batchCount; count++) {
    if (!window.has(BATCH_HEADER_BYTES)) await window.fill(BATCH_HEADER_BYTES);
    const lengthBytes = readInt32(window.bytes, window.at + BATCH_AT.batchLength) + LOG_OVERHEAD_BYTES;
    if (!window.has(lengthBytes)) await window.fill(lengthBytes);
    const { bytes, at } = window;
    const fault = batchFault(header, bytes, at, lengthBytes) ?? placeFault(header, object, nextOffset);
    if (fault !== null) throw window.damage(fault);
    yield { bytes, at, header };
    nextOffset = header.lastOffset + 1;
    window.at += lengthBytes;
  }
  if (window.restBytes > 0) throw window.damage("it is one batch more than there are");
}

/** The piece of an object that is in memory. */
class ObjectWindow {
  bytes: Uint8Array = new Uint8Array(0);
  /** Where the next batch begins in `bytes`. */
  at = 0;
  readonly #store: ObjectStore;
  readonly #key: string;
  readonly #object: StoredObject;
  readonly #pace: ReadPace;
  /** Where `bytes` begins in the object. */
  #startBytes = 0;

  constructor(store: ObjectStore, key: string, object: StoredObject, pace: ReadPace) {
    this.#store = store;
    this.#key = key;
    this.#object = object;
    this.#pace = pace;
  }

  /** From the next batch on to the footer. */
  get restBytes(): number {
    return this.#object.dataBytes - this.#startBytes - this.at;
  }

  has(count: number): boolean {
    return this.bytes.length - this.at >= count;
  }

  /** Reads on, so that there are `count` bytes of the next batch. */
  async fill(count: number): Promise<void> {
    if (count > this.restBytes) {
      throw this.damage(`it is longer than the ${this.restBytes} bytes that are left`);
    }
    const head = this.bytes.subarray(this.at);
    const fromByte = this.#startBytes + this.bytes.length;
    const wanted = Math.max(PIECE_BYTES, count - head.length);
    const lengthBytes = Math.min(wanted, this.#object.dataBytes - fromByte);
    const { bytes, sizeBytes } = await this.#store.get(this.#key, { fromByte, lengthBytes });
    if (bytes.length !== lengthBytes || sizeBytes !== this.#object.sizeBytes) {
      throw this.damage(`the object has ${sizeBytes} bytes in place of ${this.#object.sizeBytes}`);
    }
    await this.#pace.read(lengthBytes);
    this.#startBytes += this.at;
    this.at = 0;
    this.bytes = joined(head, bytes);
  }

  damage(fault: string): KliteError {
    return objectDamage(this.#key, `the batch at ${this.#startBytes + this.at}: ${fault}`);
  }
}

function placeFault(header: BatchHeader, object: StoredObject, nextOffset: number): string | null {
  const isInPlace = header.baseOffset >= nextOffset && header.baseOffset < object.endOffset;
  return isInPlace ? null : `its offset ${header.baseOffset} has no place behind ${nextOffset - 1}`;
}

function joined(head: Uint8Array, tail: Uint8Array): Uint8Array {
  if (head.length === 0) return tail;
  const bytes = new Uint8Array(head.length + tail.length);
  bytes.set(head);
  bytes.set(tail, head.length);
  return bytes;
}
