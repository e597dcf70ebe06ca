/** Each is a millisecond or more of another thread: whoever guesses passwords waits in line, and not everybody else. */
const AT_ONCE_MAX = 2;

/** Lets keys be derived of passwords, a few at a time. */
export class Derivations {
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  async run<T>(derive: () => Promise<T>): Promise<T> {
    if (this.#running === AT_ONCE_MAX) await new Promise<void>((free) => this.#waiting.push(free));
    else this.#running++;
    try {
      return await derive();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }
}
