import type { UnsentBytes } from "./unsent_bytes.ts";

/**
 * Whose turn it is to do what takes memory that is counted only afterwards, such as forming an answer. That may
 * become possible for many at once, as when they wait for the same records; done together it would take memory
 * without bound.
 */
export class TurnQueue {
  readonly #atATime: number;
  readonly #unsent: UnsentBytes;
  readonly #taken = new Set<object>();
  readonly #waiting = new Map<object, () => void>();
  readonly #serve = (): void => this.#serveWaiting();
  #serving = false;

  /** `atATime` have their turn together, and nobody's begins while too much is `unsent`. */
  constructor(atATime: number, unsent: UnsentBytes) {
    this.#atATime = atATime;
    this.#unsent = unsent;
  }

  /** Whether it is the turn of `owner`, who does one thing at a time. If not, `come` is called when it is. */
  isTurnOf(owner: object, come: () => void): boolean {
    if (this.#taken.has(owner)) return true;
    const isFree = this.#waiting.size === 0 && this.#taken.size < this.#atATime;
    if (isFree && !this.#unsent.isOver) {
      this.#taken.add(owner);
      return true;
    }
    this.#waiting.set(owner, come);
    if (isFree) this.#unsent.whenBelow(this.#serve, true);
    return false;
  }

  /** The turn of `owner` is over, or the waiting for it: what was taken is counted now, or will not be. Idempotent. */
  end(owner: object): void {
    // Called for every answer, while turns are rare.
    if (this.#taken.size === 0 && this.#waiting.size === 0) return;
    const come = this.#waiting.get(owner);
    this.#waiting.delete(owner);
    if (this.#taken.delete(owner)) this.#serveWaiting();
    come?.();
  }

  #serveWaiting(): void {
    // Whoever comes may be done at once, which must not lead here again and again, deeper each time.
    if (this.#serving) return;
    this.#serving = true;
    try {
      for (const [owner, come] of this.#waiting) {
        if (this.#taken.size === this.#atATime) return;
        if (this.#unsent.isOver) return this.#unsent.whenBelow(this.#serve, true);
        this.#waiting.delete(owner);
        this.#taken.add(owner);
        come();
      }
    } finally {
      this.#serving = false;
    }
  }
}
