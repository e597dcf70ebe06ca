import type { OpenObject } from "./open_object.ts";

/** Read ahead of a reader that has come to its second read; twice as much with each further one. */
const WINDOW_BYTES_MIN = 256 * 1024;
const WINDOW_BYTES_MAX = 4 * 1024 * 1024;
/** Places where readers may come back to. */
const PLACES_MAX = 1024;

/** Bytes of an object that are at hand or on their way. */
interface Chunk {
  readonly key: string;
  readonly fromByte: number;
  readonly endByte: number;
  readonly bytes: Promise<Uint8Array>;
  usedMs: number;
}

/** Reads `[fromByte, endByte)` of an object's batches, in memory that is the caller's own. */
export type ReadRange = (
  object: OpenObject,
  fromByte: number,
  endByte: number,
) => Promise<Uint8Array<ArrayBuffer>>;

/**
 * Bytes of objects for readers. One that begins where an earlier read ended is taken for sequential: more is read
 * than it asks for, and the next window while it is busy with this one. Readers of the same places share what was
 * read. What is held is bounded; the least recently used goes first.
 */
export class ReadAhead {
  readonly #readRange: ReadRange;
  readonly #maxBytes: number;
  /** Where reads have ended, as `key@position`, and the window of whoever goes on there; recent ones last. */
  readonly #places = new Map<string, number>();
  readonly #chunks = new Map<string, Chunk[]>();
  /** All chunks, recently used ones last. */
  readonly #recent = new Set<Chunk>();
  #heldBytes = 0;

  constructor(maxBytes: number, readRange: ReadRange) {
    this.#maxBytes = maxBytes;
    this.#readRange = readRange;
  }

  /** Bytes held or on their way. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Bytes of the object's batches; `mayReadAhead` says whether the store has time for more than what is asked for. */
  async read(
    object: OpenObject,
    fromByte: number,
    endByte: number,
    nowMs: number,
    mayReadAhead: () => boolean,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const window = this.#places.get(placeOf(object, fromByte));
    const sequential = window !== undefined;
    const nextWindow = Math.min(Math.max((window ?? 0) * 2, WINDOW_BYTES_MIN), WINDOW_BYTES_MAX);
    const atHand = this.#endFrom(object.key, fromByte);
    if (atHand < endByte) {
      const wanted = Math.min(Math.max(endByte, atHand + (window ?? 0)), object.footer.dataBytes);
      if (!sequential || wanted - atHand > this.#maxBytes / 2) {
        const bytes = await this.#readRange(object, fromByte, endByte);
        this.#noteEnd(object, endByte, nextWindow);
        return bytes;
      }
      this.#load(object, atHand, wanted, nowMs);
    }
    const bytes = this.#copy(object.key, fromByte, endByte, nowMs);
    this.#noteEnd(object, endByte, nextWindow);
    const ahead = this.#endFrom(object.key, endByte);
    if (sequential && ahead - endByte < nextWindow / 2 && ahead < object.footer.dataBytes && mayReadAhead()) {
      this.#load(object, ahead, Math.min(ahead + nextWindow, object.footer.dataBytes), nowMs);
    }
    return await bytes;
  }

  /** Takes in batches that came along with the footer. */
  seed(object: OpenObject, nowMs: number): void {
    if (object.data === null || this.#chunks.has(object.key)) return;
    this.#add({
      key: object.key,
      fromByte: 0,
      endByte: object.data.length,
      bytes: Promise.resolve(object.data),
      usedMs: nowMs,
    });
  }

  forget(key: string): void {
    for (const chunk of this.#chunks.get(key) ?? []) this.#drop(chunk);
  }

  /** Gives up what nobody has used since. */
  dropUnused(sinceMs: number): void {
    for (const chunk of this.#recent) {
      if (chunk.usedMs >= sinceMs) return;
      this.#drop(chunk);
    }
  }

  /** Where the bytes end that are at hand, or on their way, without a gap from `fromByte` on. */
  #endFrom(key: string, fromByte: number): number {
    let end = fromByte;
    for (const chunk of this.#chunks.get(key) ?? []) {
      if (chunk.fromByte <= end && chunk.endByte > end) end = chunk.endByte;
    }
    return end;
  }

  /** Copies `[fromByte, endByte)`, all of which chunks have, once these are there. */
  async #copy(
    key: string,
    fromByte: number,
    endByte: number,
    nowMs: number,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const chunks = (this.#chunks.get(key) ?? []).filter((chunk) =>
      chunk.fromByte < endByte && chunk.endByte > fromByte
    );
    for (const chunk of chunks) {
      chunk.usedMs = nowMs;
      this.#recent.delete(chunk);
      this.#recent.add(chunk);
    }
    const parts = await Promise.all(chunks.map((chunk) => chunk.bytes));
    const into = new Uint8Array(endByte - fromByte);
    for (const [index, chunk] of chunks.entries()) {
      const from = Math.max(fromByte, chunk.fromByte);
      const end = Math.min(endByte, chunk.endByte);
      into.set(parts[index]!.subarray(from - chunk.fromByte, end - chunk.fromByte), from - fromByte);
    }
    return into;
  }

  #load(object: OpenObject, fromByte: number, endByte: number, nowMs: number): void {
    const bytes = this.#readRange(object, fromByte, endByte);
    const chunk = { key: object.key, fromByte, endByte, bytes, usedMs: nowMs };
    // Whoever waits for it hears of the failure; who comes later reads anew.
    bytes.catch(() => this.#drop(chunk));
    this.#add(chunk);
  }

  #add(chunk: Chunk): void {
    const chunks = this.#chunks.get(chunk.key) ?? [];
    chunks.push(chunk);
    chunks.sort((a, b) => a.fromByte - b.fromByte);
    this.#chunks.set(chunk.key, chunks);
    this.#recent.add(chunk);
    this.#heldBytes += chunk.endByte - chunk.fromByte;
    for (const oldest of this.#recent) {
      if (this.#heldBytes <= this.#maxBytes || oldest === chunk) return;
      this.#drop(oldest);
    }
  }

  #drop(chunk: Chunk): void {
    if (!this.#recent.delete(chunk)) return;
    this.#heldBytes -= chunk.endByte - chunk.fromByte;
    const left = (this.#chunks.get(chunk.key) ?? []).filter((other) => other !== chunk);
    if (left.length === 0) this.#chunks.delete(chunk.key);
    else this.#chunks.set(chunk.key, left);
  }

  #noteEnd(object: OpenObject, endByte: number, window: number): void {
    const place = placeOf(object, endByte);
    this.#places.delete(place);
    this.#places.set(place, window);
    if (this.#places.size <= PLACES_MAX) return;
    for (const oldest of this.#places.keys()) {
      this.#places.delete(oldest);
      return;
    }
  }
}

function placeOf(object: OpenObject, positionBytes: number): string {
  return `${object.key}@${positionBytes}`;
}
