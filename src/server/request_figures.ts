import { Histogram, LATENCY_BOUNDS_SECONDS } from "../base/histogram.ts";

/** What is counted of the requests of one API. */
export class ApiFigures {
  /** Requests that were begun. */
  requests = 0;
  /** From there until the answer could be written, in seconds; without those that have no answer. */
  readonly seconds = new Histogram(LATENCY_BOUNDS_SECONDS);
  /** Kafka's errors in answers, by code: each topic, partition or group with one counts. */
  readonly errors = new Map<number, number>();

  failed(errorCode: number): void {
    this.errors.set(errorCode, (this.errors.get(errorCode) ?? 0) + 1);
  }
}

/** Figures by API, made when the first request comes. */
export class RequestFigures {
  readonly #byKey = new Map<number, ApiFigures>();

  of(apiKey: number): ApiFigures {
    let figures = this.#byKey.get(apiKey);
    if (figures === undefined) this.#byKey.set(apiKey, figures = new ApiFigures());
    return figures;
  }

  [Symbol.iterator](): IterableIterator<[apiKey: number, figures: ApiFigures]> {
    return this.#byKey.entries();
  }
}
