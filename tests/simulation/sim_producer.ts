import { ErrorCode, errorName } from "../../src/base/error_codes.ts";
import type { SimRandom } from "../../src/io/sim/random.ts";
import { initProducerIdRequest } from "../../src/protocol/generated/init_producer_id_request.ts";
import { initProducerIdResponse } from "../../src/protocol/generated/init_producer_id_response.ts";
import { produceRequest } from "../../src/protocol/generated/produce_request.ts";
import { produceResponse } from "../../src/protocol/generated/produce_response.ts";
import { buildBatch } from "../../src/records/compress.ts";
import { ConnectionEnded, type WireClient } from "../support/wire_client.ts";

const IN_FLIGHT = 5;
const VALUE_BYTES_MAX = 3000;

/** A batch that was sent; `baseOffset` once it is acknowledged. */
export interface SentBatch {
  readonly firstNumber: number;
  readonly count: number;
  readonly records: Uint8Array;
  baseOffset: number | null;
}

/**
 * An idempotent producer of one partition, driven step by step. After its
 * connection was cut it repeats, in order, what was not answered.
 */
export class SimProducer {
  readonly batches: SentBatch[] = [];
  readonly #topic: string;
  readonly #partition: number;
  readonly #random: SimRandom;
  readonly #values: string[] = [];
  #client: WireClient | null = null;
  #producerId = -1;
  #inFlight = 0;
  /** Counts connections, so that answers of an old life are not taken for the new one's. */
  #life = 0;
  #refusal: string | null = null;

  constructor(topic: string, partition: number, random: SimRandom) {
    this.#topic = topic;
    this.#partition = partition;
    this.#random = random;
  }

  /** The value that was sent as the record of that number. */
  valueOf(number: number): string | undefined {
    return this.#values[number];
  }

  /** Takes a new connection and repeats what is open on it. */
  begin(client: WireClient): void {
    this.#client = client;
    this.#inFlight = 0;
    const life = ++this.#life;
    if (this.#producerId < 0) this.#watch(this.#takeId(client, life));
    else for (const batch of this.batches) if (batch.baseOffset === null) this.#send(batch);
  }

  /** The connection is gone, and what was in flight with it. */
  cut(): void {
    this.#client = null;
    this.#life++;
  }

  /** Sends up to a few new batches, as far as there may be more in flight. */
  sendSome(): void {
    if (this.#producerId < 0) return;
    while (this.#inFlight < IN_FLIGHT && this.#random.chance(0.5)) this.#send(this.#next());
  }

  /** Throws if the broker has answered what it must not answer. */
  assertUnrefused(): void {
    if (this.#refusal !== null) throw new Error(this.#refusal);
  }

  async #takeId(client: WireClient, life: number): Promise<void> {
    const request = { transactionalId: null, transactionTimeoutMs: 1000 };
    const answer = await client.send(initProducerIdRequest, initProducerIdResponse, 5, request);
    if (this.#life !== life) return;
    if (answer.errorCode !== ErrorCode.NONE) this.#refusal = `no producer id: ${errorName(answer.errorCode)}`;
    else this.#producerId = answer.producerId;
  }

  #next(): SentBatch {
    const count = 1 + this.#random.below(5);
    const firstNumber = this.#values.length;
    for (let i = 0; i < count; i++) {
      const filling = "x".repeat(this.#random.below(VALUE_BYTES_MAX));
      this.#values.push(`${this.#partition}/${firstNumber + i}:${filling}`);
    }
    const encoder = new TextEncoder();
    const values = this.#values.slice(firstNumber).map((value) => ({ value: encoder.encode(value) }));
    const records = buildBatch(values, {
      producerId: this.#producerId,
      producerEpoch: 0,
      baseSequence: firstNumber,
    });
    const batch: SentBatch = { firstNumber, count, records, baseOffset: null };
    this.batches.push(batch);
    return batch;
  }

  #send(batch: SentBatch): void {
    this.#inFlight++;
    this.#watch(this.#exchange(batch, this.#life));
  }

  async #exchange(batch: SentBatch, life: number): Promise<void> {
    const response = await this.#client?.send(produceRequest, produceResponse, 12, {
      acks: -1,
      timeoutMs: 1000,
      topicData: [{ name: this.#topic, partitionData: [{ index: this.#partition, records: batch.records }] }],
    });
    if (this.#life !== life) return;
    this.#inFlight--;
    const answer = response?.responses[0]?.partitionResponses[0];
    if (answer?.errorCode === ErrorCode.NONE) batch.baseOffset = answer.baseOffset;
    else this.#refusal ??= `${errorName(answer?.errorCode ?? -1)} for the batch from ${batch.firstNumber}`;
  }

  #watch(exchange: Promise<void>): void {
    exchange.catch((error) => {
      if (!(error instanceof ConnectionEnded)) this.#refusal ??= String(error);
    });
  }
}
