import assert from "node:assert/strict";
import { ErrorCode, errorName } from "../../src/base/error_codes.ts";
import type { SimRandom } from "../../src/io/sim/random.ts";
import { createTopicsRequest } from "../../src/protocol/generated/create_topics_request.ts";
import { createTopicsResponse } from "../../src/protocol/generated/create_topics_response.ts";
import { readPartition } from "../support/read_partition.ts";
import { SimBroker } from "../support/sim_broker.ts";
import { SimProducer } from "./sim_producer.ts";

const TOPIC = "sim";

/**
 * A whole broker on a simulated machine through many lives, with producers that
 * repeat what was not answered, and a model of what was. After each crash the log
 * must hold all that was acknowledged or seen, in order, and nothing else.
 */
export class BrokerWorld {
  readonly random: SimRandom;
  readonly producers: SimProducer[];
  /** Records per partition that some consumer has seen: they may never go away. */
  readonly #seen: number[];
  /** Small segments, so that a short run sees them roll over, snapshots and recycling. */
  readonly #sim: SimBroker;
  readonly #walSyncIntervalMs: number;

  constructor(seed: number, partitions: number) {
    this.#sim = new SimBroker(seed);
    this.random = this.#sim.random;
    this.#walSyncIntervalMs = this.random.chance(0.2) ? 3 : 0;
    this.producers = Array.from(
      { length: partitions },
      (_, i) => new SimProducer(TOPIC, i, this.random.fork()),
    );
    this.#seen = this.producers.map(() => 0);
  }

  /** Begins a life: recovers, and checks what came back against the model. */
  async start(): Promise<void> {
    await this.#sim.start({ walSyncIntervalMs: this.#walSyncIntervalMs });
    await this.#createTopic();
    await this.#check();
  }

  /** All producers write, each over a connection of its own, for so many events of the simulated world. */
  async write(events: number): Promise<void> {
    for (const producer of this.producers) producer.begin(this.#sim.connect());
    for (let i = 0; i < events; i++) {
      for (const producer of this.producers) producer.sendSome();
      await this.#sim.clock.step();
    }
    for (const producer of this.producers) producer.assertUnrefused();
  }

  /** A consumer reads everything while producers go on. */
  async look(): Promise<void> {
    const client = this.#sim.connect();
    for (const [index, producer] of this.producers.entries()) {
      const records = await this.#sim.run(readPartition(client, TOPIC, index));
      this.#compare(producer, records.map(({ value }) => value), index);
      this.#seen[index] = Math.max(this.#seen[index] ?? 0, records.length);
    }
  }

  /** An orderly end. */
  async stop(): Promise<void> {
    await this.#sim.stop();
    this.kill();
  }

  /** SIGKILL: what the system has in its cache stays. */
  kill(): void {
    for (const producer of this.producers) producer.cut();
    this.#sim.kill();
  }

  /** The power goes: unsynced writes survive, vanish or tear. */
  powerCut(): void {
    for (const producer of this.producers) producer.cut();
    this.#sim.powerCut();
  }

  async #createTopic(): Promise<void> {
    const response = await this.#sim.run(
      this.#sim.connect().send(createTopicsRequest, createTopicsResponse, 7, {
        topics: [{
          name: TOPIC,
          numPartitions: this.producers.length,
          replicationFactor: 1,
          assignments: [],
          configs: [],
        }],
        timeoutMs: 1000,
        validateOnly: false,
      }),
    );
    const errorCode = response.topics[0]?.errorCode ?? ErrorCode.UNKNOWN_SERVER_ERROR;
    assert.ok(
      errorCode === ErrorCode.NONE || errorCode === ErrorCode.TOPIC_ALREADY_EXISTS,
      errorName(errorCode),
    );
  }

  async #check(): Promise<void> {
    const client = this.#sim.connect();
    for (const [index, producer] of this.producers.entries()) {
      const records = await this.#sim.run(readPartition(client, TOPIC, index));
      this.#compare(producer, records.map(({ value }) => value), index);
      const seen = this.#seen[index] ?? 0;
      assert.ok(
        records.length >= seen,
        `partition ${index} has ${records.length} records; ${seen} had been seen`,
      );
      this.#seen[index] = records.length;
    }
  }

  /** What is stored is the beginning of what was sent, and as long as what was acknowledged. */
  #compare(producer: SimProducer, values: readonly string[], partition: number): void {
    for (const [offset, value] of values.entries()) {
      assert.equal(value, producer.valueOf(offset), `offset ${offset} of partition ${partition}`);
    }
    for (const { firstNumber, count, baseOffset } of producer.batches) {
      if (baseOffset === null) continue;
      assert.equal(baseOffset, firstNumber, "a batch is acknowledged at the one offset that it has");
      assert.ok(firstNumber + count <= values.length, `acknowledged record ${firstNumber} is there`);
    }
  }
}
