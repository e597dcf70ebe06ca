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
  readonly bytes: Promise<Uint8Array<ArrayBuffer>>;
  /** The same once they are there. */
  loaded: Uint8Array<ArrayBuffer> | null;
  usedMs: number;
  /** Reads that are about to copy from it. */
  users: number;
  isDropped: boolean;
}

/** Where readers have stopped in an object. */
interface Place {
  readonly key: string;
  readonly atByte: number;
  /** How much is read ahead of whoever goes on here. */
  windowBytes: number;
  readers: number;
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
 * read. What is held is bounded; it is given back when all readers have passed it, or the least recently used first.
 */
export class ReadAhead {
  readonly #readRange: ReadRange;
  readonly #maxBytes: number;
  /** By key and position; recent ones last. */
  readonly #places = new Map<string, Place>();
  readonly #chunks = new Map<string, Chunk[]>();
  /** All chunks, recently used ones last. */
  readonly #recent = new Set<Chunk>();
  readonly #windowBytesMax: number;
  #heldBytes = 0;

  constructor(maxBytes: number, readRange: ReadRange) {
    this.#maxBytes = maxBytes;
    // A chunk takes half of the bound at most: so what one read needs never pushes itself out.
    this.#windowBytesMax = Math.min(WINDOW_BYTES_MAX, maxBytes / 2);
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
    const place = this.#leave(object.key, fromByte);
    const windowBytes = place?.windowBytes ?? 0;
    const nextWindow = Math.min(Math.max(windowBytes * 2, WINDOW_BYTES_MIN), this.#windowBytesMax);
    const { dataBytes } = object.footer;
    const atHand = this.#endFrom(object.key, fromByte);
    if (atHand < endByte) {
      const wanted = Math.min(Math.max(endByte, atHand + windowBytes), dataBytes);
      if (place === null || wanted - fromByte > this.#maxBytes / 2) {
        const bytes = await this.#readRange(object, fromByte, endByte);
        this.#arrive(object, endByte, nextWindow);
        return bytes;
      }
      this.#use(this.#chunksWithin(object.key, fromByte, endByte), nowMs);
      this.#load(object, atHand, wanted, nowMs);
    }
    const copy = this.#copy(object.key, fromByte, endByte, nowMs);
    this.#arrive(object, endByte, nextWindow);
    const ahead = this.#endFrom(object.key, endByte);
    if (place !== null && ahead - endByte < nextWindow / 2 && ahead < dataBytes && mayReadAhead()) {
      this.#load(object, ahead, Math.min(ahead + nextWindow, dataBytes), nowMs);
    }
    const bytes = await copy;
    this.#dropPassed(object.key, endByte);
    return bytes;
  }

  /** Takes in batches that came along with the footer. */
  seed(object: OpenObject, nowMs: number): void {
    const { key, data } = object;
    if (data === null || data.length === 0 || this.#chunks.has(key)) return;
    this.#add({ ...newChunk(key, 0, data.length, Promise.resolve(data), nowMs), loaded: data });
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

  #chunksWithin(key: string, fromByte: number, endByte: number): readonly Chunk[] {
    const chunks = this.#chunks.get(key) ?? [];
    return chunks.filter((chunk) => chunk.fromByte < endByte && chunk.endByte > fromByte);
  }

  #use(chunks: readonly Chunk[], nowMs: number): void {
    for (const chunk of chunks) {
      chunk.usedMs = nowMs;
      this.#recent.delete(chunk);
      this.#recent.add(chunk);
    }
  }

  /** Copies `[fromByte, endByte)`, all of which chunks have, once these are there. */
  async #copy(
    key: string,
    fromByte: number,
    endByte: number,
    nowMs: number,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const chunks = this.#chunksWithin(key, fromByte, endByte);
    this.#use(chunks, nowMs);
    for (const chunk of chunks) chunk.users++;
    try {
      const parts = await Promise.all(chunks.map((chunk) => chunk.bytes));
      const into = new Uint8Array(endByte - fromByte);
      for (const [index, chunk] of chunks.entries()) {
        const from = Math.max(fromByte, chunk.fromByte);
        const end = Math.min(endByte, chunk.endByte);
        into.set(parts[index]!.subarray(from - chunk.fromByte, end - chunk.fromByte), from - fromByte);
      }
      return into;
    } finally {
      for (const chunk of chunks) {
        chunk.users--;
        if (chunk.isDropped) free(chunk);
      }
    }
  }

  #load(object: OpenObject, fromByte: number, endByte: number, nowMs: number): void {
    const bytes = this.#readRange(object, fromByte, endByte);
    const chunk = newChunk(object.key, fromByte, endByte, bytes, nowMs);
    // Whoever waits for it hears of the failure; who comes later reads anew.
    bytes.then((loaded) => chunk.loaded = loaded, () => this.#drop(chunk));
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
    chunk.isDropped = true;
    free(chunk);
  }

  /** Gives up what lies before `endByte`, unless there is a reader who may still come to it. */
  #dropPassed(key: string, endByte: number): void {
    const passed = (this.#chunks.get(key) ?? []).filter((chunk) => chunk.endByte <= endByte);
    if (passed.length === 0) return;
    const places = Array.from(this.#places.values()).filter((place) => place.key === key);
    for (const chunk of passed) {
      const isWanted = places.some(({ atByte }) =>
        atByte < chunk.endByte && atByte >= chunk.fromByte - WINDOW_BYTES_MAX
      );
      if (!isWanted) this.#drop(chunk);
    }
  }

  /** A reader goes on from here, if one has stopped here. */
  #leave(key: string, atByte: number): Place | null {
    const place = this.#places.get(placeName(key, atByte));
    if (place === undefined) return null;
    if (--place.readers === 0) this.#places.delete(placeName(key, atByte));
    return place;
  }

  /** A reader stops here until it goes on, or nobody knows of it any more. */
  #arrive({ key, footer }: OpenObject, atByte: number, windowBytes: number): void {
    if (atByte === footer.dataBytes) return;
    const name = placeName(key, atByte);
    const place = this.#places.get(name) ?? { key, atByte, windowBytes, readers: 0 };
    place.windowBytes = Math.max(place.windowBytes, windowBytes);
    place.readers++;
    this.#places.delete(name);
    this.#places.set(name, place);
    if (this.#places.size <= PLACES_MAX) return;
    for (const oldest of this.#places.keys()) {
      this.#places.delete(oldest);
      return;
    }
  }
}

function newChunk(
  key: string,
  fromByte: number,
  endByte: number,
  bytes: Promise<Uint8Array<ArrayBuffer>>,
  usedMs: number,
): Chunk {
  return { key, fromByte, endByte, bytes, loaded: null, usedMs, users: 0, isDropped: false };
}

/** Takes a dropped chunk's memory back sooner than the garbage collector would, once nobody copies from it. */
function free(chunk: Chunk): void {
  if (chunk.users > 0) return;
  chunk.loaded?.buffer.transfer(0);
  chunk.loaded = null;
}

function placeName(key: string, positionBytes: number): string {
  return `${key}@${positionBytes}`;
}
