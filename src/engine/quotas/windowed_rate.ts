/** Kafka's quota.window.num: so many windows are looked at, the current one among them. */
export const WINDOWS = 11;
/** Kafka's quota.window.size.seconds. */
export const WINDOW_MS = 1000;

/** What came in one window. */
class Window {
  sum = 0;
  lastMs: number;

  constructor(public startMs: number) {
    this.lastMs = startMs;
  }

  empty(nowMs: number): void {
    this.sum = 0;
    this.startMs = nowMs;
    this.lastMs = nowMs;
  }
}

/**
 * How much comes in a second, over the last ten to eleven, as Kafka reckons it: a window begins with what comes first
 * after the one before has had its time, and windows that nothing came in count as if they had been there.
 */
export class WindowedRate {
  /** A ring with one window more than are looked at: the oldest is looked at as long as some of it is young enough. */
  readonly #windows: Window[] = [];
  #current = 0;
  #perSecond = 0;
  #spanMs = 0;

  /** Counts `amount`, which may be below 0 to take some back. Times are monotonic, in whole ms. */
  add(amount: number, nowMs: number): void {
    let window = this.#windows[this.#current];
    if (window === undefined) this.#windows.push(window = new Window(nowMs));
    else if (nowMs - window.startMs >= WINDOW_MS) window = this.#next(nowMs);
    window.sum += amount;
    window.lastMs = nowMs;
  }

  /** How long nothing more may come until the rate is `limit` a second, in ms; 0 when it is not above. */
  excessMs(limit: number, nowMs: number): number {
    this.#measure(nowMs);
    if (this.#perSecond <= limit) return 0;
    return Math.round((this.#perSecond - limit) / limit * this.#spanMs);
  }

  #next(nowMs: number): Window {
    this.#current = (this.#current + 1) % (WINDOWS + 1);
    const recycled = this.#windows[this.#current];
    if (recycled !== undefined) {
      recycled.empty(nowMs);
      return recycled;
    }
    const window = new Window(nowMs);
    this.#windows.push(window);
    return window;
  }

  #measure(nowMs: number): void {
    let sum = 0;
    let oldestMs = nowMs;
    for (const window of this.#windows) {
      if (nowMs - window.lastMs >= WINDOWS * WINDOW_MS) window.empty(nowMs);
      if (window.startMs < oldestMs) oldestMs = window.startMs;
      sum += window.sum;
    }
    const seenMs = nowMs - oldestMs;
    const missing = Math.max(0, WINDOWS - 1 - Math.trunc(seenMs / WINDOW_MS));
    this.#spanMs = seenMs + missing * WINDOW_MS;
    this.#perSecond = sum / (this.#spanMs / 1000);
  }
}
