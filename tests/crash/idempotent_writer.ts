import { ErrorCode, errorName } from "../../src/base/error_codes.ts";
import { initProducerIdRequest } from "../../src/protocol/generated/init_producer_id_request.ts";
import { initProducerIdResponse } from "../../src/protocol/generated/init_producer_id_response.ts";
import { produceRequest } from "../../src/protocol/generated/produce_request.ts";
import { produceResponse } from "../../src/protocol/generated/produce_response.ts";
import { buildBatch } from "../../src/records/mod.ts";
import { WireClient } from "../support/wire_client.ts";

const PRODUCE_VERSION = 12;
const ACKS_ALL = -1;
/** As Java's producer: more could not be told apart by the broker. */
const IN_FLIGHT = 5;
const RECONNECT_MS = 20;

/** A batch that was sent; `baseOffset` once the broker has acknowledged it. */
export interface SentBatch {
  readonly firstNumber: number;
  readonly count: number;
  baseOffset: number | null;
}

/** What a writer's records hold: their own number, and filling. */
export function recordValue(number: number): string {
  return `${number}:${"x".repeat(number % 700)}`;
}

/**
 * An idempotent producer of one partition that does not give up: whatever happens
 * to the broker, it connects again and repeats, in order, what was not answered.
 */
export class IdempotentWriter {
  readonly batches: SentBatch[] = [];
  readonly #port: number;
  readonly #topic: string;
  readonly #partition: number;
  readonly #random: () => number;
  #producerId = -1;
  #numbers = 0;
  #stopped = false;

  constructor(port: number, topic: string, partition: number, random: () => number) {
    this.#port = port;
    this.#topic = topic;
    this.#partition = partition;
    this.#random = random;
  }

  get partition(): number {
    return this.#partition;
  }

  /** Records whose batch was acknowledged. */
  get acknowledged(): number {
    return this.batches.reduce((sum, { count, baseOffset }) => baseOffset === null ? sum : sum + count, 0);
  }

  /** No new batches; {@link run} ends when all that were sent are acknowledged. */
  stop(): void {
    this.#stopped = true;
  }

  async run(): Promise<void> {
    while (!this.#stopped || this.#open().length > 0) {
      try {
        await using client = await WireClient.connect(this.#port);
        await this.#write(client);
      } catch (error) {
        if (error instanceof BrokerRefused) throw error;
        // The broker is down or was killed under us: that is what this is about.
        await new Promise((resolve) => setTimeout(resolve, RECONNECT_MS));
      }
    }
  }

  async #write(client: WireClient): Promise<void> {
    if (this.#producerId < 0) await this.#takeId(client);
    const again = this.#open();
    const flying: Promise<void>[] = again.map((batch) => this.#send(client, batch));
    flying.forEach((send) => send.catch(() => {}));
    while (!this.#stopped || flying.length > 0) {
      while (!this.#stopped && flying.length < IN_FLIGHT) {
        const send = this.#send(client, this.#next());
        send.catch(() => {});
        flying.push(send);
      }
      await flying.shift();
    }
  }

  async #takeId(client: WireClient): Promise<void> {
    const answer = await client.send(initProducerIdRequest, initProducerIdResponse, 5, {
      transactionalId: null,
      transactionTimeoutMs: 60_000,
    });
    if (answer.errorCode !== ErrorCode.NONE) throw new BrokerRefused(errorName(answer.errorCode));
    this.#producerId = answer.producerId;
  }

  #open(): SentBatch[] {
    return this.batches.filter(({ baseOffset }) => baseOffset === null);
  }

  #next(): SentBatch {
    const count = 1 + Math.floor(this.#random() * 40);
    const batch: SentBatch = { firstNumber: this.#numbers, count, baseOffset: null };
    this.#numbers += count;
    this.batches.push(batch);
    return batch;
  }

  async #send(client: WireClient, batch: SentBatch): Promise<void> {
    const encoder = new TextEncoder();
    const values = Array.from(
      { length: batch.count },
      (_, i) => encoder.encode(recordValue(batch.firstNumber + i)),
    );
    const records = buildBatch(values.map((value) => ({ value })), {
      producerId: this.#producerId,
      producerEpoch: 0,
      baseSequence: batch.firstNumber,
    });
    const response = await client.send(produceRequest, produceResponse, PRODUCE_VERSION, {
      acks: ACKS_ALL,
      timeoutMs: 30_000,
      topicData: [{ name: this.#topic, partitionData: [{ index: this.#partition, records }] }],
    });
    const answer = response.responses[0]?.partitionResponses[0];
    if (answer?.errorCode !== ErrorCode.NONE) {
      throw new BrokerRefused(`${errorName(answer?.errorCode ?? -1)} for numbers from ${batch.firstNumber}`);
    }
    if (batch.baseOffset !== null && batch.baseOffset !== answer.baseOffset) {
      throw new BrokerRefused(`two offsets for one batch: ${batch.baseOffset}, ${answer.baseOffset}`);
    }
    batch.baseOffset = answer.baseOffset;
  }
}

/** The broker answered, and it should not have answered that. */
export class BrokerRefused extends Error {
  override readonly name = "BrokerRefused";
}
