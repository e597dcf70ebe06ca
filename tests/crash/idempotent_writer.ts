import { ErrorCode, errorName } from "../../src/base/error_codes.ts";
import type { SimRandom } from "../../src/io/sim/random.ts";
import { Compression } from "../../src/records/mod.ts";
import { buildBatch } from "../../src/records/compress.ts";
import { newProducerId, produce, type TopicRef } from "../support/requests.ts";
import { ConnectionEnded, WireClient } from "../support/wire_client.ts";

/** As Java's producer: more could not be told apart by the broker. */
const IN_FLIGHT = 5;
const RECONNECT_MS = 10;
const RECORDS_MAX = 40;
const VALUE_BYTES_MAX = 1500;
/** Keys of a partition: records have them in turn. */
export const KEYS = 50;
/** For the broker a codec is a few bits more; two of them are enough to see that it keeps them. */
const CODECS = [Compression.NONE, Compression.NONE, Compression.GZIP];

/** A batch that was sent; `baseOffset` once the broker has acknowledged it. */
export interface SentBatch {
  readonly partition: number;
  readonly firstNumber: number;
  readonly count: number;
  readonly compression: Compression;
  baseOffset: number | null;
}

/** What a record holds: its partition, its own number, and filling. */
export function recordValue(partition: number, number: number): string {
  return `${partition}/${number}:${"x".repeat((number * 97) % VALUE_BYTES_MAX)}`;
}

/** The broker answered, and it should not have answered that. */
class BrokerRefused extends Error {
  override readonly name = "BrokerRefused";
}

/** Throws unless the broker has done it: {@link ConnectionEnded} when it had no room for it, and may have later. */
export function assertTaken(errorCode: number, what: string): void {
  if (errorCode === ErrorCode.KAFKA_STORAGE_ERROR) throw new ConnectionEnded(`no room for ${what}`);
  if (errorCode !== ErrorCode.NONE) throw new BrokerRefused(`${errorName(errorCode)} for ${what}`);
}

/**
 * An idempotent producer that does not give up: whatever happens to the broker,
 * it connects again and repeats, in order, what was not answered.
 */
export class IdempotentWriter {
  readonly batches: SentBatch[] = [];
  readonly #port: number;
  readonly #topic: TopicRef;
  readonly #partitions: readonly number[];
  readonly #random: SimRandom;
  /** Records sent, by partition: the number and the sequence of the next. */
  readonly #sent = new Map<number, number>();
  #producerId = -1;
  #stopped = false;

  /** Nobody else writes to `partitions`. */
  constructor(port: number, topic: TopicRef, partitions: readonly number[], random: SimRandom) {
    this.#port = port;
    this.#topic = topic;
    this.#partitions = partitions;
    this.#random = random;
  }

  /** No new batches; {@link run} ends when all that were sent are acknowledged. */
  stop(): void {
    this.#stopped = true;
  }

  /** Rejects with {@link BrokerRefused} when the broker errs. */
  async run(): Promise<void> {
    while (!this.#stopped || this.#open().length > 0) {
      try {
        await using client = await WireClient.connect(this.#port);
        await this.#write(client);
      } catch (error) {
        if (!isBrokerGone(error)) throw error;
        await new Promise((resolve) => setTimeout(resolve, RECONNECT_MS));
      }
    }
  }

  async #write(client: WireClient): Promise<void> {
    if (this.#producerId < 0) this.#producerId = await newProducerId(client);
    const again = this.#open();
    const flying: Promise<unknown>[] = [];
    const send = (batch: SentBatch) => {
      const sending = this.#send(client, batch);
      // It is awaited in its turn; until then a failure must not count as nobody's.
      sending.catch(() => {});
      flying.push(sending);
    };
    for (const batch of again) send(batch);
    while (!this.#stopped || flying.length > 0) {
      while (!this.#stopped && flying.length < IN_FLIGHT) send(this.#next());
      await flying.shift();
    }
  }

  #open(): SentBatch[] {
    return this.batches.filter(({ baseOffset }) => baseOffset === null);
  }

  #next(): SentBatch {
    const partition = this.#random.pick(this.#partitions);
    const firstNumber = this.#sent.get(partition) ?? 0;
    const count = 1 + this.#random.below(RECORDS_MAX);
    const compression = this.#random.pick(CODECS);
    const batch = { partition, firstNumber, count, compression, baseOffset: null };
    this.#sent.set(partition, firstNumber + count);
    this.batches.push(batch);
    return batch;
  }

  async #send(client: WireClient, batch: SentBatch): Promise<void> {
    const { partition, firstNumber, count, compression } = batch;
    const encoder = new TextEncoder();
    const records = Array.from({ length: count }, (_, index) => ({
      key: encoder.encode(String((firstNumber + index) % KEYS)),
      value: encoder.encode(recordValue(partition, firstNumber + index)),
    }));
    const bytes = buildBatch(records, {
      compression,
      producerId: this.#producerId,
      producerEpoch: 0,
      baseSequence: firstNumber,
    });
    const { errorCode, baseOffset } = await produce(client, this.#topic, bytes, { partition, version: 12 });
    const place = `batch ${firstNumber} of partition ${partition}`;
    assertTaken(errorCode, place);
    if (baseOffset !== firstNumber) throw new BrokerRefused(`offset ${baseOffset} for ${place}`);
    batch.baseOffset = baseOffset;
  }
}

/** Whether this is what a client of a broker that is down, or was killed under it, meets. */
export function isBrokerGone(error: unknown): boolean {
  return error instanceof ConnectionEnded || error instanceof Deno.errors.ConnectionRefused ||
    error instanceof Deno.errors.ConnectionReset;
}
