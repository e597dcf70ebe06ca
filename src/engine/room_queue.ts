import type { Wal } from "../wal/mod.ts";
import type { Deadlines } from "./deadlines.ts";

/** Whoever waits gets so long at least, whatever it asked for: the next file of the log is made ready in less. */
const WAIT_MS_MIN = 1000;
/** And so long at most. */
const WAIT_MS_MAX = 30_000;

/**
 * Appends that wait for room in the log, in the order in which they came: a producer's batches must not overtake each
 * other. Mostly the next segment is just made ready; when the log is full it takes until something has been stored.
 */
export class RoomQueue {
  readonly #wal: Wal;
  readonly #deadlines: Deadlines;
  readonly #bytesMax: number;
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;
  #bytes = 0;
  #isRefusing = false;

  /** `bytesMax` bounds the memory of what waits. */
  constructor(wal: Wal, deadlines: Deadlines, bytesMax: number) {
    this.#wal = wal;
    this.#deadlines = deadlines;
    this.#bytesMax = bytesMax;
  }

  /** While this holds, whoever appends has to queue up. */
  get isBusy(): boolean {
    return this.#waiting > 0;
  }

  /** How many wait, and the bytes that they hold. */
  get waiting(): number {
    return this.#waiting;
  }

  get waitingBytes(): number {
    return this.#bytes;
  }

  /** Whether somebody was refused, and since then nobody got room, and there is none. */
  get isRefusing(): boolean {
    // Whoever is sent elsewhere because of it never comes to see that there is room again.
    if (this.#isRefusing && !this.isBusy && this.#wal.hasRoom) this.#isRefusing = false;
    return this.#isRefusing;
  }

  /** Whether something that holds `bytes` while it waits may still queue up; who may not is refused. */
  hasRoomFor(bytes: number): boolean {
    const fits = this.#bytes + bytes <= this.#bytesMax;
    if (!fits) this.#isRefusing = true;
    return fits;
  }

  /**
   * Calls `step` until it answers true: first when it is its turn, then whenever there may be room again, or `again`
   * says that something else has come that it waited for. Answers false when that has not happened within `waitMs`
   * (1 to 30 s, whatever it says).
   */
  async run(
    bytes: number,
    waitMs: number,
    step: () => boolean,
    again: () => Promise<void> | null = () => null,
  ): Promise<boolean> {
    const before = this.#last;
    const turn = Promise.withResolvers<void>();
    this.#last = turn.promise;
    this.#waiting++;
    this.#bytes += bytes;
    const over = Promise.withResolvers<void>();
    let isOver = false;
    const deadline = this.#deadlines.create(() => {
      isOver = true;
      over.resolve();
    });
    deadline.set(Math.min(WAIT_MS_MAX, Math.max(WAIT_MS_MIN, waitMs)));
    let isDone = false;
    try {
      await Promise.race([before, over.promise]);
      while (!isOver && !(isDone = step())) {
        await Promise.race([again() ?? this.#wal.whenRoom(), over.promise]);
      }
      this.#isRefusing = !isDone;
      return isDone;
    } finally {
      deadline.clear();
      this.#waiting--;
      this.#bytes -= bytes;
      // Who gives up before its turn has come must not let others pass those before it.
      void before.then(turn.resolve);
    }
  }
}
