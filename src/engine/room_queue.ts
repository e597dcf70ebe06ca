import type { Wal } from "../wal/mod.ts";

/**
 * Appends that wait for the log's next segment to be made ready, in the order in
 * which they came: a producer's batches must not overtake each other.
 */
export class RoomQueue {
  readonly #wal: Wal;
  readonly #bytesMax: number;
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;
  #bytes = 0;

  /** `bytesMax` bounds the memory of what waits. */
  constructor(wal: Wal, bytesMax: number) {
    this.#wal = wal;
    this.#bytesMax = bytesMax;
  }

  /** While this holds, whoever appends has to queue up. */
  get isBusy(): boolean {
    return this.#waiting > 0;
  }

  /** Whether something that holds `bytes` while it waits may still queue up. */
  hasRoomFor(bytes: number): boolean {
    return this.#bytes + bytes <= this.#bytesMax;
  }

  /** Calls `step` until it answers true: first when it is its turn, then whenever there may be room again. */
  async run(bytes: number, step: () => boolean): Promise<void> {
    const before = this.#last;
    const turn = Promise.withResolvers<void>();
    this.#last = turn.promise;
    this.#waiting++;
    this.#bytes += bytes;
    try {
      await before;
      while (!step()) await this.#wal.whenRoom();
    } finally {
      this.#waiting--;
      this.#bytes -= bytes;
      turn.resolve();
    }
  }
}
