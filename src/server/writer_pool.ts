import { Writer } from "../protocol/mod.ts";

/** From this size on buffers are kept by their bytes, and not for just any answer. */
const LARGE_BYTES = 4 * 1024;
/**
 * Small ones that are kept. Many are in use while clients do not take small answers; made anew for each they leave
 * garbage faster than it is collected.
 */
const SMALL_KEPT = 4096;
/** Bytes of large ones that are kept. */
const LARGE_BYTES_KEPT = 8 * 1024 * 1024;
/** A large buffer waits for a client only if the answer fills at least this part of it. */
const USED_PART_MIN = 1 / 4;

/**
 * Writers for the next responses, shared by all connections. Those of large answers are for the APIs that had large
 * answers before: in any order a large one would begin in a small buffer and grow, by copies to memory whose pages the
 * system has to clear first, again and again.
 */
export class WriterPool {
  readonly #small: Writer[] = [];
  /** What was of use last comes last. */
  readonly #large: Writer[] = [];
  #largeBytes = 0;
  readonly #largeApis = new Set<number>();

  /** A writer with nothing in it. */
  take(apiKey: number): Writer {
    const large = this.#largeApis.has(apiKey) ? this.#large.pop() : undefined;
    if (large !== undefined) this.#largeBytes -= large.capacity;
    return (large ?? this.#small.pop() ?? new Writer()).reset();
  }

  /**
   * What holds the answer that `writer` has until the client has taken it: another one, if most of this one's buffer is
   * unused. Clients may take their time, and what they hold meanwhile is counted by the answers' bytes.
   */
  fitted(writer: Writer): Writer {
    const { capacity, position } = writer;
    if (capacity < LARGE_BYTES || position >= capacity * USED_PART_MIN) return writer;
    const fitting = (position < LARGE_BYTES ? this.#small.pop() : undefined) ?? new Writer();
    fitting.reset().raw(writer.bytes());
    this.#keepLarge(writer, "as the oldest");
    return fitting;
  }

  giveBack(writer: Writer, apiKey: number): void {
    const { capacity } = writer;
    if (capacity < LARGE_BYTES) {
      if (this.#small.length < SMALL_KEPT) this.#small.push(writer);
      return;
    }
    this.#largeApis.add(apiKey);
    this.#keepLarge(writer, "as the newest");
  }

  #keepLarge(writer: Writer, how: "as the oldest" | "as the newest"): void {
    if (writer.capacity > LARGE_BYTES_KEPT) return writer.free();
    if (how === "as the newest") this.#large.push(writer);
    else this.#large.unshift(writer);
    this.#largeBytes += writer.capacity;
    while (this.#largeBytes > LARGE_BYTES_KEPT) this.#freeOldest();
  }

  #freeOldest(): void {
    const oldest = this.#large.shift()!;
    this.#largeBytes -= oldest.capacity;
    oldest.free();
  }
}
