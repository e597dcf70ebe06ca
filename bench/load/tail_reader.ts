import { BatchWalker } from "./batch_walker.ts";
import { BrokerConnection } from "./connection.ts";
import { FetchReader, PreparedFetch } from "./fetch_messages.ts";
import type { Target } from "./job.ts";
import { correlationIdAt } from "./requests.ts";

const MAX_WAIT_MS = 500;
const FETCH_BYTES = 1024 * 1024;

/** What to read, and whom to tell. */
export interface TailReaderOptions {
  readonly topic: string;
  readonly partition: number;
  /** Called with the offsets [from, to) of each answer that brings records. */
  readonly onRecords: (from: number, to: number) => void;
}

/** Waits at the end of one partition with long polls and reads whatever comes. */
export class TailReader {
  readonly #connection: BrokerConnection;
  readonly #options: TailReaderOptions;
  #endOffset = Number.POSITIVE_INFINITY;

  private constructor(connection: BrokerConnection, options: TailReaderOptions) {
    this.#connection = connection;
    this.#options = options;
  }

  static async open(target: Target, options: TailReaderOptions): Promise<TailReader> {
    return new TailReader(await BrokerConnection.open(target), options);
  }

  /** Tells how many records there will ever be. */
  endAt(offset: number): void {
    this.#endOffset = offset;
  }

  async run(): Promise<void> {
    const { topic, partition, onRecords } = this.#options;
    const request = new PreparedFetch({ topic, partition, maxBytes: FETCH_BYTES, maxWaitMs: MAX_WAIT_MS });
    const answer = new FetchReader();
    const walker = new BatchWalker(null);
    let sent = 0;
    let answered = 0;
    const onResponse = (bytes: Uint8Array<ArrayBuffer>, start: number, end: number) => {
      answered = correlationIdAt(bytes, start);
      answer.read(bytes, start, end);
      if (answer.recordsStart === answer.recordsEnd) return;
      const from = walker.nextOffset;
      walker.walk(bytes, answer.recordsStart, answer.recordsEnd);
      onRecords(from, walker.nextOffset);
    };
    try {
      while (walker.nextOffset < this.#endOffset) {
        await this.#connection.send(request.at(walker.nextOffset, ++sent));
        while (answered !== sent) await this.#connection.receive(onResponse);
      }
    } finally {
      this.#connection.close();
    }
  }
}
