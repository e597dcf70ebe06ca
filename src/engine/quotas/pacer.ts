import { TokenBucket } from "./token_bucket.ts";
import { WINDOW_MS, WINDOWS } from "./windowed_rate.ts";

/** What a client that is paced may have at once, in seconds of its rate. */
const BURST_SECONDS = 0.5;
/** Whoever has not had to pause for so long is paced no more: none of what it paused for is looked at any longer. */
const CALM_MS = WINDOWS * WINDOW_MS;

/**
 * Evens out what a client gets that keeps using more than it may. By windows alone, as in Kafka, it would get ten
 * seconds' worth at once and then nothing, over and over, for all of a burst leaves the windows together.
 */
export class Pacer {
  #bucket: TokenBucket | null = null;
  #untilMs = 0;

  isPacing(nowMs: number): boolean {
    return nowMs < this.#untilMs;
  }

  /** Notes that the client has to pause: from here on it is paced. */
  paused(pauseMs: number, perSecond: number, nowMs: number): void {
    if (!this.isPacing(nowMs)) {
      this.#bucket = new TokenBucket(BURST_SECONDS);
      this.#bucket.take(BURST_SECONDS * perSecond, perSecond, nowMs);
    }
    this.#untilMs = nowMs + pauseMs + CALM_MS;
  }

  take(amount: number, perSecond: number, nowMs: number): void {
    if (this.isPacing(nowMs)) this.#bucket?.take(amount, perSecond, nowMs);
  }

  /** How long until the client may have more, in ms; 0 when it may now, or is not paced. */
  lackMs(perSecond: number, nowMs: number): number {
    return this.isPacing(nowMs) ? this.#bucket?.lackMs(perSecond, nowMs) ?? 0 : 0;
  }
}
