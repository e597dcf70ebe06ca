import { assert } from "../base/assert.ts";
import type { Reply, ResponseReply } from "./request_handler.ts";

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
  /** What the reply waits for, if it is there and waits. */
  after: Promise<void> | undefined;
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
    return this.hasFailed || (this.reply !== undefined && this.after === undefined);
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
  /** What the newest replies wait for, as one commit is waited for by many. */
  #after: Promise<void> | undefined;

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
    if (reply instanceof Promise) {
      const slot = this.#next();
      reply.then(slot.fulfilled, slot.rejected);
    } else if (reply.kind === "response" && reply.after !== undefined) this.#addLater(reply, reply.after);
    else if (this.#pending === 0) this.#outcomes.reply(reply);
    else this.#next().reply = reply;
  }

  #addLater(reply: ResponseReply, after: Promise<void>): void {
    const slot = this.#next();
    slot.reply = reply;
    slot.after = after;
    if (after === this.#after) return;
    this.#after = after;
    after.then(() => this.#arrived(after), (error) => this.#arrived(after, { error }));
  }

  /** What some of the replies have waited for has come, or will not. */
  #arrived(after: Promise<void>, failure?: { readonly error: unknown }): void {
    if (this.#after === after) this.#after = undefined;
    for (let index = 0; index < this.#pending; index++) {
      const slot = this.#ring[(this.#head + index) % this.#capacity];
      if (slot?.after !== after) continue;
      slot.after = undefined;
      if (failure === undefined) continue;
      slot.failure = failure.error;
      slot.hasFailed = true;
    }
    this.#deliver();
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
      if (hasFailed) {
        if (reply?.kind === "response") reply.release();
        this.#outcomes.failure(failure);
      } else if (reply !== undefined) this.#outcomes.reply(reply);
      slot = this.#ring[this.#head];
    }
    this.#outcomes.progress();
  }
}
