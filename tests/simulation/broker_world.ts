import assert from "node:assert/strict";
import { Broker, type BrokerConfig } from "../../src/broker/mod.ts";
import { ErrorCode, errorName } from "../../src/base/error_codes.ts";
import type { Http } from "../../src/io/http.ts";
import { SimClock } from "../../src/io/sim/clock.ts";
import { SimDisk } from "../../src/io/sim/disk.ts";
import { SimNetwork } from "../../src/io/sim/network.ts";
import { SimRandom } from "../../src/io/sim/random.ts";
import { createTopicsRequest } from "../../src/protocol/generated/create_topics_request.ts";
import { createTopicsResponse } from "../../src/protocol/generated/create_topics_response.ts";
import { readPartition } from "../support/read_partition.ts";
import { WireClient } from "../support/wire_client.ts";
import { type SentBatch, SimProducer } from "./sim_producer.ts";

const KIB = 1024;
const ADDRESS = { host: "klite", port: 9092 };
const TOPIC = "sim";

/** Small, so that a short run sees segments roll over, snapshots and recycling. */
const CONFIG: BrokerConfig = {
  listen: ADDRESS,
  advertised: null,
  healthAddress: null,
  dataDir: "",
  clusterId: null,
  nodeId: 1,
  topics: [],
  defaultPartitions: 1,
  autoCreateTopics: false,
  walSyncIntervalMs: 0,
  walSegmentBytes: 64 * KIB,
  walMaxDiskBytes: 0,
  tailMemoryBytes: 128 * KIB,
  batchValidation: "relaxed",
  ackBeforeSync: false,
  acceptDataLoss: false,
};

const noHttp: Http = {
  serve: () => assert.fail("health is off"),
  get: () => assert.fail("nobody asks"),
};

/**
 * A whole broker on a simulated machine through many lives, with producers that
 * repeat what was not answered, and a model of what was. After each crash the log
 * must hold all that was acknowledged or seen, in order, and nothing else.
 */
export class BrokerWorld {
  readonly random: SimRandom;
  readonly producers: SimProducer[];
  clock = new SimClock();
  disk: SimDisk;
  /** Records per partition that some consumer has seen: they may never go away. */
  readonly #seen: number[];
  #network = new SimNetwork();
  #broker: Broker | null = null;
  #config: BrokerConfig;

  constructor(seed: number, partitions: number) {
    this.random = new SimRandom(seed);
    this.disk = new SimDisk({ clock: this.clock, random: this.random.fork() });
    this.#config = { ...CONFIG, walSyncIntervalMs: this.random.chance(0.2) ? 3 : 0 };
    this.producers = Array.from(
      { length: partitions },
      (_, i) => new SimProducer(TOPIC, i, this.random.fork()),
    );
    this.#seen = this.producers.map(() => 0);
  }

  /** Begins a life: recovers, and checks what came back against the model. */
  async start(): Promise<void> {
    this.#network = new SimNetwork({ random: this.random.fork() });
    const { clock, disk } = this;
    const io = { clock, disk, random: this.random.fork(), network: this.#network, http: noHttp };
    this.#broker = await clock.run(Broker.open(this.#config, io, () => {}));
    await this.#createTopic();
    await this.#check();
  }

  /** All producers write, each over a connection of its own, for so many events of the simulated world. */
  async write(events: number): Promise<void> {
    for (const producer of this.producers) producer.begin(this.#connect());
    for (let i = 0; i < events; i++) {
      for (const producer of this.producers) producer.sendSome();
      await this.clock.step();
    }
    for (const producer of this.producers) producer.assertUnrefused();
  }

  /** A consumer reads everything while producers go on. */
  async look(): Promise<void> {
    const client = this.#connect();
    for (const [index, producer] of this.producers.entries()) {
      const records = await this.clock.run(readPartition(client, TOPIC, index));
      this.#compare(producer, records.map(({ value }) => value), index);
      this.#seen[index] = Math.max(this.#seen[index] ?? 0, records.length);
    }
  }

  /** An orderly end. */
  async stop(): Promise<void> {
    assert.ok(this.#broker !== null);
    await this.clock.run(this.#broker.stop("the simulation says so"));
    this.#nextLife((options) => this.disk.restart(options));
  }

  /** SIGKILL: what the system has in its cache stays. */
  kill(): void {
    this.#nextLife((options) => this.disk.restart(options));
  }

  /** The power goes: unsynced writes survive, vanish or tear. */
  powerCut(): void {
    this.#nextLife((options) => this.disk.powerCut(options));
  }

  #nextLife(next: (options: { clock: SimClock; random: SimRandom }) => SimDisk): void {
    for (const producer of this.producers) producer.cut();
    this.clock = new SimClock(this.clock.monotonicMs());
    this.disk = next({ clock: this.clock, random: this.random.fork() });
    this.#broker = null;
  }

  #connect(): WireClient {
    const socket = this.#network.connect(ADDRESS);
    return new WireClient({
      read: (into) => socket.read(into),
      write: (bytes) => socket.write(bytes).then(() => bytes.length),
      close: () => socket.close(),
    });
  }

  async #createTopic(): Promise<void> {
    const response = await this.clock.run(
      this.#connect().send(createTopicsRequest, createTopicsResponse, 7, {
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
    const client = this.#connect();
    for (const [index, producer] of this.producers.entries()) {
      const records = await this.clock.run(readPartition(client, TOPIC, index));
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

export type { SentBatch };
