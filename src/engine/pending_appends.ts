import type { PartitionLog } from "../log/mod.ts";

const FIRST_CAPACITY = 256;

/**
 * Appended batches that are not durable yet, oldest first: a ring in typed
 * arrays, so that a batch costs no allocation.
 */
export class PendingAppends {
  #logs: (PartitionLog | null)[] = new Array(FIRST_CAPACITY).fill(null);
  #endOffsets = new Float64Array(FIRST_CAPACITY);
  #endLsns = new Float64Array(FIRST_CAPACITY);
  #lengths = new Uint32Array(FIRST_CAPACITY);
  #head = 0;
  #count = 0;

  get size(): number {
    return this.#count;
  }

  push(log: PartitionLog, endOffset: number, endLsn: number, lengthBytes: number): void {
    if (this.#count === this.#logs.length) this.#grow();
    const at = (this.#head + this.#count++) % this.#logs.length;
    this.#logs[at] = log;
    this.#endOffsets[at] = endOffset;
    this.#endLsns[at] = endLsn;
    this.#lengths[at] = lengthBytes;
  }

  /** Hands over, in order, the batches that lie wholly below `durableLsn`, and forgets them. */
  release(
    durableLsn: number,
    visible: (log: PartitionLog, endOffset: number, lengthBytes: number) => void,
  ): void {
    while (this.#count > 0 && this.#endLsns[this.#head]! <= durableLsn) {
      const at = this.#head;
      const log = this.#logs[at]!;
      this.#logs[at] = null;
      this.#head = (at + 1) % this.#logs.length;
      this.#count--;
      visible(log, this.#endOffsets[at]!, this.#lengths[at]!);
    }
  }

  #grow(): void {
    const size = this.#logs.length;
    const order = Array.from({ length: size }, (_, i) => (this.#head + i) % size);
    const filler: (PartitionLog | null)[] = new Array(size).fill(null);
    this.#logs = order.map((at) => this.#logs[at] ?? null).concat(filler);
    this.#endOffsets = unroll(this.#endOffsets, order, new Float64Array(size * 2));
    this.#endLsns = unroll(this.#endLsns, order, new Float64Array(size * 2));
    this.#lengths = unroll(this.#lengths, order, new Uint32Array(size * 2));
    this.#head = 0;
  }
}

function unroll<T extends Float64Array | Uint32Array>(from: T, order: readonly number[], to: T): T {
  order.forEach((at, i) => to[i] = from[at]!);
  return to;
}
