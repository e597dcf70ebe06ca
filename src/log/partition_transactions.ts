import { assert } from "../base/assert.ts";

/** An aborted transaction as a Fetch answer tells of it: skip the producer's records from there on. */
export interface AbortedTransaction {
  readonly producerId: number;
  readonly firstOffset: number;
  /** Where it was aborted. */
  readonly markerOffset: number;
}

/** Plain form for snapshots. What is durable is decided, so there is nothing else. */
export interface PartitionTransactionsSnapshot {
  /** Flat rows of producer id and first offset, in the order of the offsets. */
  readonly open: readonly number[];
  /** Flat rows as in {@link PartitionTransactions}. */
  readonly aborted: readonly number[];
}

/** A transaction that has its marker, which is not durable yet. */
interface Decided {
  readonly firstOffset: number;
  readonly markerOffset: number;
}

/** Numbers of a row of the aborted ones: producer id, first offset, offset of the marker, last stable offset then. */
const ROW = 4;

/**
 * The transactions of one partition (KIP-98): which are open and since where, and
 * which were aborted. Readers of committed records may read up to the first
 * record of a transaction that is open, or whose end is not durable.
 *
 * Built from the batches and markers themselves, so the log is its only record.
 */
export class PartitionTransactions {
  /** First offset by producer; they are begun in the order of their offsets, so the first is the lowest. */
  readonly #open = new Map<number, number>();
  readonly #decided: Decided[] = [];
  /** Flat rows, in the order of their markers. */
  #aborted: number[] = [];

  /** Where the producer's open transaction begins; `undefined` when it has none. */
  firstOffsetOf(producerId: number): number | undefined {
    return this.#open.get(producerId);
  }

  /** The first offset that is not decided durably; infinite when all are. */
  get firstUnstableOffset(): number {
    let first = Infinity;
    for (const offset of this.#open.values()) {
      first = offset;
      break;
    }
    for (const { firstOffset } of this.#decided) first = Math.min(first, firstOffset);
    return first;
  }

  begin(producerId: number, firstOffset: number): void {
    assert(!this.#open.has(producerId), "a producer has one open transaction");
    this.#open.set(producerId, firstOffset);
  }

  /** Ends the producer's transaction, if it has one here, by a marker. */
  end(producerId: number, markerOffset: number, isAborted: boolean): void {
    const firstOffset = this.#open.get(producerId);
    if (firstOffset === undefined) return;
    this.#open.delete(producerId);
    if (isAborted) {
      const [stillOpen = markerOffset + 1] = this.#open.values();
      this.#aborted.push(producerId, firstOffset, markerOffset, stillOpen);
    }
    this.#decided.push({ firstOffset, markerOffset });
  }

  /** All below `offset` is durable: so are the ends whose markers lie there. */
  durable(offset: number): void {
    const decided = this.#decided;
    let count = 0;
    while (count < decided.length && decided[count]!.markerOffset < offset) count++;
    if (count > 0) decided.splice(0, count);
  }

  /** The aborted transactions that have records in `[fromOffset, toOffset)`, in the order of their markers, as in Kafka. */
  abortedIn(fromOffset: number, toOffset: number): AbortedTransaction[] {
    const rows = this.#aborted;
    const found: AbortedTransaction[] = [];
    for (let at = this.#firstEndingAt(fromOffset); at < rows.length; at += ROW) {
      const firstOffset = rows[at + 1]!;
      if (firstOffset < toOffset) {
        found.push({ producerId: rows[at]!, firstOffset, markerOffset: rows[at + 2]! });
      }
      // Whatever was ended later began no earlier than this.
      if (rows[at + 3]! >= toOffset) break;
    }
    return found;
  }

  /** The same as rows of producer id, first offset and offset of the marker, for whoever cleans these records. */
  abortedRows(fromOffset: number, toOffset: number): number[] {
    const rows = this.#aborted;
    const found: number[] = [];
    for (let at = this.#firstEndingAt(fromOffset); at < rows.length; at += ROW) {
      if (rows[at + 1]! < toOffset) found.push(rows[at]!, rows[at + 1]!, rows[at + 2]!);
      if (rows[at + 3]! >= toOffset) break;
    }
    return found;
  }

  /**
   * The records from `endOffset` on are gone. What was aborted and has lost its marker is open again, to get another
   * one: without it, readers would skip what its producer writes from now on.
   */
  truncate(endOffset: number): void {
    const open = Array.from(this.#open).filter(([, firstOffset]) => firstOffset < endOffset);
    this.#decided.length = 0;
    const rows = this.#aborted;
    this.#aborted = [];
    for (let at = 0; at < rows.length; at += ROW) {
      const [producerId = 0, firstOffset = 0, markerOffset = 0, stableOffset = 0] = rows.slice(at, at + ROW);
      if (markerOffset < endOffset) {
        this.#aborted.push(producerId, firstOffset, markerOffset, Math.min(stableOffset, endOffset));
      } else if (firstOffset < endOffset) open.push([producerId, firstOffset]);
    }
    this.#open.clear();
    open.sort(([, one], [, other]) => one - other);
    for (const [producerId, firstOffset] of open) this.#open.set(producerId, firstOffset);
  }

  /** The records below `startOffset` are gone: nobody has to be told of what was aborted there. */
  dropBelow(startOffset: number): void {
    const end = this.#firstEndingAt(startOffset);
    if (end > 0) this.#aborted = this.#aborted.slice(end);
  }

  snapshot(): PartitionTransactionsSnapshot {
    return { open: Array.from(this.#open).flat(), aborted: [...this.#aborted] };
  }

  static restore({ open, aborted }: PartitionTransactionsSnapshot): PartitionTransactions {
    const transactions = new PartitionTransactions();
    for (let at = 0; at + 1 < open.length; at += 2) transactions.#open.set(open[at]!, open[at + 1]!);
    transactions.#aborted = [...aborted];
    return transactions;
  }

  /** Where the first row with its marker at or behind `offset` begins. */
  #firstEndingAt(offset: number): number {
    let low = 0;
    let high = this.#aborted.length / ROW;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#aborted[middle * ROW + 2]! < offset) low = middle + 1;
      else high = middle;
    }
    return low * ROW;
  }
}
