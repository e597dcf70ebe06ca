import assert from "node:assert/strict";
import type { SimRandom } from "../../src/io/sim/random.ts";
import { offsetFetchRequest } from "../../src/protocol/generated/offset_fetch_request.ts";
import { offsetFetchResponse } from "../../src/protocol/generated/offset_fetch_response.ts";
import { readCommitted } from "../support/read_committed.ts";
import { only, type TopicRef } from "../support/requests.ts";
import { TransactionProgram } from "../support/transaction_program.ts";
import { TransactionalProducer } from "../support/transactional_producer.ts";
import { WireClient } from "../support/wire_client.ts";
import { isBrokerGone } from "./idempotent_writer.ts";

const PARTITIONS = 3;
const RECONNECT_MS = 10;

/** A program with transactions, which is started again whenever its broker is. */
export class TransactionalWriter {
  static readonly partitions = PARTITIONS;
  readonly topic: TopicRef;
  readonly #port: number;
  readonly #program: TransactionProgram;

  /** Nobody else writes to the topic. */
  constructor(port: number, topic: TopicRef, random: SimRandom) {
    this.#port = port;
    this.topic = topic;
    this.#program = new TransactionProgram(topic.name, topic.name, PARTITIONS, random);
  }

  stop(): void {
    this.#program.stop();
  }

  async run(): Promise<void> {
    while (!this.#program.isStopped) {
      try {
        await using client = await WireClient.connect(this.#port);
        await this.#program.begin(client);
      } catch (error) {
        if (!isBrokerGone(error)) throw error;
      }
      this.#program.assertUnrefused();
      await new Promise((resolve) => setTimeout(resolve, RECONNECT_MS));
    }
  }

  /** Each transaction is there as a whole, with its offset, or not at all; answers how many records there are. */
  async check(client: WireClient): Promise<number> {
    assert.equal(await new TransactionalProducer(client, this.#program.id).init(), 0);
    const seen: string[][] = [];
    for (let partition = 0; partition < PARTITIONS; partition++) {
      seen.push(await readCommitted(client, this.topic, partition));
    }
    assert.deepEqual(seen, this.#program.settle(new Set(seen.flat())));
    const answer = await client.send(offsetFetchRequest, offsetFetchResponse, 7, {
      groupId: this.#program.id,
      topics: [{ name: this.topic.name, partitionIndexes: [0] }],
      groups: [],
    });
    const { committedOffset } = only(answer.topics.flatMap(({ partitions }) => partitions));
    assert.equal(committedOffset, this.#program.committedOffset);
    return seen.flat().length;
  }
}
