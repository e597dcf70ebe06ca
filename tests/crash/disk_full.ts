import assert from "node:assert/strict";
import { ErrorCode } from "../../src/base/error_codes.ts";
import { buildBatch } from "../../src/records/compress.ts";
import {
  createTopic,
  LATEST,
  newProducerId,
  offsetOf,
  produce,
  readAll,
  type TopicRef,
} from "../support/requests.ts";
import type { WireClient } from "../support/wire_client.ts";

const BATCH_BYTES = 200_000;
/** More than any disk of these tests holds. */
const BATCHES_MAX = 1000;
const RETRY_MS = 50;

/** An idempotent producer that fills a disk, and remembers what was acknowledged. */
export class DiskFiller {
  readonly topic: TopicRef;
  readonly #producerId: number;
  #acknowledged = 0;

  private constructor(topic: TopicRef, producerId: number) {
    this.topic = topic;
    this.#producerId = producerId;
  }

  static async start(client: WireClient): Promise<DiskFiller> {
    return new DiskFiller(await createTopic(client, "filler"), await newProducerId(client));
  }

  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** Writes until the broker says that it cannot store more. */
  async fill(client: WireClient): Promise<void> {
    while (await this.#write(client) === ErrorCode.NONE) {
      assert.ok(this.#acknowledged < BATCHES_MAX, "the disk is full at last");
    }
  }

  /** The disk is full: what that means for everyone. */
  async checkFull(client: WireClient): Promise<void> {
    for (let attempt = 0; attempt < 3; attempt++) {
      assert.equal(await this.#write(client), ErrorCode.KAFKA_STORAGE_ERROR);
      const { errorCode, offset } = await offsetOf(client, this.topic, LATEST);
      assert.deepEqual(
        [errorCode, offset],
        [ErrorCode.NONE, this.#acknowledged],
        "the log's end has not moved",
      );
    }
    await this.checkContent(client);
  }

  /** Everything acknowledged is there, once and in order, and nothing else. */
  async checkContent(client: WireClient): Promise<void> {
    const records = await readAll(client, this.topic);
    const numbers = records.map(({ offset, value }) => `${offset} ${value?.slice(0, 10).trim()}`);
    assert.deepEqual(
      numbers,
      Array.from({ length: this.#acknowledged }, (_, number) => `${number} ${number}`),
    );
  }

  /** There is room again: the refused batch is taken as soon as the broker has noticed, and so is the next. */
  async resume(client: WireClient): Promise<void> {
    while (await this.#write(client) !== ErrorCode.NONE) {
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
    assert.equal(await this.#write(client), ErrorCode.NONE);
    await this.checkContent(client);
  }

  /** Sends the batch behind those that were acknowledged, as often as it takes. */
  async #write(client: WireClient): Promise<number> {
    const number = this.#acknowledged;
    const value = new TextEncoder().encode(String(number).padEnd(BATCH_BYTES));
    const batch = buildBatch([{ value, timestampMs: Date.now() }], {
      producerId: this.#producerId,
      producerEpoch: 0,
      baseSequence: number,
    });
    const { errorCode, baseOffset } = await produce(client, this.topic, batch);
    if (errorCode === ErrorCode.NONE) {
      assert.equal(baseOffset, number);
      this.#acknowledged++;
    }
    return errorCode;
  }
}
