import type { DiskFile } from "../io/disk.ts";

/** First read of a place, and the most read ahead once reading turns out to be sequential. */
const WINDOW_BYTES_MIN = 64 << 10;
const WINDOW_BYTES_MAX = 1 << 20;

/**
 * Reads a segment file forwards through a window, so that a scan of small entries costs few reads
 * and one of large entries skips their payloads.
 */
export class SegmentReader {
  readonly #file: DiskFile;
  readonly sizeBytes: number;
  /** What has been read; its first byte is the file's byte {@link windowStart}. */
  bytes: Uint8Array = new Uint8Array(WINDOW_BYTES_MIN);
  data: DataView = new DataView(this.bytes.buffer);
  #windowStart = 0;
  #windowEnd = 0;
  #readAheadBytes = WINDOW_BYTES_MIN;

  constructor(file: DiskFile) {
    this.#file = file;
    this.sizeBytes = file.sizeBytes();
  }

  /** Behind the last byte of the window, as a position in the file. */
  get windowEnd(): number {
    return this.#windowEnd;
  }

  /** Whether `[position, position + length)` is in the window. */
  has(position: number, length: number): boolean {
    return position >= this.#windowStart && position + length <= this.#windowEnd;
  }

  /** Where the file's byte `position` is in {@link bytes}. */
  at(position: number): number {
    return position - this.#windowStart;
  }

  /** Moves the window so that it has `[position, position + length)`; false when the file ends before. */
  async load(position: number, length: number): Promise<boolean> {
    if (position + length > this.sizeBytes) return false;
    const sequential = position >= this.#windowStart && position <= this.#windowEnd;
    this.#readAheadBytes = sequential
      ? Math.min(this.#readAheadBytes * 2, WINDOW_BYTES_MAX)
      : WINDOW_BYTES_MIN;
    // Entries are 8-byte aligned in the file, and so they are in the window.
    const start = Math.floor(position / 8) * 8;
    const wanted = Math.min(
      Math.max(position + length - start, this.#readAheadBytes),
      this.sizeBytes - start,
    );
    if (this.bytes.length < wanted) {
      this.bytes = new Uint8Array(Math.max(wanted, Math.min(this.bytes.length * 2, WINDOW_BYTES_MAX)));
      this.data = new DataView(this.bytes.buffer);
    }
    const got = await this.#file.readAt(this.bytes.subarray(0, wanted), start);
    this.#windowStart = start;
    this.#windowEnd = start + got;
    return this.has(position, length);
  }
}
