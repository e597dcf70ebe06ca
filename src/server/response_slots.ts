import { assert } from "../base/assert.ts";
import type { Reply } from "./request_handler.ts";

/** What comes of the requests of a connection, in their order. */
export interface SlotOutcomes {
  reply(reply: Reply): void;
  /** The handler threw, at once or later. */
  failure(error: unknown): void;
  /** One or more of the above have just been called; more requests may start now. */
  progress(): void;
}

/** One request that is being worked on. Reused, so that a request costs no closure. */
class Slot {
  reply: Reply | undefined;
  failure: unknown;
  hasFailed = false;
  readonly fulfilled: (reply: Reply) => void;
  readonly rejected: (error: unknown) => void;

  constructor(settle: () => void) {
    this.fulfilled = (reply) => {
      this.reply = reply;
      settle();
    };
    this.rejected = (error) => {
      this.failure = error;
      this.hasFailed = true;
      settle();
    };
  }

  get isSettled(): boolean {
    return this.reply !== undefined || this.hasFailed;
  }
}

/** Brings the replies of a connection, which get ready in any order, into the order of the requests. */
export class ResponseSlots {
  readonly #outcomes: SlotOutcomes;
  readonly #capacity: number;
  readonly #settle = (): void => this.#deliver();
  /** A ring, made longer as it is used. */
  readonly #ring: Slot[] = [];
  #head = 0;
  #pending = 0;

  constructor(capacity: number, outcomes: SlotOutcomes) {
    this.#capacity = capacity;
    this.#outcomes = outcomes;
  }

  /** Requests that are not answered, or not before earlier ones. */
  get pending(): number {
    return this.#pending;
  }

  get isFull(): boolean {
    return this.#pending === this.#capacity;
  }

  /** Takes the reply to the next request in order. */
  add(reply: Reply | Promise<Reply>): void {
    if (!(reply instanceof Promise)) {
      if (this.#pending === 0) this.#outcomes.reply(reply);
      else this.#next().reply = reply;
      return;
    }
    const slot = this.#next();
    reply.then(slot.fulfilled, slot.rejected);
  }

  /** The same for a request whose handler threw. */
  addFailure(error: unknown): void {
    if (this.#pending === 0) {
      this.#outcomes.failure(error);
      return;
    }
    const slot = this.#next();
    slot.failure = error;
    slot.hasFailed = true;
  }

  #next(): Slot {
    assert(!this.isFull, "a request was started without a slot");
    const index = (this.#head + this.#pending) % this.#capacity;
    this.#pending++;
    return this.#ring[index] ??= new Slot(this.#settle);
  }

  #deliver(): void {
    let slot = this.#ring[this.#head];
    if (slot === undefined || !slot.isSettled) return;
    while (this.#pending > 0 && slot?.isSettled) {
      const { reply, failure, hasFailed } = slot;
      slot.reply = undefined;
      slot.failure = undefined;
      slot.hasFailed = false;
      this.#head = (this.#head + 1) % this.#capacity;
      this.#pending--;
      if (hasFailed) this.#outcomes.failure(failure);
      else if (reply !== undefined) this.#outcomes.reply(reply);
      slot = this.#ring[this.#head];
    }
    this.#outcomes.progress();
  }
}
