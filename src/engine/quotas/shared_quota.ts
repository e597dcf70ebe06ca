import { Pacer } from "./pacer.ts";
import { TokenBucket } from "./token_bucket.ts";
import { WINDOW_MS, WindowedRate, WINDOWS } from "./windowed_rate.ts";

/** The longest time that an answer can tell. */
const THROTTLE_MS_MAX = 2 ** 31 - 1;
/** Changes that a client may have at once, in seconds of its rate. */
const CHANGES_BURST_SECONDS = WINDOWS * WINDOW_MS / 1000;

/** A quota of time: what the clients that share it have used of it. */
export class RateQuota {
  /** May change while it is used. */
  perSecond = Infinity;
  readonly #rate = new WindowedRate();
  #usedAtMs: number;

  constructor(nowMs: number) {
    this.#usedAtMs = nowMs;
  }

  /** Counts `amount`, and answers how long the client has to pause then. */
  use(amount: number, nowMs: number): number {
    this.add(amount, nowMs);
    return Math.min(this.#rate.excessMs(this.perSecond, nowMs), THROTTLE_MS_MAX);
  }

  /** Counts `amount`, which may be below 0, for those who use it next. */
  add(amount: number, nowMs: number): void {
    this.#usedAtMs = nowMs;
    this.#rate.add(amount, nowMs);
  }

  /** Whether it is as if it had never been used: all windows are over. */
  isAsNew(nowMs: number): boolean {
    return nowMs - this.#usedAtMs > WINDOWS * WINDOW_MS;
  }
}

/** A quota of bytes. Whoever keeps using more than it may gets what it may evenly. */
export class BytesQuota extends RateQuota {
  readonly #pacer = new Pacer();

  override use(bytes: number, nowMs: number): number {
    const excessMs = super.use(bytes, nowMs);
    this.#pacer.take(bytes, this.perSecond, nowMs);
    return this.#paced(excessMs, nowMs);
  }

  /** The same for bytes that the client does not get if it has to pause: they are counted when this is 0. */
  useIfMay(bytes: number, nowMs: number): number {
    const pauseMs = this.#paced(super.use(bytes, nowMs), nowMs);
    if (pauseMs > 0) super.add(-bytes, nowMs);
    else this.#pacer.take(bytes, this.perSecond, nowMs);
    return pauseMs;
  }

  /** Takes back what was counted: the client does not get it. */
  giveBack(bytes: number, nowMs: number): void {
    super.add(-bytes, nowMs);
    this.#pacer.take(-bytes, this.perSecond, nowMs);
  }

  override isAsNew(nowMs: number): boolean {
    return super.isAsNew(nowMs) && !this.#pacer.isPacing(nowMs);
  }

  #paced(excessMs: number, nowMs: number): number {
    const lackMs = Math.min(this.#pacer.lackMs(this.perSecond, nowMs), THROTTLE_MS_MAX);
    const pauseMs = Math.max(excessMs, lackMs);
    if (pauseMs > 0) this.#pacer.paused(pauseMs, this.perSecond, nowMs);
    return pauseMs;
  }
}

/** A quota of changes. */
export class ChangeQuota {
  /** May change while it is used. */
  perSecond = Infinity;
  readonly #bucket = new TokenBucket(CHANGES_BURST_SECONDS);

  take(changes: number, nowMs: number): void {
    this.#bucket.take(changes, this.perSecond, nowMs);
  }

  /** How long the client has to pause. */
  pauseMs(nowMs: number): number {
    return Math.min(this.#bucket.lackMs(this.perSecond, nowMs), THROTTLE_MS_MAX);
  }

  /** Whether it is as if it had never been used: all has been paid back. */
  isAsNew(nowMs: number): boolean {
    return this.#bucket.isFull(this.perSecond, nowMs);
  }
}
