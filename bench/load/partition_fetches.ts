import { BatchWalker } from "./batch_walker.ts";
import type { BrokerConnection, ResponseHandler } from "./connection.ts";
import { FetchReader, type PreparedFetch } from "./fetch_messages.ts";
import { correlationIdAt } from "./requests.ts";
import type { MeasuringWindow } from "./window.ts";

export interface PartitionFetchesOptions {
  readonly connection: BrokerConnection;
  /** Of the partition alone. */
  readonly request: PreparedFetch;
  readonly recordBytes: number;
  readonly window: MeasuringWindow;
}

/** Fetches of one partition, one after another, each noted. Offsets must follow one another. */
export class PartitionFetches {
  /** The offset that is fetched next. */
  readonly walker = new BatchWalker(null);
  readonly #options: PartitionFetchesOptions;
  readonly #answer = new FetchReader();
  readonly #onResponse: ResponseHandler = (bytes, start, end) => this.#take(bytes, start, end);
  #sent = 0;
  #answered = 0;
  #sentAtMs = 0;

  constructor(options: PartitionFetchesOptions) {
    this.#options = options;
  }

  /** Fetches once; answers the high watermark. */
  async next(): Promise<number> {
    const { connection, request } = this.#options;
    this.#sentAtMs = performance.now();
    await connection.send(request.at(this.walker.nextOffset, ++this.#sent));
    while (this.#answered !== this.#sent) await connection.receive(this.#onResponse);
    return this.#answer.highWatermark;
  }

  #take(bytes: Uint8Array<ArrayBuffer>, start: number, end: number): void {
    const { walker } = this;
    const { recordBytes, window } = this.#options;
    this.#answered = correlationIdAt(bytes, start);
    this.#answer.read(bytes, start, end);
    const before = walker.records;
    // In an empty partition there is nothing to walk.
    if (this.#answer.highWatermark > 0) {
      walker.walk(bytes, this.#answer.recordsStart, this.#answer.recordsEnd);
    }
    const count = walker.records - before;
    window.note(performance.now() - this.#sentAtMs, count, count * recordBytes);
  }
}
