import type { Clock, Timer } from "../io/clock.ts";
import type { Address, Listener, Socket } from "../io/network.ts";

const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 1000;

/** What becomes of what a listener gives. */
export interface AcceptOutcomes {
  accepted(socket: Socket): void;
  failed(error: unknown, retryInMs: number): void;
}

/** Takes connections off one listener until it is closed; pauses, longer each time, when the system has none. */
export class AcceptLoop {
  readonly #listener: Listener;
  readonly #clock: Clock;
  #pause: { readonly timer: Timer; readonly end: () => void } | undefined;
  #closed = false;
  /** Resolves when the loop is over. */
  readonly done: Promise<void>;

  constructor(listener: Listener, clock: Clock, outcomes: AcceptOutcomes) {
    this.#listener = listener;
    this.#clock = clock;
    this.done = this.#run(outcomes);
  }

  get address(): Address {
    return this.#listener.address;
  }

  close(): void {
    this.#closed = true;
    this.#listener.close();
    this.#pause?.timer.cancel();
    this.#pause?.end();
  }

  async #run(outcomes: AcceptOutcomes): Promise<void> {
    let retryMs = FIRST_RETRY_MS;
    while (!this.#closed) {
      try {
        const socket = await this.#listener.accept();
        if (socket === null) return;
        retryMs = FIRST_RETRY_MS;
        outcomes.accepted(socket);
      } catch (error) {
        outcomes.failed(error, retryMs);
        await this.#wait(retryMs);
        retryMs = Math.min(2 * retryMs, LAST_RETRY_MS);
      }
    }
  }

  #wait(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.#pause = { timer: this.#clock.setTimer(delayMs, resolve), end: resolve };
    });
  }
}
