import type { DirectPerformer } from "./direct_requests.ts";
import { newShared, WORD } from "./direct_protocol.ts";

/** The thread of direct writes, as seen by who asks it. */
export class DirectThread implements DirectPerformer {
  readonly shared = newShared();
  readonly #worker = new Worker(new URL("./direct_worker.ts", import.meta.url), { type: "module" });
  #requestCount = 0;
  /** Why the thread is no more, if it is not. */
  #death: string | undefined;

  constructor() {
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#died(event.message);
    };
    this.#worker.postMessage(this.shared.memory);
  }

  async perform(): Promise<void> {
    const { words } = this.shared;
    if (this.#death === undefined) {
      Atomics.store(words, WORD.requests, ++this.#requestCount);
      Atomics.notify(words, WORD.requests);
      await Atomics.waitAsync(words, WORD.answers, this.#requestCount - 1).value;
    }
    if (this.#death !== undefined) throw new Error(this.#death);
  }

  end(): void {
    this.#worker.terminate();
  }

  /** Whoever waits is told, and whoever asks from now on. */
  #died(reason: string): void {
    const { words } = this.shared;
    this.#death = `the thread of direct writes has ended: ${reason}`;
    Atomics.store(words, WORD.answers, this.#requestCount);
    Atomics.notify(words, WORD.answers);
  }
}
