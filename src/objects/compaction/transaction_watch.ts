import { type BatchHeader, parseControlBatch } from "../../records/outside.ts";
import { ABORTED_NUMBERS } from "../contract.ts";

/** An aborted transaction: its batches begin in [firstOffset, markerOffset]. */
interface Aborted {
  readonly firstOffset: number;
  readonly markerOffset: number;
}

/** Which batches are of aborted transactions, and of which transactions nothing is left, as batches come by in order. */
export class TransactionWatch {
  /** By producer, last one first: what lies behind goes from the end. */
  readonly #aborted = new Map<number, Aborted[]>();
  /** Producers of transactions of which there was a batch. */
  readonly #seen = new Set<number>();

  /** `aborted` as {@link CompactJob.aborted}. */
  constructor(aborted: Float64Array) {
    const rows: (Aborted & { readonly producerId: number })[] = [];
    for (let at = 0; at < aborted.length; at += ABORTED_NUMBERS) {
      const [producerId = 0, firstOffset = 0, markerOffset = 0] = aborted.subarray(at, at + ABORTED_NUMBERS);
      rows.push({ producerId, firstOffset, markerOffset });
    }
    rows.sort((a, b) => b.firstOffset - a.firstOffset);
    for (const { producerId, ...row } of rows) {
      const ofProducer = this.#aborted.get(producerId);
      if (ofProducer === undefined) this.#aborted.set(producerId, [row]);
      else ofProducer.push(row);
    }
  }

  /** Takes in a batch of records; answers whether they are of an aborted transaction. */
  isAborted(header: BatchHeader): boolean {
    if (!header.isTransactional) return false;
    this.#seen.add(header.producerId);
    const rows = this.#aborted.get(header.producerId) ?? [];
    let next = rows.at(-1);
    while (next !== undefined && next.markerOffset < header.baseOffset) {
      rows.pop();
      next = rows.at(-1);
    }
    return next !== undefined && next.firstOffset <= header.baseOffset;
  }

  /** Takes in a control batch; answers whether it ends a transaction of which there was no batch any more. */
  endsNothing(bytes: Uint8Array, at: number, header: BatchHeader): boolean {
    // One without its record has been found to end nothing before.
    if (header.recordCount > 0 && parseControlBatch(bytes, at, header) === null) return false;
    return !this.#seen.delete(header.producerId);
  }
}
