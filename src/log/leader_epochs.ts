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

  /** The epoch of the newest record, −1 when there is none. */
  get latest(): number {
    return this.#starts.at(-1)?.epoch ?? -1;
  }

  /** Notes that a batch at `offset` was written in `epoch`. */
  written(epoch: number, offset: number): void {
    if (epoch > this.latest) this.#starts.push({ epoch, startOffset: offset });
  }

  /**
   * The largest epoch at or below `epoch` and the offset where it ends, which is
   * where the next one starts or the log end. Epoch and offset −1 when unknown.
   */
  endOf(epoch: number, currentEpoch: number, logEndOffset: number): { epoch: number; endOffset: number } {
    if (epoch === currentEpoch) return { epoch, endOffset: logEndOffset };
    const next = this.#starts.findIndex((start) => start.epoch > epoch);
    if (epoch < 0 || epoch > currentEpoch || this.#starts.length === 0) return { epoch: -1, endOffset: -1 };
    if (next === -1) return { epoch: this.latest, endOffset: logEndOffset };
    if (next === 0) return { epoch, endOffset: this.#starts[0]!.startOffset };
    return { epoch: this.#starts[next - 1]!.epoch, endOffset: this.#starts[next]!.startOffset };
  }

  /** The epoch that the record at `offset` was written in, −1 when unknown. */
  epochAt(offset: number): number {
    return this.#starts.findLast((start) => start.startOffset <= offset)?.epoch ?? -1;
  }

  snapshot(): readonly EpochStart[] {
    return this.#starts;
  }

  static restore(starts: readonly EpochStart[]): LeaderEpochs {
    const epochs = new LeaderEpochs();
    epochs.#starts = [...starts];
    return epochs;
  }
}
