import assert from "node:assert/strict";
import { ErrorCode } from "../../src/base/error_codes.ts";
import type { BrokerConfig } from "../../src/broker/mod.ts";
import { SimObjectStore } from "../../src/io/sim/object_store.ts";
import { objectKey } from "../../src/objects/object_keys.ts";
import { buildBatch } from "../../src/records/compress.ts";
import {
  createTopic,
  deleteTopic,
  newProducerId,
  produce,
  readAll,
  type TopicRef,
} from "../support/requests.ts";
import { SEGMENT_BYTES, SimBroker } from "../support/sim_broker.ts";
import type { WireClient } from "../support/wire_client.ts";
import type { Scenario } from "./runner.ts";

const CLUSTER_ID = "sim";
const STEPS = 30;
const MINUTE_MS = 60_000;
const RECORD_BYTES_MAX = 12_000;

/** What an idempotent producer has written to one partition. */
interface Written {
  readonly topic: TopicRef;
  readonly partition: number;
  readonly producerId: number;
  /** Sizes of the records that were acknowledged, in order. */
  readonly sizes: number[];
  /** Of the one that is to come next: once sent it may be there, and is sent again until it is acknowledged. */
  nextBytes: number;
  /** Whether that may be there already. */
  mayBeThere: boolean;
}

/** A broker with objects, in a bucket or beside its log, through lives in which disk and store do what they can. */
class FlushLife {
  readonly #sim: SimBroker;
  readonly #config: Partial<BrokerConfig>;
  #written: Written[] = [];
  #client: WireClient;
  #topicCount = 0;

  private constructor(sim: SimBroker, config: Partial<BrokerConfig>) {
    this.#sim = sim;
    this.#config = config;
    this.#client = sim.connect();
  }

  static async start(seed: number): Promise<FlushLife> {
    const sim = new SimBroker(seed);
    const { random, clock } = sim;
    const isRemote = random.chance(0.6);
    if (isRemote) sim.store = new SimObjectStore({ clock, random: random.fork() });
    const config = {
      clusterId: CLUSTER_ID,
      s3Bucket: isRemote ? "bucket" : null,
      walMaxDiskBytes: (3 + random.below(6)) * SEGMENT_BYTES,
      s3FlushIntervalMs: random.pick([2000, 20_000, 60_000]),
      s3FlushCheckIntervalMs: 1000,
      s3TargetObjectBytes: random.pick([20_000, 100_000, 2 ** 26]),
      compactionCheckIntervalMs: random.pick([5000, 86_400_000]),
    };
    await sim.start(config);
    const life = new FlushLife(sim, config);
    await life.#addTopic();
    return life;
  }

  async step(): Promise<void> {
    const { random } = this.#sim;
    const dice = random.unit();
    if (dice < 0.55) await this.#write(1 + random.below(12));
    else if (dice < 0.7) {
      await this.#sim.clock.advance(random.below(random.pick([100, 10_000, 3 * MINUTE_MS])));
    } else if (dice < 0.76) await this.#check();
    else if (dice < 0.8) await this.#addTopic();
    else if (dice < 0.83) await this.#removeTopic();
    else if (dice < 0.92) this.#setFaults();
    else await this.#endLife();
  }

  /** All faults end: everything catches up, and what is stored is what the metadata names. */
  async end(): Promise<void> {
    const { clock } = this.#sim;
    this.#clearFaults();
    await clock.advance(5 * MINUTE_MS);
    for (const each of this.#written) await this.#writeOne(each, true);
    await this.#check();
    await this.#sim.stop();
    await this.#sim.start(this.#config);
    this.#client = this.#sim.connect();
    await this.#check();
    await this.#checkObjects();
    await this.#sim.stop();
  }

  async #write(count: number): Promise<void> {
    const { random } = this.#sim;
    for (let left = count; left > 0; left--) await this.#writeOne(random.pick(this.#written), false);
  }

