import { KliteError } from "../../base/klite_error.ts";
import { faultOf, storeError, type StoreFault } from "./s3_errors.ts";

/** How long a request is tried, and how often. */
export interface RetryOptions {
  /** One attempt, with all of its bytes: 8 MiB in it need 2.3 Mbit/s. Default: 30 s. */
  readonly attemptTimeoutMs?: number;
  /** All attempts of one request; each part of a large object is a request. Default: 60 s. */
  readonly deadlineMs?: number;
  /** The first wait is at most this long; each further one twice as long, up to 5 s. Default: 100 ms. */
  readonly firstWaitMs?: number;
}

/** One of several attempts of a request. */
export interface Attempt {
  readonly signal: AbortSignal;
  /** Whether an earlier attempt may have had its effect although it failed. */
  readonly isRepeat: boolean;
}

const LONGEST_WAIT_MS = 5_000;

/** An error that came in an answer which was otherwise a success, or an answer that makes no sense. */
export class AnswerError extends Error {
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

/** Tries requests again while that may help: exponential waits with full jitter, so that many do not come at once. */
export class S3Requests {
  readonly #attemptTimeoutMs: number;
  readonly #deadlineMs: number;
  readonly #firstWaitMs: number;
  readonly #closing = new AbortController();

  constructor(options: RetryOptions) {
    this.#attemptTimeoutMs = options.attemptTimeoutMs ?? 30_000;
    this.#deadlineMs = options.deadlineMs ?? 60_000;
    this.#firstWaitMs = options.firstWaitMs ?? 100;
  }

  /**
   * Does `once` until it succeeds; `what` completes "cannot …" in messages. `settle` may answer for what an error
   * means after all, or give `undefined`.
   */
  async send<T>(
    what: string,
    once: (attempt: Attempt) => Promise<T>,
    settle?: (fault: StoreFault, isRepeat: boolean) => Promise<T | undefined>,
  ): Promise<T> {
    const endMs = performance.now() + this.#deadlineMs;
    for (let count = 0;; count++) {
      const isRepeat = count > 0;
      try {
        return await this.#attempt(once, isRepeat, endMs);
      } catch (error) {
        if (error instanceof KliteError) throw error;
        const fault = faultOf(error);
        const settled = await settle?.(fault, isRepeat);
        if (settled !== undefined) return settled;
        const isFinal = fault !== "transient" && fault !== "contended";
        const waitMs = Math.random() * Math.min(this.#firstWaitMs * 2 ** count, LONGEST_WAIT_MS);
        if (isFinal || this.#closing.signal.aborted || performance.now() + waitMs >= endMs) {
          throw storeError(fault, what, error);
        }
        await this.#wait(waitMs);
      }
    }
  }

  /** One attempt and no more: for what others will do if it fails. */
  async tryOnce(once: (attempt: Attempt) => Promise<unknown>): Promise<void> {
    const endMs = performance.now() + this.#attemptTimeoutMs;
    await Promise.allSettled([this.#attempt(once, false, endMs)]);
  }

  /** Ends all that is under way; false if that has been done already. */
  close(): boolean {
    if (this.#closing.signal.aborted) return false;
    this.#closing.abort(new AnswerError("Closed", "the store is closed"));
    return true;
  }

  async #attempt<T>(
    once: (attempt: Attempt) => Promise<T>,
    isRepeat: boolean,
    endMs: number,
  ): Promise<T> {
    const tooLate = new AbortController();
    const timeoutMs = Math.min(this.#attemptTimeoutMs, Math.max(0, endMs - performance.now()));
    const timer = setTimeout(
      () => tooLate.abort(new AnswerError("TimeoutError", `no answer within ${Math.ceil(timeoutMs)} ms`)),
      timeoutMs,
    );
    try {
      const signal = AbortSignal.any([tooLate.signal, this.#closing.signal]);
      signal.throwIfAborted();
      return await once({ signal, isRepeat });
    } finally {
      clearTimeout(timer);
    }
  }

  #wait(waitMs: number): Promise<void> {
    const { signal } = this.#closing;
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", end);
        resolve();
      };
      const timer = setTimeout(end, waitMs);
      signal.addEventListener("abort", end);
    });
  }
}
