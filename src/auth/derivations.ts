import { KliteError } from "../base/klite_error.ts";

/** Each is a millisecond or more of another thread: whoever guesses passwords waits in line, and not everybody else. */
const AT_ONCE_MAX = 2;

/** Lets keys be derived of passwords, a few at a time. */
export class Derivations {
  readonly #waiting = new Set<() => void>();
  #running = 0;

  /** Rejects with CONNECTION_CLOSED when `gone` is aborted before its turn: whoever has left is not waited for. */
  async run<T>(derive: () => Promise<T>, gone?: AbortSignal): Promise<T> {
    if (this.#running === AT_ONCE_MAX) await this.#turn(gone);
    else this.#running++;
    try {
      return await derive();
    } finally {
      const [next] = this.#waiting;
      if (next === undefined) this.#running--;
      else next();
    }
  }

  #turn(gone: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      if (gone?.aborted === true) return reject(hasGone());
      const come = () => {
        this.#waiting.delete(come);
        gone?.removeEventListener("abort", leave);
        resolve();
      };
      const leave = () => {
        this.#waiting.delete(come);
        reject(hasGone());
      };
      this.#waiting.add(come);
      gone?.addEventListener("abort", leave);
    });
  }
}

function hasGone(): KliteError {
  return new KliteError("CONNECTION_CLOSED", "the client has gone before its password was checked");
}