  /** Sends the partition's next record, again if need be when it `mustSucceed`. */
  async #writeOne(each: Written, mustSucceed: boolean): Promise<void> {
    for (let attempt = 0;; attempt++) {
      each.mayBeThere = true;
      const errorCode = await this.#sim.run(this.#send(each));
      if (errorCode === ErrorCode.NONE) return this.#acknowledged(each);
      assert.equal(errorCode, ErrorCode.KAFKA_STORAGE_ERROR);
      each.mayBeThere = false;
      if (!mustSucceed) return;
      assert.ok(attempt < 20, "there is room again");
    }
  }

  async #send({ topic, partition, producerId, sizes, nextBytes }: Written): Promise<number> {
    const value = new TextEncoder().encode(String(sizes.length).padEnd(nextBytes));
    const batch = buildBatch([{ value, timestampMs: this.#sim.clock.nowMs() }], {
      producerId,
      producerEpoch: 0,
      baseSequence: sizes.length,
    });
    return (await produce(this.#client, topic, batch, { partition })).errorCode;
  }

  #acknowledged(each: Written): void {
    each.sizes.push(each.nextBytes);
    each.nextBytes = 10 + this.#sim.random.below(RECORD_BYTES_MAX);
    each.mayBeThere = false;
  }

  async #addTopic(): Promise<void> {
    const { random } = this.#sim;
    if (this.#topicCount > 0 && this.#sim.running.engine.room.isBusy) return;
    const name = `topic-${this.#topicCount++}`;
    const partitions = 1 + random.below(3);
    try {
      const topic = await this.#sim.run(createTopic(this.#client, name, { partitions }));
      for (let partition = 0; partition < partitions; partition++) {
        const producerId = await this.#sim.run(newProducerId(this.#client));
        const nextBytes = 10 + random.below(RECORD_BYTES_MAX);
        this.#written.push({ topic, partition, producerId, sizes: [], nextBytes, mayBeThere: false });
      }
    } catch (error) {
      // A log that is full takes no topics and no producers either.
      assert.ok(error instanceof Error && /error (?:56|15)\b/.test(error.message), String(error));
    }
  }

  async #removeTopic(): Promise<void> {
    const name = this.#sim.random.pick(this.#written).topic.name;
    const others = this.#written.filter(({ topic }) => topic.name !== name);
    if (others.length === 0) return;
    if (await this.#sim.run(deleteTopic(this.#client, name)) === ErrorCode.NONE) this.#written = others;
  }

  #setFaults(): void {
    const { random, store, clock } = this.#sim;
    if (store === undefined) return;
    store.faults.failChance = random.pick([0, 0, 0.1, 0.5]);
    store.faults.lostAnswerChance = random.pick([0, 0, 0.1, 0.5]);
    const awayMs = random.chance(0.3) ? random.below(5 * MINUTE_MS) : 0;
    store.faults.awayUntilMs = clock.monotonicMs() + awayMs;
  }

  #clearFaults(): void {
    const faults = this.#sim.store?.faults;
    if (faults === undefined) return;
    faults.failChance = faults.lostAnswerChance = faults.awayUntilMs = 0;
  }

  /** The broker ends in some way in the middle of whatever it does, and starts again. */
  async #endLife(): Promise<void> {
    const sim = this.#sim;
    const { random } = sim;
    const each = random.pick(this.#written);
    each.mayBeThere = true;
    let isAnswered = false;
    const sending = this.#send(each).then((errorCode) => {
      isAnswered = true;
      if (errorCode === ErrorCode.NONE) this.#acknowledged(each);
      else each.mayBeThere = false;
    }, () => {});
    await sim.clock.advance(random.unit() * random.pick([1, 20, 2000]));
    if (random.chance(0.3)) {
      if (!isAnswered) await sim.run(sending);
      await sim.stop();
    } else if (random.chance(0.5)) sim.kill();
    else sim.powerCut();
    sim.store = sim.store?.restart({ clock: sim.clock, random: random.fork() });
    await sim.start(this.#config);
    this.#client = sim.connect();
  }

  /** All that was acknowledged is there, once and in order, and nothing else but perhaps the next one. */
  async #check(): Promise<void> {
    for (const { topic, partition, sizes, nextBytes, mayBeThere } of this.#written) {
      // A store with faults may fail reads, too, which clients repeat.
      const faults = this.#sim.store?.faults;
      const before = faults === undefined ? null : { ...faults };
      this.#clearFaults();
      const records = await this.#sim.run(readAll(this.#client, topic, partition));
      if (faults !== undefined && before !== null) Object.assign(faults, before);
      const expected = sizes.map((bytes, number) => `${number} ${number} ${bytes}`);
      const found = records.map(({ offset, value }) => `${offset} ${value?.trim()} ${value?.length}`);
      if (mayBeThere && found.length > sizes.length) {
        expected.push(`${sizes.length} ${sizes.length} ${nextBytes}`);
      }
      assert.deepEqual(found, expected, `${topic.name}-${partition}`);
    }
  }

  /** Every object that the metadata names is in the store, and sound. */
  async #checkObjects(): Promise<void> {
    const { engine } = this.#sim.running;
    const { jobs } = await this.#sim.run(engine.tier.open());
    for (const log of engine.logs) {
      for (const object of log.objects) {
        const problem = await this.#sim.run(jobs.verify({ partition: log.place, object }));
        assert.equal(problem, null, objectKey(CLUSTER_ID, log.place, object));
      }
      if (this.#config.s3Bucket !== null) {
        assert.equal(log.storedEnd, log.logEndOffset, "a stop has stored everything");
      }
    }
  }
}

/** Records become objects while stores fail, topics go and brokers die: nothing is lost, and nothing is there twice. */
export const flushedLives: Scenario = {
  name: "flushed-lives",
  async run(seed) {
    const life = await FlushLife.start(seed);
    for (let step = 0; step < STEPS; step++) await life.step();
    await life.end();
  },
};
