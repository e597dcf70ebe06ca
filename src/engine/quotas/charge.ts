import type { Clock } from "../../io/clock.ts";
import type { BytesQuota, ChangeQuota, RateQuota } from "./shared_quota.ts";
import { WINDOW_MS, WINDOWS } from "./windowed_rate.ts";

/** Kafka's bound for what the time of requests costs. */
const REQUEST_THROTTLE_MS_MAX = WINDOW_MS;
/** Milliseconds of work in percent of a second. */
const PERCENT_PER_MS = 0.1;

/** What may be limited. */
export type QuotaKind = "produce" | "fetch" | "request" | "controller_mutation";

/** How often clients had to pause, and for how long in all. */
export interface ThrottleFigures {
  requests: number;
  ms: number;
}

/** The quotas that count for a user's client; `null` where there is none. */
export interface Allowance {
  readonly produce: BytesQuota | null;
  readonly fetch: BytesQuota | null;
  /** In percent of the time of the one loop that all requests share. */
  readonly request: RateQuota | null;
  readonly changes: ChangeQuota | null;
}

/** What one request takes from the quotas of whoever sent it, and how long that client has to pause because of it. */
export class Charge {
  readonly #allowance: Allowance;
  readonly #figures: Readonly<Record<QuotaKind, ThrottleFigures>>;
  readonly #clock: Clock;
  readonly #producedBytes: number;
  /** Since when the request is worked on; negative when that is not measured. */
  #sinceMs = -1;
  #workedMs = 0;
  /** A request is counted once, whatever comes later. */
  #isTimeCounted = false;
  #kind: QuotaKind = "request";
  #throttleMs = 0;

  /** `producedBytes` are those of a whole Produce request, and 0 for others. */
  constructor(
    allowance: Allowance,
    figures: Readonly<Record<QuotaKind, ThrottleFigures>>,
    clock: Clock,
    producedBytes: number,
  ) {
    this.#allowance = allowance;
    this.#figures = figures;
    this.#clock = clock;
    this.#producedBytes = producedBytes;
    this.resume();
  }

  /** More bytes than this could never be fetched without a pause. */
  get fetchBytesMax(): number {
    const { fetch } = this.#allowance;
    return fetch === null ? Infinity : Math.trunc(fetch.perSecond * (WINDOWS - 1) * WINDOW_MS / 1000);
  }

  /** From here on the request is worked on. */
  resume(): void {
    if (this.#allowance.request !== null) this.#sinceMs = this.#clock.monotonicMs();
  }

  /** For now it is not: it waits for something, or is done. */
  pause(): void {
    if (this.#sinceMs < 0) return;
    const workedMs = this.#clock.monotonicMs() - this.#sinceMs;
    this.#sinceMs = -1;
    if (this.#isTimeCounted) this.#allowance.request?.add(workedMs * PERCENT_PER_MS, this.#nowMs());
    else this.#workedMs += workedMs;
  }

  /**
   * Counts bytes that are about to be sent, and answers how long the client has to pause: if at all, they must not be
   * sent, and are not counted.
   */
  fetch(bytes: number): number {
    const { fetch } = this.#allowance;
    const nowMs = this.#nowMs();
    this.#countTime(nowMs);
    const pauseMs = fetch?.useIfMay(bytes, nowMs) ?? 0;
    if (pauseMs === 0 && this.#throttleMs > 0) fetch?.giveBack(bytes, nowMs);
    this.#note("fetch", pauseMs);
    this.resume();
    return this.#throttleMs;
  }

  /**
   * Counts partitions that are about to be made or deleted. With `isStrict` they must not be if this is false, and
   * are not counted; else it is always true, and the client pauses afterwards.
   */
  change(partitions: number, isStrict: boolean): boolean {
    const { changes } = this.#allowance;
    if (changes === null) return true;
    const nowMs = this.#nowMs();
    const lackMs = isStrict ? changes.pauseMs(nowMs) : 0;
    if (lackMs === 0) changes.take(partitions, nowMs);
    this.#note("controller_mutation", isStrict ? lackMs : changes.pauseMs(nowMs));
    return lackMs === 0;
  }

  /**
   * Called once, when the request is answered: how long the client has to pause, in ms. For requests that get no
   * answer time is not counted. The work that is left is counted for the client's next request.
   */
  settle(hasAnswer: boolean): number {
    this.pause();
    const nowMs = this.#nowMs();
    if (this.#producedBytes > 0) {
      this.#note("produce", this.#allowance.produce?.use(this.#producedBytes, nowMs) ?? 0);
    }
    if (hasAnswer) this.#countTime(nowMs);
    if (this.#throttleMs > 0) {
      const figures = this.#figures[this.#kind];
      figures.requests++;
      figures.ms += this.#throttleMs;
    }
    this.resume();
    return this.#throttleMs;
  }

  #countTime(nowMs: number): void {
    if (this.#isTimeCounted) return;
    this.pause();
    this.#isTimeCounted = true;
    const throttleMs = this.#allowance.request?.use(this.#workedMs * PERCENT_PER_MS, nowMs) ?? 0;
    this.#note("request", Math.min(throttleMs, REQUEST_THROTTLE_MS_MAX));
  }

  /** Of several the longest counts. */
  #note(kind: QuotaKind, throttleMs: number): void {
    if (throttleMs <= this.#throttleMs) return;
    this.#kind = kind;
    this.#throttleMs = throttleMs;
  }

  #nowMs(): number {
    return Math.trunc(this.#clock.monotonicMs());
  }
}
