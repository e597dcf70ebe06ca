import { Writer } from "../protocol/mod.ts";

/** From this size on a buffer is worth finding again: to make one, the system clears its pages. */
const LARGE_BYTES = 64 * 1024;
/**
 * Small ones that are kept. Many are in use while clients do not take small answers; made anew for each they leave
 * garbage faster than it is collected.
 */
const SMALL_KEPT = 4096;
/** Bytes of large ones that are kept. */
const LARGE_BYTES_KEPT = 8 * 1024 * 1024;

/**
 * Writers for the next responses, shared by all connections. Those of large answers are for the APIs that had large
 * answers before: in any order a large one would begin in a small buffer and grow, by copies, again and again.
 */
export class WriterPool {
  readonly #small: Writer[] = [];
  /** What was used last comes last. */
  readonly #large: Writer[] = [];
  #largeBytes = 0;
  readonly #largeApis = new Set<number>();

  /** A writer with nothing in it. */
  take(apiKey: number): Writer {
    const large = this.#largeApis.has(apiKey) ? this.#large.pop() : undefined;
    if (large !== undefined) this.#largeBytes -= large.capacity;
    return (large ?? this.#small.pop() ?? new Writer()).reset();
  }

  giveBack(writer: Writer, apiKey: number): void {
    const { capacity } = writer;
    if (capacity < LARGE_BYTES) {
      if (this.#small.length < SMALL_KEPT) this.#small.push(writer);
      return;
    }
    this.#largeApis.add(apiKey);
    if (capacity > LARGE_BYTES_KEPT) return writer.free();
    this.#large.push(writer);
    this.#largeBytes += capacity;
    while (this.#largeBytes > LARGE_BYTES_KEPT) this.#freeOldest();
  }

  #freeOldest(): void {
    const oldest = this.#large.shift()!;
    this.#largeBytes -= oldest.capacity;
    oldest.free();
  }
}
