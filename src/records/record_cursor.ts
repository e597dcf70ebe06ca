import { BATCH_HEADER_BYTES, type BatchHeader } from "./batch.ts";
import { freeBytes } from "./bounded_output.ts";
import { decompress, isCompression } from "./compression.ts";
import type { CompressionFault } from "./compression_fault.ts";
import { PlainCursor } from "./walk.ts";

const NO_BYTES = new Uint8Array(0);

/** Walks the records of any batch: where they are compressed, it decompresses them first. */
export class RecordCursor extends PlainCursor {
  /** What was decompressed, which is this cursor's own. */
  #unpacked: Uint8Array = NO_BYTES;

  /**
   * Starts on the batch at `at`, whose header is given and whose bytes are all there
   * ({@link batchAt}), decompressing at most `maxBytes` when it is compressed.
   */
  open(bytes: Uint8Array, at: number, header: BatchHeader, maxBytes: number): CompressionFault | null {
    this.close();
    const from = at + BATCH_HEADER_BYTES;
    const end = at + header.lengthBytes;
    const codec = header.compression;
    if (codec === 0) {
      this.openPlain(bytes, from, end, header);
      return null;
    }
    if (!isCompression(codec)) return "corrupt";
    const records = decompress(codec, bytes.subarray(from, end), maxBytes);
    if (typeof records === "string") return records;
    this.openPlain(records, 0, records.length, header);
    this.#unpacked = records;
    return null;
  }

  /** Lets go of the bytes, and frees them when they were decompressed: views of them must not be used any more. */
  override close(): void {
    freeBytes(this.#unpacked);
    this.#unpacked = NO_BYTES;
    super.close();
  }
}
