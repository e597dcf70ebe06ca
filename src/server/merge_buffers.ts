/** Several small responses go out as one write of up to this size; larger ones go alone, uncopied. */
export const MERGE_BYTES = 16 * 1024;

const KEPT = 64;

/** Buffers in which responses are merged, shared by all connections. */
export class MergeBuffers {
  readonly #free: Uint8Array[] = [];

  take(): Uint8Array {
    return this.#free.pop() ?? new Uint8Array(MERGE_BYTES);
  }

  giveBack(buffer: Uint8Array): void {
    if (this.#free.length < KEPT) this.#free.push(buffer);
  }
}
