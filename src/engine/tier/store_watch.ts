import { KliteError } from "../../base/klite_error.ts";
import type { Clock } from "../../io/clock.ts";
import type { EventSink } from "../../io/events.ts";

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;
/** A store that does not answer for so long is worth a word about the broker's health. */
const LONG_AWAY_MS = 60_000;

/** Whether an error says that nothing can be stored for now, whatever it is. */
export function isStoreTrouble(error: unknown): error is KliteError {
  return error instanceof KliteError &&
    (error.code === "STORE_UNAVAILABLE" || error.code === "STORE_REFUSED" || error.code === "DISK_FULL");
}

/**
 * To be called before anything is put: another broker may be about to take the cluster, or have it.
 * @throws KliteError STORE_UNAVAILABLE, retriable.
 */
export function assertLease(isConfirmed: boolean): void {
  if (isConfirmed) return;
  throw new KliteError("STORE_UNAVAILABLE", "the lease of the cluster is not confirmed at the moment", {
    retriable: true,
  });
}

/** Whether the object store takes what it is given: said once when it stops and once when it does again. */
export class StoreWatch {
  readonly #clock: Clock;
  readonly #events: EventSink;
  #awaySinceMs = 0;
  #pauseMs = 0;

  constructor(clock: Clock, events: EventSink) {
    this.#clock = clock;
    this.#events = events;
  }

  get isAway(): boolean {
    return this.#pauseMs > 0;
  }

  /** Nothing could be stored. Answers the pause after which it makes sense to try again: longer each time. */
  failed(error: unknown): number {
    const retryInMs = Math.min(LONGEST_PAUSE_MS, Math.max(FIRST_PAUSE_MS, this.#pauseMs * 2));
    if (!this.isAway) {
      this.#awaySinceMs = this.#clock.monotonicMs();
      this.#events({ type: "store_away", error, retryInMs });
    }
    return this.#pauseMs = retryInMs;
  }

  worked(): void {
    if (!this.isAway) return;
    this.#pauseMs = 0;
    this.#events({ type: "store_back", awayMs: this.#awayMs });
  }

  troubles(): string[] {
    if (!this.isAway || this.#awayMs < LONG_AWAY_MS) return [];
    return [`nothing could be stored in objects for ${Math.floor(this.#awayMs / 60_000)} minutes`];
  }

  get #awayMs(): number {
    return this.#clock.monotonicMs() - this.#awaySinceMs;
  }
}
