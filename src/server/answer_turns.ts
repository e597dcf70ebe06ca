import type { UnsentBytes } from "./unsent_bytes.ts";

/** Answers that are being formed at a time. While one is, its bytes are counted nowhere. */
const AT_A_TIME = 4;

/**
 * Whose turn it is to form an answer that was waited for. Those may become possible all at once, as when many
 * clients wait for the same records; formed together they would take memory without bound.
 */
export class AnswerTurns {
  readonly #unsent: UnsentBytes;
  readonly #taken = new Set<object>();
  readonly #waiting = new Map<object, () => void>();
  readonly #serve = (): void => this.#serveWaiting();

  constructor(unsent: UnsentBytes) {
    this.#unsent = unsent;
  }

  /** Waits for the turn of `owner`, who has one answer to form at a time; `undefined` if it has come already. */
  take(owner: object): Promise<void> | undefined {
    if (this.#taken.has(owner)) return undefined;
    return new Promise((resolve) => {
      this.#waiting.set(owner, resolve);
      this.#serveWaiting();
    });
  }

  /** The answer of `owner` is counted, or will not come: the turn, or the waiting for it, is over. Idempotent. */
  end(owner: object): void {
    const resolve = this.#waiting.get(owner);
    this.#waiting.delete(owner);
    resolve?.();
    if (this.#taken.delete(owner)) this.#serveWaiting();
  }

  #serveWaiting(): void {
    for (const [owner, resolve] of this.#waiting) {
      if (this.#taken.size === AT_A_TIME) return;
      if (this.#unsent.isOver) return this.#unsent.whenBelow(this.#serve);
      this.#waiting.delete(owner);
      this.#taken.add(owner);
      resolve();
    }
  }
}
