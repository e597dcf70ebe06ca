/** A leader epoch and the first offset written in it. */
export interface EpochStart {
  readonly epoch: number;
  readonly startOffset: number;
}

/**
 * Which leader epochs a partition has records of, and where each begins
 * (KIP-101, KIP-320). Clients ask with it whether their position still exists.
 */
export class LeaderEpochs {
  #starts: EpochStart[] = [];

  /** The epoch of the newest record, -1 when there is none. */
  get latest(): number {
    return this.#starts.at(-1)?.epoch ?? -1;
  }

  /** Notes that a batch at `offset` was written in `epoch`. */
  written(epoch: number, offset: number): void {
    if (epoch > this.latest) this.#starts.push({ epoch, startOffset: offset });
  }

  /**
   * The largest epoch at or below `epoch` and the offset where it ends: where the next one
   * begins, or the log end. The current epoch begins there if it has no records yet.
   * Epoch and offset -1 for an epoch that has never been.
   */
  endOf(epoch: number, currentEpoch: number, logEndOffset: number): { epoch: number; endOffset: number } {
    if (epoch < 0 || epoch > currentEpoch) return { epoch: -1, endOffset: -1 };
    if (epoch === currentEpoch) return { epoch, endOffset: logEndOffset };
    const own = this.#starts.findLast((start) => start.epoch <= epoch);
    const next = this.#starts.find((start) => start.epoch > epoch);
    return { epoch: own?.epoch ?? epoch, endOffset: next?.startOffset ?? logEndOffset };
  }

  /** The epoch that the record at `offset` was written in, -1 when unknown. */
  epochAt(offset: number): number {
    return this.#starts.findLast((start) => start.startOffset <= offset)?.epoch ?? -1;
  }

  /** Forgets the epochs that begin at or behind `endOffset`. */
  truncate(endOffset: number): void {
    this.#starts = this.#starts.filter(({ startOffset }) => startOffset < endOffset);
  }

  /** The log begins at `startOffset` now: of the epochs that begin below it, the last one begins there. */
  dropBelow(startOffset: number): void {
    const below = this.#starts.findLastIndex((start) => start.startOffset < startOffset);
    if (below === -1) return;
    const { epoch } = this.#starts[below]!;
    const rest = this.#starts.slice(below + 1);
    // One that begins just there leaves nothing of the one before.
    this.#starts = rest[0]?.startOffset === startOffset ? rest : [{ epoch, startOffset }, ...rest];
  }

  snapshot(): readonly EpochStart[] {
    return [...this.#starts];
  }

  static restore(starts: readonly EpochStart[]): LeaderEpochs {
    const epochs = new LeaderEpochs();
    epochs.#starts = [...starts];
    return epochs;
  }
}
