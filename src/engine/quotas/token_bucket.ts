/** Tokens that come at a steady rate and are kept up to a bound, as Kafka reckons changes of topics (KIP-599). */
export class TokenBucket {
  /** What it holds, in seconds of what flows into it. */
  readonly #burstSeconds: number;
  #tokens = 0;
  #filledAtMs = -Infinity;

  /** Full at first. */
  constructor(burstSeconds: number) {
    this.#burstSeconds = burstSeconds;
  }

  /** Takes tokens, also those that are not there yet. Times are monotonic, in whole ms. */
  take(tokens: number, perSecond: number, nowMs: number): void {
    this.#fill(perSecond, nowMs);
    this.#tokens -= tokens;
  }

  /** How long until there are as many tokens as were taken, in ms; 0 when there are. */
  lackMs(perSecond: number, nowMs: number): number {
    this.#fill(perSecond, nowMs);
    return this.#tokens < 0 ? Math.round(-this.#tokens / perSecond * 1000) : 0;
  }

  isFull(perSecond: number, nowMs: number): boolean {
    return this.#tokensAt(perSecond, nowMs) >= this.#burstSeconds * perSecond;
  }

  #fill(perSecond: number, nowMs: number): void {
    this.#tokens = this.#tokensAt(perSecond, nowMs);
    this.#filledAtMs = nowMs;
  }

  #tokensAt(perSecond: number, nowMs: number): number {
    const gained = perSecond * ((nowMs - this.#filledAtMs) / 1000);
    return Math.min(this.#burstSeconds * perSecond, this.#tokens + gained);
  }
}
